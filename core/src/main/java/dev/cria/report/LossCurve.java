package dev.cria.report;

import dev.cria.page.Axis;
import dev.cria.page.Buckets;
import dev.cria.page.Ink;
import dev.cria.page.Milestones;
import dev.cria.page.Numbers;
import dev.cria.page.Panel;
import dev.cria.page.Point;
import dev.cria.page.Series;
import dev.cria.run.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Losses as dots of a terminal: training joined, validation as crosses, on logarithmic axes that runs may share. */
final class LossCurve {
    /** Columns before the picture, with the values of the vertical axis. */
    static final int LABEL = 7;

    private static final int MOST_DIGITS = 5;

    private final Panel panel;
    private final int columns;
    private final int rows;

    /** Axes that hold all losses of the runs. */
    LossCurve(List<Run> runs, int width, int rows) {
        this.panel = new Panel(
                "loss",
                "loss",
                "nats a token",
                "step",
                Panel.Scale.LOG,
                Axis.Format.PLAIN,
                runs.stream().flatMap(LossCurve::series).toList(),
                List.of(),
                Milestones.NONE);
        this.columns = width - LABEL - 1;
        this.rows = rows;
    }

    private static Stream<Series> series(Run run) {
        return Stream.of(
                new Series("train", Ink.SERIES_1, Series.Style.NOISY, run.points(Line.Step::loss)),
                new Series("validation", Ink.SERIES_2, Series.Style.DOTS, run.validation()));
    }

    boolean isEmpty() {
        return panel.isEmpty();
    }

    /** The run's picture, with the values of the vertical axis before it. */
    List<String> lines(Run run) {
        Axis x = panel.xAxis();
        Axis y = panel.yAxis();
        Braille picture = new Braille(columns, rows);
        picture.line(Buckets.means(run.points(Line.Step::loss), columns).stream()
                .map(p -> new Point(x.place(p.x()), y.place(p.y())))
                .toList());
        for (Point p : run.validation()) {
            for (int side = -1; side <= 1; side++) {
                picture.dot(x.place(p.x()) + side * 0.5 / columns, y.place(p.y()));
                picture.dot(x.place(p.x()), y.place(p.y()) + side * 0.25 / rows);
            }
        }
        return labelled(picture.lines(), y);
    }

    /** The first and the last step, under the picture. */
    String steps() {
        String first = Numbers.compact(panel.xAxis().from());
        String last = Numbers.compact(panel.xAxis().to());
        return " ".repeat(LABEL + 1) + first + " ".repeat(Math.max(1, columns - first.length() - last.length())) + last;
    }

    private List<String> labelled(List<String> picture, Axis y) {
        List<Double> ticks = y.ticks(2.0 / rows);
        int digits = 3;
        while (digits < MOST_DIGITS && distinct(ticks, digits) < ticks.size()) {
            digits++;
        }
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            String label = "";
            for (double tick : ticks) {
                if (Math.clamp((int) ((1 - y.place(tick)) * rows), 0, rows - 1) == row) {
                    label = Numbers.significant(tick, digits);
                }
            }
            lines.add("%6s ".formatted(label) + (label.isEmpty() ? "│" : "┤") + picture.get(row));
        }
        return lines;
    }

    private static long distinct(List<Double> ticks, int digits) {
        return ticks.stream()
                .map(tick -> Numbers.significant(tick, digits))
                .distinct()
                .count();
    }
}
