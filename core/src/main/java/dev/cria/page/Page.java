package dev.cria.page;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Fills the template: one HTML file that needs nothing else to be read. */
public final class Page {
    private Page() {}

    /**
     * The page as HTML.
     *
     * @param title above it
     * @param kind of page, as the browser's tab and the line over the title say it: {@code training report}
     * @param subtitle below the title
     * @param sections all there may be: what an empty one wants is told at the end
     * @param closing last words, HTML
     */
    public record Head(String title, String kind, String subtitle, String closing) {}

    public static String of(Head head, List<Tile> tiles, List<Section> sections) {
        List<Section> shown = sections.stream().filter(s -> !s.isEmpty()).toList();
        Map<String, String> values = new LinkedHashMap<>();
        values.put("title", Html.escape(head.title() + " · Cria " + head.kind()));
        values.put("kind", Html.escape(head.kind()));
        values.put("heading", Html.escape(head.title()));
        values.put("subtitle", Html.breakable(head.subtitle()));
        values.put("style", Resources.text("inks.css") + Resources.text("page.css"));
        values.put("script", Resources.text("page.js"));
        values.put("tiles", tiles.stream().map(Page::tile).collect(Collectors.joining("\n")));
        values.put(
                "links",
                shown.stream()
                        .map(s -> "<li><a href=\"#" + s.id() + "\">" + Html.escape(s.heading()) + "</a></li>")
                        .collect(Collectors.joining("\n")));
        values.put("sections", shown.stream().map(Page::section).collect(Collectors.joining()));
        values.put("footer", missing(sections) + "<p>" + head.closing() + "</p>");
        return Html.fill(Resources.text("page.html"), values);
    }

    /** The colours that all pages share, as CSS variables, light or dark as the reader prefers. */
    public static String colours() {
        return Resources.text("inks.css");
    }

    private static String tile(Tile h) {
        return "<div><dt>%s</dt><dd class=\"value\">%s</dd><dd class=\"detail\">%s</dd></div>"
                .formatted(Html.escape(h.label()), Html.escape(h.value()), Html.escape(h.detail()));
    }

    private static String section(Section section) {
        StringBuilder html = new StringBuilder();
        html.append("<section id=\"%s\" aria-labelledby=\"%s-heading\">\n".formatted(section.id(), section.id()));
        html.append("<h2 id=\"%s-heading\">%s</h2>\n".formatted(section.id(), Html.heading(section.heading())));
        html.append("<p class=\"lead\">").append(Html.escape(section.lead())).append("</p>\n");
        html.append("<div class=\"parts\">\n");
        for (Section.Part part : section.parts()) {
            html.append(
                    switch (part) {
                        case Section.Part.Chart c -> ChartHtml.of(c.figure());
                        case Section.Part.Grid g -> TableHtml.of(g.table());
                        case Section.Part.Code c -> code(c);
                        case Section.Part.Card c -> card(c);
                    });
        }
        return html.append("</div>\n</section>\n").toString();
    }

    private static String code(Section.Part.Code code) {
        String body = "<pre tabindex=\"0\">" + Html.escape(code.text()) + "</pre>";
        return switch (code.fold()) {
            case OPEN ->
                "<div class=\"card\"><div class=\"card-head\"><h3>" + Html.heading(code.title()) + "</h3></div>" + body
                        + "</div>\n";
            case FOLDED ->
                "<div class=\"card\"><details><summary>" + Html.escape(code.title()) + "</summary>" + body
                        + "</details></div>\n";
        };
    }

    private static String card(Section.Part.Card card) {
        String heading = card.title().isEmpty()
                ? ""
                : "<div class=\"card-head\"><h3>" + Html.heading(card.title()) + "</h3></div>";
        String note = card.note().isEmpty() ? "" : "<p class=\"note\">" + Html.escape(card.note()) + "</p>";
        return "<div class=\"card\">" + heading + card.html() + note + "</div>\n";
    }

    private static String missing(List<Section> all) {
        String missing = all.stream()
                .filter(s -> s.isEmpty() && !s.wants().isEmpty())
                .map(s -> "<li>" + Html.escape(s.heading()) + ": " + Html.escape(s.wants()) + "</li>")
                .collect(Collectors.joining("\n"));
        return missing.isEmpty()
                ? ""
                : "<details><summary>Not on this page, and what would bring it</summary><ul>\n" + missing
                        + "\n</ul></details>\n";
    }
}
