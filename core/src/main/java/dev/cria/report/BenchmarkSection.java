package dev.cria.report;

import dev.cria.eval.Benchmark;
import dev.cria.eval.PaperTables;
import dev.cria.eval.series.ScoreLine;
import dev.cria.page.Axis;
import dev.cria.page.Figure;
import dev.cria.page.Mark;
import dev.cria.page.Milestones;
import dev.cria.page.Panel;
import dev.cria.page.Point;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Series;
import dev.cria.page.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Figure 2: the seven benchmarks against the step, and the last evaluation as a table. */
final class BenchmarkSection {
    private static final Map<Benchmark, Double> TINY_LLAMA = PaperTables.tinyLlama();

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
        String lead = "Accuracy, zero-shot, with lm-evaluation-harness' conventions; bars reach 1.96 standard errors to"
                + " either side, dotted lines show what guessing scores"
                + (isComparable ? " and what is printed of TinyLlama 1.1B at 2T tokens." : ".")
                + (references().isEmpty() ? "" : " Dashed lines are other models, measured as this one was.");
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
        for (Benchmark benchmark : Benchmark.values()) {
            List<Panel.Level> levels = new ArrayList<>();
            levels.add(new Panel.Level("chance", benchmark.chance(), Mark.Stroke.DOTTED));
            if (isComparable && TINY_LLAMA.containsKey(benchmark)) {
                levels.add(new Panel.Level("TinyLlama, printed", TINY_LLAMA.get(benchmark), Mark.Stroke.DOTTED));
            }
            levels.addAll(measured(benchmark));
            panels.add(new Panel(
                    benchmark.id(),
                    benchmark.title(),
                    "accuracy in per cent"
                            + metric(benchmark).map(m -> " (" + m + ")").orElse(""),
                    "step",
                    Panel.Scale.SHARE,
                    Axis.Format.PERCENT,
                    Legend.each(
                            runs,
                            Series.Style.DOTS,
                            r -> RestartAnalysis.scores(r, benchmark),
                            r -> RestartAnalysis.spans(r, benchmark)),
                    levels,
                    milestones));
        }
        panels.add(mean(milestones));
        return new Figure("figure-2", "Figure 2. Benchmarks", "", Legend.of(runs), panels);
    }

    private Map<String, Map<String, ScoreLine>> references() {
        return runs.getFirst().references();
    }

    /** The other models that were measured beside the run. */
    private List<Panel.Level> measured(Benchmark benchmark) {
        List<Panel.Level> levels = new ArrayList<>();
        references().forEach((name, tasks) -> Optional.ofNullable(tasks.get(benchmark.id()))
                .ifPresent(line ->
                        levels.add(new Panel.Level(name, line.headline().orElse(Double.NaN), Mark.Stroke.DASHED))));
        return levels;
    }

    /** All of them in one curve, less noisy than each. */
    private Panel mean(Milestones milestones) {
        double chance = Arrays.stream(Benchmark.values())
                .mapToDouble(Benchmark::chance)
                .average()
                .orElseThrow();
        return new Panel(
                "mean",
                "Mean of the seven",
                "accuracy in per cent",
                "step",
                Panel.Scale.SHARE,
                Axis.Format.PERCENT,
                Legend.each(runs, Series.Style.DOTS, BenchmarkSection::means, BenchmarkSection::spans),
                List.of(new Panel.Level("chance", chance, Mark.Stroke.DOTTED)),
                milestones);
    }

    /** At the steps where all seven were measured. */
    private static List<Point> means(Run run) {
        List<Point> means = new ArrayList<>();
        for (Evaluation e : run.evaluations()) {
            double[] scores = Arrays.stream(Benchmark.values())
                    .flatMap(t -> e.score(t.id()).stream())
                    .mapToDouble(Evaluation.Score::value)
                    .toArray();
            if (scores.length == Benchmark.values().length) {
                means.add(new Point(e.step(), Arrays.stream(scores).average().orElseThrow()));
            }
        }
        return means;
    }

    /** Of means of independent scores. */
    private static List<Span> spans(Run run) {
        List<Span> spans = new ArrayList<>();
        for (Evaluation e : run.evaluations()) {
            double[] errors = Arrays.stream(Benchmark.values())
                    .flatMap(t -> e.score(t.id()).stream())
                    .flatMap(s -> s.standardError().stream().boxed())
                    .mapToDouble(Double::doubleValue)
                    .toArray();
            if (errors.length == Benchmark.values().length) {
                double squares = Arrays.stream(errors).map(x -> x * x).sum();
                means(run).stream()
                        .filter(p -> p.x() == e.step())
                        .forEach(p -> spans.add(Span.of(p, Math.sqrt(squares) / errors.length)));
            }
        }
        return spans;
    }

    private Optional<String> metric(Benchmark benchmark) {
        return runs.stream()
                .flatMap(r -> r.evaluations().stream())
                .flatMap(e -> e.score(benchmark.id()).stream())
                .map(Evaluation.Score::metric)
                .findFirst();
    }
}
