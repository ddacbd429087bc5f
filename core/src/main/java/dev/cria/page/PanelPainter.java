package dev.cria.page;

import dev.cria.page.Mark.Anchor;
import dev.cria.page.Mark.Fill;
import dev.cria.page.Mark.Stroke;
import dev.cria.page.Mark.Weight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Turns a panel into marks at a given size: grid, milestones, series, levels, words. */
final class PanelPainter {
    /** Width of a character at size 1, on average, of the sans-serif faces in use; only for leaving room. */
    private static final double CHARACTER = 0.56;

    private static final double SMALL = 12;
    private static final double NUMBERS_APART = 16;
    private static final int MEANS = 160;
    private static final int BANDS = 320;

    /** More points than pixels would only make the file larger. */
    static final int LINES = 1200;

    private final Panel panel;
    private final double width;
    private final double height;
    private final Axis x;
    private final Axis y;
    private final List<Double> yTicks;
    private final double left;
    private final double right;
    private final double top = 52;
    private final double bottom;
    private final List<Mark> marks = new ArrayList<>();

    private PanelPainter(Panel panel, double width, double height) {
        this.panel = panel;
        this.width = width;
        this.height = height;
        x = panel.xAxis();
        y = panel.yAxis();
        bottom = height - 36;
        yTicks = y.ticks(26 / (bottom - top));
        int longest = yTicks.stream()
                .mapToInt(t -> panel.format().write(t).length())
                .max()
                .orElse(1);
        left = 14 + longest * SMALL * CHARACTER;
        right = width - 14;
    }

    /** A panel drawn, with the frame that a pointer's position is read against. */
    record Painted(List<Mark> marks, double left, double top, double right, double bottom, Axis x, Axis y) {}

    static Painted paint(Panel panel, double width, double height) {
        PanelPainter painter = new PanelPainter(panel, width, height);
        painter.words();
        painter.grid();
        painter.segments();
        // The subject of the page comes first in the list and lies on top.
        panel.series().reversed().forEach(painter::series);
        painter.levels();
        painter.milestones();
        return new Painted(
                painter.marks, painter.left, painter.top, painter.right, painter.bottom, painter.x, painter.y);
    }

    private void words() {
        text(0, 15, panel.title(), Ink.TEXT, 14, Anchor.START, Weight.BOLD);
        text(0, 32, panel.axisWords(), Ink.MUTED, SMALL, Anchor.START, Weight.PLAIN);
        text(right, height - 4, panel.xTitle(), Ink.MUTED, SMALL, Anchor.END, Weight.PLAIN);
    }

    private void grid() {
        for (double tick : yTicks) {
            line(left, py(tick), right, py(tick), Ink.GRID, 1, Stroke.SOLID);
            text(left - 6, py(tick) + 4, panel.format().write(tick), Ink.MUTED, SMALL, Anchor.END, Weight.PLAIN);
        }
        line(left, bottom, right, bottom, Ink.MUTED, 1, Stroke.SOLID);
        for (double tick : x.ticks(72 / (right - left))) {
            line(px(tick), bottom, px(tick), bottom + 4, Ink.MUTED, 1, Stroke.SOLID);
            String label = Numbers.compact(tick);
            double room = label.length() * SMALL * CHARACTER / 2;
            double at = Math.clamp(px(tick), left, right - room);
            text(at, bottom + 17, label, Ink.MUTED, SMALL, Anchor.MIDDLE, Weight.PLAIN);
        }
    }

    /** A strip along the bottom that tells the ranks, and a short stroke below the axis for each checkpoint. */
    private void segments() {
        for (Milestones.Segment s : panel.milestones().segments()) {
            double from = Math.clamp(px(s.from()), left, right);
            double to = Math.clamp(px(s.to()), left, right);
            double depth = s.ranks() > 1 ? 0.16 : 0.06;
            marks.add(new Mark.Area(box(from, top, to, bottom), Ink.MUTED, depth));
            String label = s.ranks() == 1 ? "1 rank" : s.ranks() + " ranks";
            if (to - from > label.length() * SMALL * CHARACTER + 6) {
                text((from + to) / 2, bottom - 7, label, Ink.MUTED, 11, Anchor.MIDDLE, Weight.PLAIN);
            }
        }
    }

    private void levels() {
        double lastLabel = Double.NEGATIVE_INFINITY;
        for (Panel.Level level : panel.levels().stream()
                .sorted((a, b) -> Double.compare(b.value(), a.value()))
                .toList()) {
            double at = py(level.value());
            line(left, at, right, at, Ink.MUTED, 1.2, level.stroke());
            double label = at - 4 < lastLabel + 12 ? at + 13 : at - 4;
            text(right, label, level.words(), Ink.MUTED, 11, Anchor.END, Weight.PLAIN);
            lastLabel = label;
        }
    }

