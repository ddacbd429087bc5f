package dev.cria.report;

import dev.cria.eval.Benchmark;
import dev.cria.eval.Correlation;
import dev.cria.eval.PaperTables;
import dev.cria.page.Cell;
import dev.cria.page.Numbers;
import dev.cria.page.Point;
import dev.cria.page.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.function.Function;

/** How the judged average goes with steps, validation loss and each benchmark, here and in the paper. */
final class CorrelationTables {
    private CorrelationTables() {}

    /** @param averages the judged average by step */
    static Table ours(Run run, SortedMap<Long, Double> averages) {
        Map<String, Function<Long, OptionalDouble>> against = new LinkedHashMap<>();
        against.put("step", OptionalDouble::of);
        against.put("validation loss", step -> Run.at(run.validation(), step));
        for (Benchmark benchmark : Benchmark.values()) {
            List<Point> scores = RestartAnalysis.scores(run, benchmark);
            against.put(benchmark.title(), step -> Run.at(scores, step));
        }
        Table.Builder table = Table.titled(
                "correlations",
                "Judged average against …, this run",
                "Against",
                "Pairs",
                "r",
                "r, 95% interval",
                "R²",
                "Spearman",
                "Spearman, 95% interval");
        against.forEach((name, x) -> of(averages, x)
                .ifPresent(c -> table.row(
                        Cell.of(name),
                        Cell.count(c.pairs()),
                        Cell.fixed(c.pearson().value(), 3),
                        interval(c.pearson()),
                        Cell.fixed(c.rSquared().value(), 3),
                        Cell.fixed(c.spearman().value(), 3),
                        interval(c.spearman()))));
        return table.note(
                        "Intervals: percentiles of bootstrap resamples of the checkpoints. A checkpoint is paired with"
                                + " the last evaluation up to its step.")
                .build();
    }

    /** As printed, and as the printed tables give it, which is a little off. */
    static Table paper() {
        Table.Builder table = Table.titled(
                "correlations-paper",
                "The paper's 1.7B",
                "Against",
                "r, printed",
                "R², printed",
                "r, from its tables",
                "95% interval");
        for (PaperTables.PublishedCorrelation p : PaperTables.correlations()) {
            table.row(
                    Cell.of(p.with()),
                    Cell.fixed(p.printedR(), 3),
                    Cell.fixed(p.printedRSquared(), 3),
                    Cell.fixed(p.fromTables().pearson().value(), 3),
                    interval(p.fromTables().pearson()));
        }
        return table.note("Published values: " + Paper.CITATION + ".").build();
    }

    private static Optional<Correlation> of(SortedMap<Long, Double> averages, Function<Long, OptionalDouble> other) {
        List<Point> pairs = averages.entrySet().stream()
                .flatMap(e -> other.apply(e.getKey()).stream().mapToObj(x -> new Point(x, e.getValue())))
                .toList();
        return Correlation.of(
                pairs.stream().mapToDouble(Point::x).toArray(),
                pairs.stream().mapToDouble(Point::y).toArray());
    }

    private static Cell interval(Correlation.Estimate e) {
        return Cell.of(Numbers.fixed(e.low(), 2) + " … " + Numbers.fixed(e.high(), 2));
    }
}
