package dev.cria.report;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * One pair of axes and what is drawn between them.
 *
 * @param title what is measured
 * @param unit of the values, in words
 * @param xTitle what runs to the right, such as {@code step}
 * @param levels horizontal lines to compare with, such as chance
 */
record Panel(
        String id,
        String title,
        String unit,
        String xTitle,
        Scale scale,
        Axis.Format format,
        List<Series> series,
        List<Level> levels,
        Milestones milestones) {

    enum Scale {
        LINEAR,
        /** Linear, and 0 is on the axis. */
        FROM_ZERO,
        LOG
    }

    /** A horizontal line with its words at the right end. */
    record Level(String words, double value, Mark.Stroke stroke) {}

    Panel {
        series = series.stream().filter(s -> !s.points().isEmpty()).toList();
    }

    boolean isEmpty() {
        return series.isEmpty();
    }

    Axis xAxis() {
        double from = points().mapToDouble(Point::x).min().orElse(0);
        double to = points().mapToDouble(Point::x).max().orElse(1);
        from = from > 0 && from < 0.15 * to ? 0 : from;
        return new Axis.Linear(from, to > from ? to : from + 1);
    }

    Axis yAxis() {
        double least = values().min().orElse(0);
        double most = values().max().orElse(1);
        if (scale == Scale.LOG && least > 0) {
            double room = Math.max(Math.pow(most / least, 0.06), 1.01);
            return new Axis.Log(least / room, most * room);
        }
        double room = most > least ? 0.07 * (most - least) : Math.max(Math.abs(most) * 0.1, 1e-9);
        boolean zero = scale == Scale.FROM_ZERO && least >= 0;
        return new Axis.Linear(zero ? 0 : least - room, most + room);
    }

    private Stream<Point> points() {
        return series.stream().flatMap(s -> s.points().stream());
    }

    private DoubleStream values() {
        return DoubleStream.concat(
                points().mapToDouble(Point::y), levels.stream().mapToDouble(Level::value));
    }

    /** A sentence for those who cannot see the picture: where each series begins, ends and turns. */
    String inWords() {
        StringBuilder words = new StringBuilder(title).append(", ").append(unit).append('.');
        for (Series s : series) {
            Point first = s.points().getFirst();
            Point last = s.points().getLast();
            words.append(' ').append(s.name()).append(": from ").append(format.write(first.y()));
            words.append(" at ").append(xTitle).append(' ').append(Numbers.count(first.x()));
            words.append(" to ").append(format.write(last.y()));
            words.append(" at ").append(Numbers.count(last.x())).append('.');
        }
        for (Level level : levels) {
            words.append(' ')
                    .append(level.words())
                    .append(": ")
                    .append(format.write(level.value()))
                    .append('.');
        }
        return words.toString();
    }
}