    private void series(Series s) {
        s.spans().forEach(span -> span(span, s.ink()));
        switch (s.style()) {
            case NOISY -> {
                List<Point> means = Buckets.means(s.points(), MEANS);
                if (means.size() < s.points().size()) {
                    marks.add(new Mark.Area(placed(Buckets.envelope(s.points(), BANDS)), s.ink(), 0.22));
                }
                marks.add(new Mark.Path(placed(means), s.ink(), 1.6, Stroke.SOLID));
            }
            case LINE ->
                marks.add(new Mark.Path(
                        placed(Buckets.means(s.points(), LINES)),
                        s.ink(),
                        s.points().size() > 300 ? 1.1 : 1.6,
                        Stroke.SOLID));
            case DOTS -> {
                marks.add(new Mark.Path(placed(s.points()), s.ink(), 1.6, Stroke.SOLID));
                double radius = s.points().size() > 60 ? 1.4 : 2.6;
                placed(s.points()).forEach(p -> marks.add(new Mark.Dot(p, radius, s.ink(), Fill.FULL)));
            }
            case PUBLISHED -> placed(s.points()).forEach(p -> marks.add(new Mark.Dot(p, 3.2, s.ink(), Fill.HOLLOW)));
        }
    }

    private void span(Span span, Ink ink) {
        double at = px(span.x());
        line(at, py(span.low()), at, py(span.high()), ink, 1, Stroke.SOLID);
        for (double end : new double[] {span.low(), span.high()}) {
            line(at - 3, py(end), at + 3, py(end), ink, 1, Stroke.SOLID);
        }
    }

    private void milestones() {
        for (double step : panel.milestones().checkpoints()) {
            if (isInside(step)) {
                line(px(step), bottom, px(step), bottom - 5, Ink.MUTED, 1, Stroke.SOLID);
            }
        }
        for (double step : panel.milestones().troubles()) {
            if (isInside(step)) {
                double at = px(step);
                List<Point> triangle =
                        List.of(new Point(at - 4, bottom), new Point(at + 4, bottom), new Point(at, bottom - 8));
                marks.add(new Mark.Area(triangle, Ink.ALERT, 1));
            }
        }
        numbers();
    }

    /** Each number over its own line; those of lines that lie too close share a label over all of them. */
    private void numbers() {
        List<Milestones.Numbered> close = new ArrayList<>();
        for (Milestones.Numbered m : panel.milestones().numbered().stream()
                .filter(m -> isInside(m.step()))
                .sorted(Comparator.comparingDouble(Milestones.Numbered::step))
                .toList()) {
            line(px(m.step()), top, px(m.step()), bottom, m.ink(), 1, Stroke.DASHED);
            if (!close.isEmpty() && px(m.step()) - px(close.getLast().step()) > NUMBERS_APART) {
                number(close);
                close.clear();
            }
            close.add(m);
        }
        number(close);
    }

    private void number(List<Milestones.Numbered> close) {
        if (close.isEmpty()) {
            return;
        }
        String label = close.stream().map(m -> String.valueOf(m.number())).collect(Collectors.joining(", "));
        double at = (px(close.getFirst().step()) + px(close.getLast().step())) / 2;
        Ink ink = close.size() == 1 ? close.getFirst().ink() : Ink.TEXT;
        text(at, top - 3, label, ink, 11, Anchor.MIDDLE, Weight.BOLD);
    }

    private boolean isInside(double step) {
        return step >= x.from() && step <= x.to();
    }

    private List<Point> placed(List<Point> points) {
        return points.stream().map(p -> new Point(px(p.x()), py(p.y()))).toList();
    }

    private double px(double value) {
        return left + x.place(value) * (right - left);
    }

    private double py(double value) {
        return bottom - Math.clamp(y.place(value), 0, 1) * (bottom - top);
    }

    private void line(double x1, double y1, double x2, double y2, Ink ink, double thick, Stroke stroke) {
        marks.add(new Mark.Path(List.of(new Point(x1, y1), new Point(x2, y2)), ink, thick, stroke));
    }

    private void text(double atX, double atY, String text, Ink ink, double size, Anchor anchor, Weight weight) {
        marks.add(new Mark.Words(new Point(atX, atY), text, ink, size, anchor, weight));
    }

    private static List<Point> box(double x1, double y1, double x2, double y2) {
        return List.of(new Point(x1, y1), new Point(x2, y1), new Point(x2, y2), new Point(x1, y2));
    }
}
