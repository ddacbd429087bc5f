package dev.cria.report;

import dev.cria.report.Section.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Figure 2: the seven benchmarks against the step, and the last evaluation as a table. */
final class BenchmarkSection {
    private final List<Run> runs;
    private final boolean isComparable;

    private BenchmarkSection(List<Run> runs) {
        this.runs = runs;
        isComparable = runs.getFirst().hasGpt2Vocabulary();
    }

    static Section of(List<Run> runs) {
        return new BenchmarkSection(runs).section();
    }

    private Section section() {
        String lead = "Accuracy, zero-shot, with lm-evaluation-harness' conventions; dotted lines show what guessing"
                + " scores" + (isComparable ? " and what TinyLlama 1.1B reaches at 2T tokens." : ".");
        List<Part> parts = new ArrayList<>();
        parts.add(new Part.Chart(figure()));
        parts.add(new Part.Grid(table()));
        return new Section(
                "benchmarks",
                "Benchmarks",
                lead,
                parts,
                "benchmarks: {every: 250, tasks: [hellaswag, …]} in the config");
    }

    private Figure figure() {
        Milestones milestones = MilestoneReader.of(runs);
        List<Panel> panels = new ArrayList<>();
        for (Task task : Task.values()) {
            List<Panel.Level> levels = new ArrayList<>();
            levels.add(new Panel.Level("chance", task.chance(), Mark.Stroke.DOTTED));
            if (isComparable) {
                levels.add(new Panel.Level("TinyLlama", task.tinyLlama(), Mark.Stroke.DOTTED));
            }
            panels.add(new Panel(
                    task.key(),
                    task.title(),
                    "accuracy in per cent"
                            + metric(task).map(m -> " (" + m + ")").orElse(""),
                    "step",
                    Panel.Scale.LINEAR,
                    Axis.Format.PERCENT,
                    Legend.each(runs, Series.Style.DOTS, r -> RestartAnalysis.scores(r, task)),
                    levels,
                    milestones));
        }
        panels.add(mean(milestones));
        return new Figure("figure-2", "Figure 2. Benchmarks", "", Legend.of(runs), panels);
    }

    /** All of them in one curve, less noisy than each. */
    private Panel mean(Milestones milestones) {
        double chance =
                Arrays.stream(Task.values()).mapToDouble(Task::chance).average().orElseThrow();
        return new Panel(
                "mean",
                "Mean of the seven",
                "accuracy in per cent",
                "step",
                Panel.Scale.LINEAR,
                Axis.Format.PERCENT,
                Legend.each(runs, Series.Style.DOTS, BenchmarkSection::means),
                List.of(new Panel.Level("chance", chance, Mark.Stroke.DOTTED)),
                milestones);
    }

    /** At the steps where all seven were measured. */
    private static List<Point> means(Run run) {
        List<Point> means = new ArrayList<>();
        for (Evaluation e : run.evaluations()) {
            double[] scores = Arrays.stream(Task.values())
                    .flatMap(t -> e.score(t.key()).stream())
                    .mapToDouble(Evaluation.Score::value)
                    .toArray();
            if (scores.length == Task.values().length) {
                means.add(new Point(e.step(), Arrays.stream(scores).average().orElseThrow()));
            }
        }
        return means;
    }

    private Optional<String> metric(Task task) {
        return runs.stream()
                .flatMap(r -> r.evaluations().stream())
                .flatMap(e -> e.score(task.key()).stream())
                .map(Evaluation.Score::metric)
                .findFirst();
    }

    /** Each run's best source: {@code eval.json}, else its last evaluation along the way. */
    private Table table() {
        List<String> columns = new ArrayList<>(List.of("Benchmark", "Metric", "Chance"));
        for (Run run : runs) {
            columns.add(run.name());
            columns.add("± standard error");
        }
        if (isComparable) {
            columns.add("TinyLlama, 2T tokens");
        }
        Table.Builder table = Table.titled("benchmarks", "The last evaluation, in per cent", columns);
        List<Optional<Evaluation>> last =
                runs.stream().map(BenchmarkSection::last).toList();
        for (Task task : Task.values()) {
            List<Optional<Evaluation.Score>> scores =
                    last.stream().map(e -> e.flatMap(x -> x.score(task.key()))).toList();
            if (scores.stream().anyMatch(Optional::isPresent)) {
                table.row(row(task, scores));
            }
        }
        return table.note(noteOf(last)).build();
    }

    private List<Cell> row(Task task, List<Optional<Evaluation.Score>> scores) {
        List<Cell> row = new ArrayList<>();
        row.add(Cell.of(task.title()));
        row.add(scores.stream()
                .flatMap(Optional::stream)
                .findFirst()
                .map(s -> Cell.of(s.metric()))
                .orElse(Cell.NONE));
        row.add(Cell.percent(task.chance()));
        for (Optional<Evaluation.Score> score : scores) {
            row.add(score.map(s -> Cell.percent(s.value())).orElse(Cell.NONE));
            row.add(score.map(s -> Cell.of(s.standardError(), Numbers::percent)).orElse(Cell.NONE));
        }
        if (isComparable) {
            row.add(Cell.percent(task.tinyLlama()));
        }
        return row;
    }

    private String noteOf(List<Optional<Evaluation>> last) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            String name = runs.get(i).name();
            last.get(i)
                    .ifPresent(e -> words.add(
                            e.step() >= 0 ? name + ": at step " + Numbers.count(e.step()) : name + ": from eval.json"));
            last.get(i).flatMap(BenchmarkSection::yesShare).ifPresent(words::add);
        }
        return String.join("; ", words);
    }

    /** BoolQ's puzzle: a model that has not learnt the task says one answer whatever is asked. */
    private static Optional<String> yesShare(Evaluation e) {
        Map<String, Double> boolq = e.tasks().getOrDefault(Task.BOOLQ.key(), Map.of());
        double said = boolq.getOrDefault("said_yes", Double.NaN);
        double isTrue = boolq.getOrDefault("is_yes", Double.NaN);
        return Double.isFinite(said) && Double.isFinite(isTrue)
                ? Optional.of("BoolQ: said yes to %s%%, yes is true of %s%%"
                        .formatted(Numbers.percent(said), Numbers.percent(isTrue)))
                : Optional.empty();
    }

    private static Optional<Evaluation> last(Run run) {
        return run.extra("eval.json")
                .filter(e -> e.path("results").isObject())
                .map(e -> Evaluation.of(-1, e.path("results")))
                .or(() -> run.evaluations().isEmpty()
                        ? Optional.empty()
                        : Optional.of(run.evaluations().getLast()));
    }
}
