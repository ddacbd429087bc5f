package dev.cria.page;

import java.util.List;

/**
 * A drawn thing, in pixels from the upper left. A figure is a list of these, written once as SVG and once as PNG. (A
 * chart library draws in fixed colours and sizes, so its pictures could follow neither the reader's colour scheme nor
 * a phone's width nor the pointer.)
 */
public sealed interface Mark {
    /** A line through the points. */
    record Path(List<Point> points, Ink ink, double width, Stroke stroke) implements Mark {}

    /** A filled polygon. */
    record Area(List<Point> points, Ink ink, double opacity) implements Mark {}

    record Dot(Point at, double radius, Ink ink, Fill fill) implements Mark {}

    /** Text with its baseline at the point. */
    record Words(Point at, String text, Ink ink, double size, Anchor anchor, Weight weight) implements Mark {}

    enum Stroke {
        SOLID,
        DASHED,
        DOTTED
    }

    enum Fill {
        FULL,
        HOLLOW
    }

    enum Anchor {
        START,
        MIDDLE,
        END
    }

    enum Weight {
        PLAIN,
        BOLD
    }

    /** The same mark, moved. */
    default Mark moved(double dx, double dy) {
        return switch (this) {
            case Path p -> new Path(moved(p.points, dx, dy), p.ink, p.width, p.stroke);
            case Area a -> new Area(moved(a.points, dx, dy), a.ink, a.opacity);
            case Dot d -> new Dot(new Point(d.at.x() + dx, d.at.y() + dy), d.radius, d.ink, d.fill);
            case Words w ->
                new Words(new Point(w.at.x() + dx, w.at.y() + dy), w.text, w.ink, w.size, w.anchor, w.weight);
        };
    }

    private static List<Point> moved(List<Point> points, double dx, double dy) {
        return points.stream().map(p -> new Point(p.x() + dx, p.y() + dy)).toList();
    }
}
