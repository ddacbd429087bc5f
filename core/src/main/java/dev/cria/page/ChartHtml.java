package dev.cria.page;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A figure inside the page: legend, panels drawn for a wide and for a narrow screen, and the values for the pointer. */
final class ChartHtml {
    /** As many points as the eye can follow with a pointer. */
    private static final int POINTS = 200;

    private ChartHtml() {}

    static String of(Figure figure) {
        StringBuilder html = new StringBuilder();
        html.append("<figure class=\"card\" id=\"").append(figure.id()).append("\">\n");
        html.append("<div class=\"card-head\"><h3>")
                .append(Html.heading(figure.title()))
                .append("</h3>");
        html.append(files(figure.id())).append("</div>\n");
        html.append(legend(figure.legend()));
        html.append("<div class=\"panels\">\n");
        figure.panels().forEach(panel -> html.append(panel(panel)));
        html.append("</div>\n").append(milestones(figure.milestones()));
        if (!figure.caption().isEmpty()) {
            html.append("<figcaption>").append(Html.escape(figure.caption())).append("</figcaption>\n");
        }
        return html.append("</figure>\n").toString();
    }

    private static String files(String id) {
        return """
            <span class="files"><a href="figures/%1$s.svg">SVG</a><a href="figures/%1$s.png">PNG</a>\
            <a href="figures/%1$s.csv">CSV</a></span>\
            """.formatted(id);
    }

    private static String legend(List<Figure.Key> keys) {
        if (keys.size() < 2) {
            return "";
        }
        StringBuilder html = new StringBuilder("<ul class=\"legend\">\n");
        for (Figure.Key key : keys) {
            Mark sign = key.style() == Series.Style.PUBLISHED
                    ? new Mark.Dot(new Point(9, 6), 3.6, key.ink(), Mark.Fill.HOLLOW)
                    : new Mark.Path(List.of(new Point(1, 6), new Point(17, 6)), key.ink(), 2.5, Mark.Stroke.SOLID);
            html.append("<li><svg width=\"18\" height=\"12\" aria-hidden=\"true\">")
                    .append(Svg.marks(List.of(sign)))
                    .append("</svg>")
                    .append(Html.escape(key.words()))
                    .append("</li>\n");
        }
        return html.append("</ul>\n").toString();
    }

    private static String panel(Panel panel) {
        return """
            <div class="panel" tabindex="0" role="group" aria-label="%s. Arrow keys read values.">
            %s%s<script type="application/json">%s</script>
            </div>
            """.formatted(
                        Html.escape(panel.title()),
                        svg(panel, "wide", Figure.WIDE, Figure.PANEL_HEIGHT),
                        svg(panel, "narrow", Figure.NARROW, Figure.NARROW_HEIGHT),
                        Html.scriptJson(values(panel)));
    }

    private static String svg(Panel panel, String kind, double width, double height) {
        PanelPainter.Painted painted = PanelPainter.paint(panel, width, height);
        return """
            <svg class="%s" viewBox="0 0 %s %s" role="img" aria-label="%s" data-frame="%s" data-x-scale="%s" data-scale="%s">
            %s</svg>
            """.formatted(
                        kind,
                        Svg.number(width),
                        Svg.number(height),
                        Html.escape(panel.inWords()),
                        frame(painted),
                        scale(painted.x()),
                        scale(painted.y()),
                        Svg.marks(painted.marks()));
    }

    private static String scale(Axis axis) {
        return axis instanceof Axis.Log ? "log" : "linear";
    }

    private static String frame(PanelPainter.Painted p) {
        return "%s %s %s %s %s %s %s %s"
                .formatted(
                        Svg.number(p.left()),
                        Svg.number(p.top()),
                        Svg.number(p.right()),
                        Svg.number(p.bottom()),
                        p.x().from(),
                        p.x().to(),
                        p.y().from(),
                        p.y().to());
    }

    private static Map<String, Object> values(Panel panel) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("x", panel.xTitle());
        values.put("format", panel.format().name().toLowerCase(Locale.ROOT));
        values.put("series", panel.series().stream().map(ChartHtml::values).toList());
        return values;
    }

    private static Map<String, Object> values(Series series) {
        int points =
                switch (series.style()) {
                    case NOISY -> POINTS;
                    case LINE, DOTS, PUBLISHED -> PanelPainter.LINES;
                };
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("name", series.name());
        values.put("ink", series.ink().role());
        values.put(
                "points",
                Buckets.means(series.points(), points).stream()
                        .map(p -> List.of(rounded(p.x(), 8), rounded(p.y(), 5)))
                        .toList());
        return values;
    }

    private static BigDecimal rounded(double value, int digits) {
        return new BigDecimal(value).round(new MathContext(digits)).stripTrailingZeros();
    }

    private static String milestones(List<Milestones.Numbered> milestones) {
        if (milestones.isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder("<ul class=\"milestones\">\n");
        for (Milestones.Numbered m : milestones) {
            html.append("<li><b style=\"color:var(--%s)\">%d</b>%s</li>\n"
                    .formatted(m.ink().role(), m.number(), Html.escape(m.words())));
        }
        return html.append("</ul>\n").toString();
    }
}
