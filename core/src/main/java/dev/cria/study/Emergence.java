package dev.cria.study;

import dev.cria.eval.Benchmark;
import dev.cria.eval.Correlation;
import dev.cria.page.Axis;
import dev.cria.page.Cell;
import dev.cria.page.Figure;
import dev.cria.page.Numbers;
import dev.cria.page.Point;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Table;
import dev.cria.study.TaskSeries.Metric;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a metric goes with the validation loss, over the checkpoints and over the changes from one to the next. What only
 * grows goes together with whatever else only grows; where the loss explains a benchmark, their changes go together too.
 */
record Emergence(
        String run,
        String task,
        String metric,
        long pairs,
        double pearson,
        double pearsonLow,
        double pearsonHigh,
        double spearman,
        double spearmanLow,
        double spearmanHigh,
        @Nullable Double changes,
        @Nullable Double changesLow,
        @Nullable Double changesHigh) {

    static List<Emergence> of(List<StudiedRun> runs) {
        List<Emergence> all = new ArrayList<>();
        for (StudiedRun run : runs) {
            for (TaskSeries task : run.tasks()) {
                for (Metric metric : Metric.values()) {
                    of(run, task, metric).ifPresent(all::add);
                }
            }
        }
        return all;
    }

    private static Optional<Emergence> of(StudiedRun run, TaskSeries task, Metric metric) {
        double[][] pairs = pairs(run, task, metric);
        return Correlation.of(pairs[0], pairs[1]).map(whole -> {
            Optional<Correlation.Estimate> changes =
                    Correlation.of(changes(pairs[0]), changes(pairs[1])).map(Correlation::pearson);
            return new Emergence(
                    run.name(),
                    task.benchmark().id(),
                    metric.words(),
                    whole.pairs(),
                    whole.pearson().value(),
                    whole.pearson().low(),
                    whole.pearson().high(),
                    whole.spearman().value(),
                    whole.spearman().low(),
                    whole.spearman().high(),
                    changes.map(Correlation.Estimate::value).orElse(null),
                    changes.map(Correlation.Estimate::low).orElse(null),
                    changes.map(Correlation.Estimate::high).orElse(null));
        });
    }

    /** Losses and values at the steps that have both. */
    private static double[][] pairs(StudiedRun run, TaskSeries task, Metric metric) {
        List<Point> points = byLoss(run, task, metric);
        return new double[][] {
            points.stream().mapToDouble(Point::x).toArray(),
            points.stream().mapToDouble(Point::y).toArray()
        };
    }

    /** In the order of the steps. */
    private static List<Point> byLoss(StudiedRun run, TaskSeries task, Metric metric) {
        return task.points(metric).stream()
                .flatMap(point -> run.lossAt(point.x()).stream().mapToObj(loss -> new Point(loss, point.y())))
                .toList();
    }

    private static double[] changes(double[] values) {
        double[] changes = new double[Math.max(0, values.length - 1)];
        for (int i = 0; i < changes.length; i++) {
            changes[i] = values[i + 1] - values[i];
        }
        return changes;
    }

    static Section section(List<StudiedRun> runs, List<Emergence> rows) {
        return new Section(
                "emergence",
                "Against the loss",
                "Each metric over the validation loss, not over steps. That the loss explains benchmarks is the"
                        + " paper's finding; the table asks whether it does here, over the checkpoints and over the"
                        + " changes from one checkpoint to the next.",
                rows.isEmpty()
                        ? List.of()
                        : List.of(
                                new Part.Chart(figure(runs, Metric.ACCURACY)),
                                new Part.Chart(figure(runs, Metric.BITS)),
                                new Part.Grid(table(rows))),
                "validation: {every: 250} in the config, or cria eval RUN --all --data SHARDS");
    }

    private static Figure figure(List<StudiedRun> runs, Metric metric) {
        Function<StudiedRun, Function<Benchmark, List<Point>>> points = run -> benchmark -> run.task(benchmark)
                .map(task -> byLoss(run, task, metric).stream()
                        .sorted(Comparator.comparingDouble(Point::x))
                        .toList())
                .orElse(List.of());
        return metric == Metric.ACCURACY
                ? Curves.of("accuracy-by-loss", "Accuracy over the validation loss", "validation loss")
                        .accuracy(runs, points)
                : Curves.of(
                                "bits-by-loss",
                                "Bits a byte of the right answer over the validation loss",
                                "validation loss")
                        .plain(runs, points, "bits a byte", Axis.Format.PLAIN);
    }

    private static Table table(List<Emergence> rows) {
        Table.Builder table = Table.titled(
                "loss-correlations",
                "Correlation with the validation loss",
                "Run",
                "Benchmark",
                "Metric",
                "Checkpoints",
                "r",
                "95% interval",
                "Spearman",
                "95% interval",
                "r of changes",
                "95% interval");
        rows.forEach(row -> table.row(
                Cell.of(row.run),
                Cell.of(row.task),
                Cell.of(row.metric),
                Cell.count(row.pairs),
                Cell.fixed(row.pearson, 3),
                interval(row.pearsonLow, row.pearsonHigh),
                Cell.fixed(row.spearman, 3),
                interval(row.spearmanLow, row.spearmanHigh),
                row.changes == null ? Cell.NONE : Cell.fixed(row.changes, 3),
                row.changesLow == null || row.changesHigh == null
                        ? Cell.NONE
                        : interval(row.changesLow, row.changesHigh)));
        return table.note("Intervals: percentiles of bootstrap resamples of the checkpoints, which take them as"
                        + " independent; neighbours are not, so those of r are too narrow. Where the interval of"
                        + " the changes holds 0, this run doesn't show that the loss explains more than the"
                        + " direction.")
                .build();
    }

    private static Cell interval(double low, double high) {
        return Cell.of(Numbers.fixed(low, 2) + " … " + Numbers.fixed(high, 2));
    }
}
