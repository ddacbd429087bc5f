package dev.cria.page;

import java.util.List;
import java.util.Locale;

/** Writes marks as SVG text whose colours are the page's CSS variables. */
final class Svg {
    private Svg() {}

    /** A file of its own, light or dark as the viewer prefers. */
    static String document(Figure figure) {
        Figure.Sheet sheet = figure.sheet();
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img">
            <title>%s</title>
            <desc>%s</desc>
            <style>
            %s</style>
            <rect width="100%%" height="100%%" class="f-surface"/>
            %s</svg>
            """.formatted(
                        number(sheet.width()),
                        number(sheet.height()),
                        number(sheet.width()),
                        number(sheet.height()),
                        Html.escape(figure.title()),
                        Html.escape(figure.inWords()),
                        Resources.text("inks.css"),
                        marks(sheet.marks()));
    }

    static String marks(List<Mark> marks) {
        StringBuilder svg = new StringBuilder();
        for (Mark mark : marks) {
            svg.append(
                    switch (mark) {
                        case Mark.Path p -> path(p);
                        case Mark.Area a -> area(a);
                        case Mark.Dot d -> dot(d);
                        case Mark.Words w -> words(w);
                    });
            svg.append('\n');
        }
        return svg.toString();
    }

    private static String path(Mark.Path p) {
        String dashes =
                switch (p.stroke()) {
                    case SOLID -> "";
                    case DASHED -> " stroke-dasharray=\"5 4\"";
                    case DOTTED -> " stroke-dasharray=\"1.5 4\" stroke-linecap=\"round\"";
                };
        return "<path class=\"l-%s\" stroke-width=\"%s\"%s d=\"%s\"/>"
                .formatted(p.ink().role(), number(p.width()), dashes, route(p.points()));
    }

    private static String area(Mark.Area a) {
        return "<path class=\"f-%s\" fill-opacity=\"%s\" d=\"%sZ\"/>"
                .formatted(a.ink().role(), number(a.opacity()), route(a.points()));
    }

    private static String dot(Mark.Dot d) {
        String style = d.fill() == Mark.Fill.FULL
                ? "f-" + d.ink().role()
                : "f-surface l-" + d.ink().role() + "\" stroke-width=\"1.4";
        return "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"/>"
                .formatted(style, number(d.at().x()), number(d.at().y()), number(d.radius()));
    }

    private static String words(Mark.Words w) {
        String anchor = w.anchor() == Mark.Anchor.START
                ? ""
                : " text-anchor=\"" + w.anchor().name().toLowerCase(Locale.ROOT) + "\"";
        String weight = w.weight() == Mark.Weight.BOLD ? " font-weight=\"600\"" : "";
        return "<text class=\"f-%s\" x=\"%s\" y=\"%s\" font-size=\"%s\"%s%s>%s</text>"
                .formatted(
                        w.ink().role(),
                        number(w.at().x()),
                        number(w.at().y()),
                        number(w.size()),
                        anchor,
                        weight,
                        Html.escape(w.text()));
    }

    private static String route(List<Point> points) {
        StringBuilder d = new StringBuilder();
        for (Point p : points) {
            d.append(d.isEmpty() ? 'M' : 'L').append(number(p.x())).append(' ').append(number(p.y()));
        }
        return d.toString();
    }

    static String number(double value) {
        String text = String.format(Locale.ROOT, "%.2f", value);
        return text.replaceAll("\\.?0+$", "");
    }
}
