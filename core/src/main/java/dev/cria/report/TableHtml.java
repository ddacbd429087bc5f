package dev.cria.report;

import java.util.List;

/** A table inside the page, sortable by each of its columns. */
final class TableHtml {
    /** Longer words than these get room to wrap. */
    private static final int PROSE = 48;

    private TableHtml() {}

    static String of(Table table) {
        StringBuilder html = new StringBuilder();
        html.append("<div class=\"card\" id=\"").append(table.id()).append("\">\n");
        html.append("<div class=\"card-head\"><h3 id=\"%s-title\">%s</h3>"
                .formatted(table.id(), Html.escape(table.title())));
        html.append("""
            <span class="files"><a href="tables/%1$s.csv">CSV</a><a href="tables/%1$s.md">Markdown</a></span></div>
            """.formatted(table.id()));
        html.append("<div class=\"scroll\"><table aria-labelledby=\"%s-title\">\n<thead><tr>".formatted(table.id()));
        for (int i = 0; i < table.columns().size(); i++) {
            html.append("<th scope=\"col\"%s><button type=\"button\">%s</button></th>"
                    .formatted(
                            isNumeric(table, i) ? " class=\"number\"" : "",
                            Html.escape(table.columns().get(i))));
        }
        html.append("</tr></thead>\n<tbody>\n");
        table.rows().forEach(row -> html.append(row(table, row)));
        html.append("</tbody></table></div>\n");
        if (!table.note().isEmpty()) {
            html.append("<p class=\"note\">").append(Html.escape(table.note())).append("</p>\n");
        }
        return html.append("</div>\n").toString();
    }

    private static String row(Table table, List<Cell> row) {
        StringBuilder html = new StringBuilder("<tr>");
        for (int i = 0; i < row.size(); i++) {
            Cell cell = row.get(i);
            String kind = isNumeric(table, i) ? " class=\"number\"" : "";
            if (cell instanceof Cell.Words w
                    && (w.text().length() > PROSE || w.text().contains("\n"))) {
                kind = " class=\"prose\"";
            }
            String value = cell instanceof Cell.Number ? " data-value=\"" + cell.raw() + '"' : "";
            html.append("<td").append(kind).append(value).append('>');
            html.append(Html.escape(withVisibleEdges(cell.shown()))).append("</td>");
        }
        return html.append("</tr>\n").toString();
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

    /** A column of numbers, or of none and blanks, is set flush right. */
    private static boolean isNumeric(Table table, int column) {
        return table.rows().stream().map(r -> r.get(column)).anyMatch(Cell.Number.class::isInstance)
                && table.rows().stream().map(r -> r.get(column)).noneMatch(Cell.Words.class::isInstance);
    }
}
