package dev.cria.report;

import dev.cria.eval.Benchmark;
import dev.cria.eval.PaperTables;
import dev.cria.page.Cell;
import dev.cria.page.Numbers;
import dev.cria.page.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Each run's accuracies with their standard errors, and how far above chance that is. */
final class BenchmarkTable {
    /** On facts that no document states: what {@code eval} writes, put there by the demo. */
    private static final String HELD_OUT = "heldout.json";

    private static final String EVALUATED = "eval.json";

    private final List<Run> runs;
    private final List<Optional<Evaluation>> evaluations;
    private final boolean isComparable;

    private BenchmarkTable(List<Run> runs, List<Optional<Evaluation>> evaluations, boolean isComparable) {
        this.runs = runs;
        this.evaluations = evaluations;
        this.isComparable = isComparable;
    }

    /** Each run's best source: {@code eval.json}, else its last evaluation along the way. */
    static Table last(List<Run> runs, boolean isComparable) {
        List<Optional<Evaluation>> last = runs.stream()
                .map(run -> evaluation(run, EVALUATED)
                        .or(() -> run.evaluations().isEmpty()
                                ? Optional.empty()
                                : Optional.of(run.evaluations().getLast())))
                .toList();
        var table = new BenchmarkTable(runs, last, isComparable);
        return table.build("benchmarks", "The last evaluation, in per cent", table.sources());
    }

    /** Empty where no run has one. */
    static Table heldOut(List<Run> runs) {
        List<Optional<Evaluation>> found =
                runs.stream().map(run -> evaluation(run, HELD_OUT)).toList();
        return new BenchmarkTable(runs, found, false)
                .build(
                        "benchmarks-heldout",
                        "The same tasks on facts that no document states, in per cent",
                        "A control: nothing can be remembered here. No wrong choice stands beside its concept in a"
                                + " document either, so that guessing scores chance.");
    }

    private static Optional<Evaluation> evaluation(Run run, String file) {
        return run.extra(file)
                .filter(e -> e.path("results").isObject())
                .map(e -> Evaluation.of(e.path("config").path("step").asLong(-1), e.path("results")));
    }

    private Table build(String id, String title, String note) {
        List<String> columns = new ArrayList<>(List.of("Benchmark", "Metric", "Chance"));
        for (Run run : runs) {
            columns.addAll(List.of(run.name(), "± standard error", "Above chance, in standard errors"));
        }
        if (isComparable) {
            columns.add("TinyLlama, 2T tokens, as printed");
        }
        Table.Builder table = Table.titled(id, title, columns);
        for (Benchmark benchmark : Benchmark.values()) {
            List<Optional<Evaluation.Score>> scores = evaluations.stream()
                    .map(e -> e.flatMap(x -> x.score(benchmark.id())))
                    .toList();
            if (scores.stream().anyMatch(Optional::isPresent)) {
                table.row(row(benchmark, scores));
            }
        }
        return table.note(note).build();
    }

    private List<Cell> row(Benchmark benchmark, List<Optional<Evaluation.Score>> scores) {
        List<Cell> row = new ArrayList<>();
        row.add(Cell.of(benchmark.title()));
        row.add(scores.stream()
                .flatMap(Optional::stream)
                .findFirst()
                .map(s -> Cell.of(s.metric()))
                .orElse(Cell.NONE));
        row.add(Cell.percent(benchmark.chance()));
        for (Optional<Evaluation.Score> score : scores) {
            OptionalDouble error = score.map(Evaluation.Score::standardError).orElse(OptionalDouble.empty());
            row.add(score.map(s -> Cell.percent(s.value())).orElse(Cell.NONE));
            row.add(Cell.of(error, Numbers::percent));
            row.add(
                    error.isPresent() && error.getAsDouble() > 0
                            ? score.map(s -> signed((s.value() - benchmark.chance()) / error.getAsDouble()))
                                    .orElse(Cell.NONE)
                            : Cell.NONE);
        }
        if (isComparable) {
            row.add(Optional.ofNullable(PaperTables.tinyLlama().get(benchmark))
                    .map(Cell::percent)
                    .orElse(Cell.NONE));
        }
        return row;
    }

    private static Cell signed(double errors) {
        return Cell.of(errors, Numbers.signed(errors, 1));
    }

    private String sources() {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            Run run = runs.get(i);
            String name = run.name();
            evaluations.get(i).stream()
                    .flatMap(e -> Stream.concat(
                            Stream.of(name
                                    + (e.step() >= 0
                                            ? ": at step " + Numbers.count(e.step()) + ended(run, e.step())
                                            : ": from " + EVALUATED)),
                            yesShare(e).stream()))
                    .forEach(words::add);
        }
        return String.join("; ", words);
    }

    private static String ended(Run run, long step) {
        return run.behind(EVALUATED, step).isEmpty()
                ? ""
                : ", before the run's end at step " + Numbers.count(run.last().step() + 1);
    }

    /** BoolQ's puzzle: a model that has not learnt the task says one answer whatever is asked. */
    private static Optional<String> yesShare(Evaluation e) {
        Map<String, Double> boolq = e.tasks().getOrDefault(Benchmark.BOOLQ.id(), Map.of());
        double said = boolq.getOrDefault("said_yes", Double.NaN);
        double isTrue = boolq.getOrDefault("is_yes", Double.NaN);
        return Double.isFinite(said) && Double.isFinite(isTrue)
                ? Optional.of("BoolQ: said yes to %s%%, yes is true of %s%%"
                        .formatted(Numbers.percent(said), Numbers.percent(isTrue)))
                : Optional.empty();
    }
}
