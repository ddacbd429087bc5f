package dev.cria.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table with a name for its files: {@code tables/ID.csv} and {@code tables/ID.md}.
 *
 * @param note a line under the table, empty for none
 */
record Table(String id, String title, List<String> columns, List<List<Cell>> rows, String note) {

    static Builder titled(String id, String title, String... columns) {
        return new Builder(id, title, List.of(columns));
    }

    static Builder titled(String id, String title, List<String> columns) {
        return new Builder(id, title, columns);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** RFC 4180, with all digits of every number. */
    String csv() {
        StringBuilder csv = new StringBuilder();
        csv.append(columns.stream().map(Table::quoted).collect(Collectors.joining(",")))
                .append("\r\n");
        for (List<Cell> row : rows) {
            csv.append(row.stream().map(c -> quoted(c.raw())).collect(Collectors.joining(",")))
                    .append("\r\n");
        }
        return csv.toString();
    }

    /** As GitHub reads it. */
    String markdown() {
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
                : md.append('\n').append(note).append('\n').toString();
    }

    private static String quoted(String text) {
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    private static String piped(String text) {
        return Html.escape(text).replace("|", "\\|").replaceAll("\\R", "<br>");
    }

    /** Gathers rows as wide as the heading. */
    static final class Builder {
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

        Builder row(Cell... cells) {
            return row(List.of(cells));
        }

        Builder row(List<Cell> cells) {
            if (cells.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "table " + id + " has " + columns.size() + " columns, a row " + cells.size());
            }
            rows.add(cells);
            return this;
        }

        Builder note(String words) {
            note = words;
            return this;
        }

        Table build() {
            return new Table(id, title, columns, List.copyOf(rows), note);
        }
    }
}
