package dev.cria.page;

import java.util.List;
import java.util.stream.IntStream;

/** A table inside the page, sortable by each of its columns; a column without a single value is left out. */
final class TableHtml {
    /** Longer words than these get room to wrap. */
    private static final int PROSE = 48;

    /** Words up to this length stay on one line. */
    private static final int SHORT = 28;

    /** Characters that fit into half the page's width, the gaps between columns among them. */
    private static final int HALF_PAGE = 70;

    private static final int COLUMN_GAP = 4;

    private final Table table;
    private final List<Integer> columns;

    private TableHtml(Table table) {
        this.table = table;
        columns = IntStream.range(0, table.columns().size())
                .filter(c -> table.rows().stream().anyMatch(row -> row.get(c) != Cell.NONE))
                .boxed()
                .toList();
    }

    static String of(Table table) {
        return new TableHtml(table).html();
    }

    private String html() {
        StringBuilder html = new StringBuilder();
        html.append("<div class=\"card%s\" id=\"%s\">\n".formatted(isHalf() ? " half" : "", table.id()));
        html.append("""
            <div class="card-head"><h3 id="%1$s-title">%2$s</h3><span class="files"><a href="tables/%1$s.csv">CSV</a>\
            <a href="tables/%1$s.md">Markdown</a></span></div>
            <div class="scroll"><table aria-labelledby="%1$s-title">
            <thead><tr>\
            """.formatted(table.id(), Html.heading(table.title())));
        for (int column : columns) {
            html.append("<th scope=\"col\"%s><button type=\"button\">%s</button></th>"
                    .formatted(
                            isNumeric(column) ? " class=\"number\"" : "",
                            Html.heading(table.columns().get(column))));
        }
        html.append("</tr></thead>\n<tbody>\n");
        table.rows().forEach(row -> html.append(row(row)));
        html.append("</tbody></table></div>\n");
        if (!table.note().isEmpty()) {
            html.append("<p class=\"note\">").append(Html.escape(table.note())).append("</p>\n");
        }
        return html.append("</div>\n").toString();
    }

    private String row(List<Cell> row) {
        StringBuilder html = new StringBuilder("<tr>");
        for (int column : columns) {
            Cell cell = row.get(column);
            String value = cell instanceof Cell.Number ? " data-value=\"" + cell.raw() + '"' : "";
            html.append("<td").append(kind(cell, column)).append(value).append('>');
            html.append(Html.escape(withVisibleEdges(cell.shown()))).append("</td>");
        }
        return html.append("</tr>\n").toString();
    }

    private String kind(Cell cell, int column) {
        if (isNumeric(column)) {
            return " class=\"number\"";
        }
        int length = cell.shown().length();
        if (length > PROSE || cell.shown().contains("\n")) {
            return " class=\"prose\"";
        }
        return length <= SHORT ? " class=\"short\"" : "";
    }

    /** A column of numbers and blanks is set flush right. */
    private boolean isNumeric(int column) {
        return table.rows().stream().map(r -> r.get(column)).anyMatch(Cell.Number.class::isInstance)
                && table.rows().stream().map(r -> r.get(column)).noneMatch(Cell.Words.class::isInstance);
    }

    private boolean isHalf() {
        int characters = 0;
        for (int column : columns) {
            int widest = table.rows().stream()
                    .mapToInt(r -> r.get(column).shown().length())
                    .max()
                    .orElse(0);
            characters +=
                    COLUMN_GAP + Math.max(widest, table.columns().get(column).length());
        }
        return characters <= HALF_PAGE;
    }

    /** Spaces and line ends around a text are what a table of prompts is about: they are shown as signs. */
    private static String withVisibleEdges(String text) {
        int end = text.stripTrailing().length();
        int start = Math.min(text.length() - text.stripLeading().length(), end);
        return signs(text.substring(0, start)) + text.substring(start, end) + signs(text.substring(end));
    }

    private static String signs(String blanks) {
        return blanks.replace(" ", "␣").replace("\n", "⏎").replace("\t", "⇥");
    }
}
