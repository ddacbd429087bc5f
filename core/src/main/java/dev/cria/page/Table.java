package dev.cria.page;

import dev.cria.format.Csv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table with a name for its files: {@code tables/ID.csv} and {@code tables/ID.md}.
 *
 * @param note a line under the table, empty for none
 */
public record Table(String id, String title, List<String> columns, List<List<Cell>> rows, String note) {

    public static Builder titled(String id, String title, String... columns) {
        return new Builder(id, title, List.of(columns));
    }

    public static Builder titled(String id, String title, List<String> columns) {
        return new Builder(id, title, columns);
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** RFC 4180, with all digits of every number. */
    public String csv() {
        StringBuilder csv = new StringBuilder(Csv.line(columns));
        rows.forEach(row -> csv.append(Csv.line(row.stream().map(Cell::raw).toList())));
        return csv.toString();
    }

    /** As GitHub reads it. */
    public String markdown() {
        StringBuilder md = new StringBuilder("**" + piped(title) + "**\n\n");
        md.append("| ")
                .append(columns.stream().map(Table::piped).collect(Collectors.joining(" | ")))
                .append(" |\n");
        md.append("|").append(" --- |".repeat(columns.size())).append('\n');
        for (List<Cell> row : rows) {
            md.append("| ")
                    .append(row.stream().map(c -> piped(c.shown())).collect(Collectors.joining(" | ")))
                    .append(" |\n");
        }
        return note.isEmpty()
                ? md.toString()
                : md.append('\n').append(Html.inMarkdown(note)).append('\n').toString();
    }

    /** As values and as Markdown, under its own name in a directory. */
    public void write(Path directory) throws IOException {
        Files.writeString(directory.resolve(id + ".csv"), csv());
        Files.writeString(directory.resolve(id + ".md"), markdown());
    }

    private static String piped(String text) {
        return Html.escape(text).replace("|", "\\|").replaceAll("\\R", "<br>");
    }

    /** Gathers rows as wide as the heading. */
    public static final class Builder {
        private final String id;
        private final String title;
        private final List<String> columns;
        private final List<List<Cell>> rows = new ArrayList<>();
        private String note = "";

        private Builder(String id, String title, List<String> columns) {
            this.id = id;
            this.title = title;
            this.columns = columns;
        }

        public Builder row(Cell... cells) {
            return row(List.of(cells));
        }

        public Builder row(List<Cell> cells) {
            if (cells.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "table " + id + " has " + columns.size() + " columns, a row " + cells.size());
            }
            rows.add(cells);
            return this;
        }

        public Builder note(String words) {
            note = words;
            return this;
        }

        public Table build() {
            return new Table(id, title, columns, List.copyOf(rows), note);
        }
    }
}
