package dev.cria.page;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * One pair of axes and what is drawn between them.
 *
 * @param title what is measured
 * @param unit of the values, in words
 * @param xTitle what runs to the right, such as {@code step}
 * @param xScale {@link Scale#LOG} or {@link Scale#LINEAR}
 * @param levels horizontal lines to compare with, such as chance
 */
public record Panel(
        String id,
        String title,
        String unit,
        String xTitle,
        Scale xScale,
        Scale scale,
        Axis.Format format,
        List<Series> series,
        List<Level> levels,
        Milestones milestones) {

    private static final double SHORTEST_SHARE = 0.2;

    public enum Scale {
        LINEAR,
        /** Linear, and 0 is on the axis. */
        FROM_ZERO,
        /** Linear, for proportions: a fifth at least, so that noise looks like noise. */
        SHARE,
        LOG
    }

    /** A horizontal line with its words at the right end. */
    public record Level(String words, double value, Mark.Stroke stroke) {}

    public Panel {
        series = series.stream().filter(s -> !s.points().isEmpty()).toList();
    }

    /** With an axis to the right on which equal differences are equal lengths. */
    public Panel(
            String id,
            String title,
            String unit,
            String xTitle,
            Scale scale,
            Axis.Format format,
            List<Series> series,
            List<Level> levels,
            Milestones milestones) {
        this(id, title, unit, xTitle, Scale.LINEAR, scale, format, series, levels, milestones);
    }

    public boolean isEmpty() {
        return series.isEmpty();
    }

    public Axis xAxis() {
        double from = points().mapToDouble(Point::x).min().orElse(0);
        double to = points().mapToDouble(Point::x).max().orElse(1);
        if (xScale == Scale.LOG && from > 0) {
            double room = Math.max(Math.pow(to / from, 0.04), 1.01);
            return new Axis.Log(from / room, to * room);
        }
        from = from > 0 && from < 0.15 * to ? 0 : from;
        return new Axis.Linear(from, to > from ? to : from + 1);
    }

    public Axis yAxis() {
        double least = values().min().orElse(0);
        double most = values().max().orElse(1);
        if (scale == Scale.LOG && least > 0) {
            double room = Math.max(Math.pow(most / least, 0.06), 1.01);
            return new Axis.Log(least / room, most * room);
        }
        if (scale == Scale.SHARE) {
            return share(least, most);
        }
        double room = most > least ? 0.07 * (most - least) : Math.max(Math.abs(most) * 0.1, 1e-9);
        boolean zero = scale == Scale.FROM_ZERO && least >= 0;
        return new Axis.Linear(zero ? 0 : least - room, most + room);
    }

    private static Axis share(double least, double most) {
        double middle = Math.clamp((least + most) / 2, SHORTEST_SHARE / 2, 1 - SHORTEST_SHARE / 2);
        double half = Math.max(SHORTEST_SHARE, 1.1 * (most - least)) / 2;
        return new Axis.Linear(Math.max(0, middle - half), Math.min(1, middle + half));
    }

    /** The unit, and that an axis is logarithmic, for who would else read lengths as differences. */
    public String axisWords() {
        return yAxis() instanceof Axis.Log ? unit + ", logarithmic axis" : unit;
    }

    private Stream<Point> points() {
        return series.stream().flatMap(s -> s.points().stream());
    }

    private DoubleStream values() {
        DoubleStream spans = series.stream()
                .flatMap(s -> s.spans().stream())
                .flatMapToDouble(span -> DoubleStream.of(span.low(), span.high()));
        return DoubleStream.concat(
                DoubleStream.concat(points().mapToDouble(Point::y), spans),
                levels.stream().mapToDouble(Level::value));
    }

    /** A place on the axis to the right: a step is whole, a loss is not. */
    private static String place(double x) {
        return x == Math.rint(x) ? Numbers.count(x) : Numbers.significant(x, 4);
    }

    /** A sentence for those who cannot see the picture: where each series begins, ends and turns. */
    public String inWords() {
        StringBuilder words =
                new StringBuilder(title).append(", ").append(axisWords()).append('.');
        for (Series s : series) {
            Point first = s.points().getFirst();
            Point last = s.points().getLast();
            words.append(' ').append(s.name()).append(": from ").append(format.write(first.y()));
            words.append(" at ").append(xTitle).append(' ').append(place(first.x()));
            words.append(" to ").append(format.write(last.y()));
            words.append(" at ").append(place(last.x())).append('.');
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
