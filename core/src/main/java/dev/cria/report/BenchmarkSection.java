package dev.cria.report;

import dev.cria.report.Section.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
        parts.add(new Part.Grid(BenchmarkTable.last(runs, isComparable)));
        parts.add(new Part.Grid(BenchmarkTable.heldOut(runs)));
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
}
