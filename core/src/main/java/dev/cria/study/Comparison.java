package dev.cria.study;

import dev.cria.eval.Benchmark;
import dev.cria.eval.BenchmarkResult;
import dev.cria.eval.PairedComparison;
import dev.cria.eval.series.DocumentFile;
import dev.cria.eval.series.ScoreLine;
import dev.cria.eval.series.ScoreLog;
import dev.cria.page.Cell;
import dev.cria.page.Numbers;
import dev.cria.page.Point;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Table;
import dev.cria.study.TaskSeries.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Two runs on one benchmark at an equal step, at equal tokens, or at an equal validation loss: the furthest place that
 * both have reached. Between checkpoints values are on straight lines.
 *
 * @param low the 95 % interval of the difference and McNemar's p, where both have checkpoints of the same step and questions
 */
record Comparison(
        String first,
        String second,
        String task,
        String metric,
        String equal,
        double at,
        double firstValue,
        double secondValue,
        double difference,
        @Nullable Double low,
        @Nullable Double high,
        @Nullable Double p) {

    static List<Comparison> of(List<StudiedRun> runs) {
        List<Comparison> all = new ArrayList<>();
        for (StudiedRun other : runs.subList(1, runs.size())) {
            for (TaskSeries task : runs.getFirst().tasks()) {
                other.task(task.benchmark()).ifPresent(theirs -> {
                    for (Metric metric : Metric.values()) {
                        all.addAll(new Pair(runs.getFirst(), task, other, theirs, metric).rows());
                    }
                });
            }
        }
        return all;
    }

    private record Pair(StudiedRun run, TaskSeries task, StudiedRun other, TaskSeries theirs, Metric metric) {

        List<Comparison> rows() {
            List<Comparison> rows = new ArrayList<>();
            furthestStep().ifPresent(step -> rows.add(row("step", step, paired(step))));
            against("tokens", tokens(run, task), tokens(other, theirs), +1).ifPresent(rows::add);
            against("validation loss", losses(run, task), losses(other, theirs), -1)
                    .ifPresent(rows::add);
            return rows;
        }

        private Optional<Long> furthestStep() {
            return task.lines().stream()
                    .map(ScoreLine::step)
                    .filter(step -> theirs.lines().stream().anyMatch(line -> line.step() == step))
                    .max(Long::compare);
        }

        private Comparison row(String equal, double at, Optional<PairedComparison> paired) {
            return row(
                    equal,
                    at,
                    Lines.at(task.points(metric), at).orElse(Double.NaN),
                    Lines.at(theirs.points(metric), at).orElse(Double.NaN),
                    paired);
        }

        private Comparison row(String equal, double at, double a, double b, Optional<PairedComparison> paired) {
            return new Comparison(
                    run.name(),
                    other.name(),
                    task.benchmark().id(),
                    metric.words(),
                    equal,
                    at,
                    a,
                    b,
                    b - a,
                    paired.map(PairedComparison::low).orElse(null),
                    paired.map(PairedComparison::high).orElse(null),
                    paired.map(PairedComparison::pValue).orElse(null));
        }

        /** @param direction +1 where more is further, −1 where less is */
        private Optional<Comparison> against(String equal, List<Point> mine, List<Point> others, int direction) {
            if (mine.isEmpty() || others.isEmpty()) {
                return Optional.empty();
            }
            ToDoubleFunction<List<Point>> furthest = points -> direction
                    * points.stream().mapToDouble(p -> direction * p.x()).max().orElseThrow();
            double at = direction
                    * Math.min(direction * furthest.applyAsDouble(mine), direction * furthest.applyAsDouble(others));
            OptionalDouble a = Lines.at(mine, at);
            OptionalDouble b = Lines.at(others, at);
            return a.isPresent() && b.isPresent()
                    ? Optional.of(row(equal, at, a.getAsDouble(), b.getAsDouble(), Optional.empty()))
                    : Optional.empty();
        }

        private List<Point> tokens(StudiedRun of, TaskSeries series) {
            return series.points(metric).stream()
                    .map(p -> new Point(of.tokens().getOrDefault((long) p.x(), 0.0), p.y()))
                    .toList();
        }

        private List<Point> losses(StudiedRun of, TaskSeries series) {
            return series.points(metric).stream()
                    .flatMap(p -> of.lossAt(p.x()).stream().mapToObj(loss -> new Point(loss, p.y())))
                    .toList();
        }

        /** Document by document, where both were asked the same. */
        private Optional<PairedComparison> paired(long step) {
            if (metric != Metric.ACCURACY
                    || !task.lines()
                            .getFirst()
                            .measure()
                            .equals(theirs.lines().getFirst().measure())) {
                return Optional.empty();
            }
            boolean[] mine = rights(run, task, step);
            boolean[] others = rights(other, theirs, step);
            return mine.length == others.length && mine.length > 0
                    ? Optional.of(PairedComparison.of(mine, others))
                    : Optional.empty();
        }

        private static boolean[] rights(StudiedRun of, TaskSeries series, long step) {
            ScoreLine line = series.lines().stream()
                    .filter(l -> l.step() == step)
                    .findFirst()
                    .orElseThrow();
            var documents = DocumentFile.read(new ScoreLog(of.directory()).documents(line));
            return new BenchmarkResult(series.benchmark(), documents, 0, documents.size()).headlineRights();
        }
    }

    static Section section(List<StudiedRun> runs, List<Comparison> rows) {
        List<Part> parts = new ArrayList<>();
        if (!rows.isEmpty()) {
            parts.add(new Part.Chart(Curves.of("accuracy-by-tokens", "Accuracy over tokens", "tokens")
                    .accuracy(runs, run -> benchmark -> overTokens(run, benchmark))));
            parts.add(new Part.Grid(table(rows)));
        }
        return new Section(
                "comparison",
                "Run against run",
                "At an equal step, at equal tokens and at an equal validation loss, each time the furthest that both"
                        + " have reached.",
                parts,
                "two runs or more: cria study RUN RUN");
    }

    private static List<Point> overTokens(StudiedRun run, Benchmark benchmark) {
        return run.task(benchmark)
                .map(task -> task.points(Metric.ACCURACY).stream()
                        .map(p -> new Point(run.tokens().getOrDefault((long) p.x(), 0.0), p.y()))
                        .toList())
                .orElse(List.of());
    }

    private static Table table(List<Comparison> rows) {
        Table.Builder table = Table.titled(
                "runs-compared",
                "Second run less first",
                "First",
                "Second",
                "Benchmark",
                "Metric",
                "Equal",
                "At",
                "First",
                "Second",
                "Difference",
                "95% interval",
                "McNemar p");
        rows.forEach(row -> table.row(
                Cell.of(row.first),
                Cell.of(row.second),
                Cell.of(row.task),
                Cell.of(row.metric),
                Cell.of(row.equal),
                Cell.of(row.at, row.at >= 100 ? Numbers.count(row.at) : Numbers.significant(row.at, 4)),
                Cell.fixed(row.firstValue, 4),
                Cell.fixed(row.secondValue, 4),
                Cell.of(row.difference, Numbers.signed(row.difference, 4)),
                row.low == null || row.high == null
                        ? Cell.NONE
                        : Cell.of(Numbers.signed(row.low, 3) + " … " + Numbers.signed(row.high, 3)),
                row.p == null ? Cell.NONE : Cell.fixed(row.p, 4)));
        return table.note("Accuracy as a proportion. The interval resamples documents; at equal tokens and loss values"
                        + " lie between checkpoints, and have none.")
                .build();
    }
}
