package dev.cria.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Fills the template: one HTML file that needs nothing else to be read. */
final class Page {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");

    private Page() {}

    static String of(List<Run> runs, List<Section> all) {
        Run run = runs.getFirst();
        List<Section> shown = all.stream().filter(s -> !s.isEmpty()).toList();
        Map<String, String> values = new LinkedHashMap<>();
        values.put("title", Html.escape(run.name() + " · Cria report"));
        values.put("heading", Html.escape(run.name()));
        values.put("subtitle", Html.escape(subtitle(runs)));
        values.put("style", Resources.text("inks.css") + Resources.text("page.css"));
        values.put("script", Resources.text("page.js"));
        values.put("tiles", Headline.of(run).stream().map(Page::tile).collect(Collectors.joining("\n")));
        values.put(
                "links",
                shown.stream()
                        .map(s -> "<li><a href=\"#" + s.id() + "\">" + Html.escape(s.heading()) + "</a></li>")
                        .collect(Collectors.joining("\n")));
        values.put("sections", shown.stream().map(Page::section).collect(Collectors.joining()));
        values.put("footer", footer(all));
        return fill(Resources.text("page.html"), values);
    }

    private static String fill(String template, Map<String, String> values) {
        return PLACEHOLDER
                .matcher(template)
                .replaceAll(m -> Matcher.quoteReplacement(values.getOrDefault(m.group(1), "")));
    }

    private static String subtitle(List<Run> runs) {
        Run run = runs.getFirst();
        String architecture = run.model()
                .map(m -> m.path("architectures").path(0).asString(""))
                .filter(a -> !a.isEmpty())
                .map(a -> a + ", ")
                .orElse("");
        String last = "trained to step " + Numbers.count(run.last().step());
        String others = runs.size() == 1
                ? ""
                : ", beside " + runs.stream().skip(1).map(Run::name).collect(Collectors.joining(", "));
        return architecture + last + others;
    }

    private static String tile(Headline h) {
        return "<div><dt>%s</dt><dd class=\"value\">%s</dd><dd class=\"detail\">%s</dd></div>"
                .formatted(Html.escape(h.label()), Html.escape(h.value()), Html.escape(h.detail()));
    }

    private static String section(Section section) {
        StringBuilder html = new StringBuilder();
        html.append("<section id=\"%s\" aria-labelledby=\"%s-heading\">\n".formatted(section.id(), section.id()));
        html.append("<h2 id=\"%s-heading\">%s</h2>\n".formatted(section.id(), Html.escape(section.heading())));
        html.append("<p class=\"lead\">").append(Html.escape(section.lead())).append("</p>\n");
        html.append("<div class=\"parts\">\n");
        for (Section.Part part : section.parts()) {
            html.append(
                    switch (part) {
                        case Section.Part.Chart c -> ChartHtml.of(c.figure());
                        case Section.Part.Grid g -> TableHtml.of(g.table());
                        case Section.Part.Code c -> code(c);
                    });
        }
        return html.append("</div>\n</section>\n").toString();
    }

    private static String code(Section.Part.Code code) {
        String body = "<pre tabindex=\"0\">" + Html.escape(code.text()) + "</pre>";
        return switch (code.fold()) {
            case OPEN ->
                "<div class=\"card\"><div class=\"card-head\"><h3>" + Html.escape(code.title()) + "</h3></div>" + body
                        + "</div>\n";
            case FOLDED ->
                "<div class=\"card\"><details><summary>" + Html.escape(code.title()) + "</summary>" + body
                        + "</details></div>\n";
        };
    }

    private static String footer(List<Section> all) {
        String missing = all.stream()
                .filter(Section::isEmpty)
                .map(s -> "<li>" + Html.escape(s.heading()) + ": " + Html.escape(s.wants()) + "</li>")
                .collect(Collectors.joining("\n"));
        String left = missing.isEmpty()
                ? ""
                : "<details><summary>Not on this page, and what would bring it</summary><ul>\n" + missing
                        + "\n</ul></details>\n";
        return left + "<p>Made by Cria from the run's files alone. Published values: " + Html.escape(Paper.CITATION)
                + ". The whole page as text: <a href=\"report.md\">report.md</a></p>";
    }
}
