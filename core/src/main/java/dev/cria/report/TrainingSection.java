package dev.cria.report;

import dev.cria.eval.Benchmark;
import dev.cria.eval.PaperTables;
import dev.cria.page.Axis;
import dev.cria.page.Figure;
import dev.cria.page.Ink;
import dev.cria.page.Mark;
import dev.cria.page.Milestones;
import dev.cria.page.Panel;
import dev.cria.page.Point;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Series;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Figure 1: what training did, in six panels against the step. */
final class TrainingSection {
    private final List<Run> runs;
    private final Milestones milestones;

    private TrainingSection(List<Run> runs) {
        this.runs = runs;
        milestones = MilestoneReader.of(runs);
    }

    static Section of(List<Run> runs) {
        return new TrainingSection(runs).section();
    }

    private Section section() {
        String lead =
                "Every value is read from the run's metrics.jsonl. Bands reach from the least to the greatest value"
                        + " of neighbouring steps, lines run through their means.";
        return new Section("training", "Training", lead, List.of(new Part.Chart(figure())), "metrics.jsonl");
    }

    private Figure figure() {
        List<Panel> panels = List.of(
                noisy("train-loss", "Training loss", "nats a token", Panel.Scale.LOG, Line.Step::loss),
                validation(),
                hellaSwag(),
                schedule(),
                noisy("gradient-norm", "Gradient norm", "before clipping", Panel.Scale.LOG, Line.Step::gradientNorm),
                speed());
        return new Figure("figure-1", "Figure 1. Training", caption(), legend(), panels);
    }

    private String caption() {
        StringBuilder words = new StringBuilder();
        if (!milestones.checkpoints().isEmpty()) {
            words.append("Short strokes on the axis: checkpoints. ");
        }
        if (!milestones.troubles().isEmpty()) {
            words.append("Triangles: steps that the guard skipped or called a spike. ");
        }
        if (isComparable()) {
            words.append("Hollow dots: the paper's Table IV (")
                    .append(Paper.CITATION)
                    .append("). ");
        }
        return words.toString().strip();
    }

    private List<Figure.Key> legend() {
        List<Figure.Key> keys = new ArrayList<>(Legend.of(runs));
        if (isComparable()) {
            keys.add(new Figure.Key("paper, Table IV", Ink.MUTED, Series.Style.PUBLISHED));
        }
        return keys;
    }

    private boolean isComparable() {
        return runs.getFirst().hasGpt2Vocabulary();
    }

    private Panel noisy(String id, String title, String unit, Panel.Scale scale, ToDoubleFunction<Line.Step> value) {
        return panel(id, title, unit, scale, Axis.Format.PLAIN, each(Series.Style.NOISY, r -> r.points(value)));
    }

    private Panel schedule() {
        return panel(
                "learning-rate",
                "Learning rate",
                "by the schedule",
                Panel.Scale.FROM_ZERO,
                Axis.Format.SCIENTIFIC,
                each(Series.Style.LINE, r -> r.points(Line.Step::learningRate)));
    }

    private Panel speed() {
        Panel plain = panel(
                "tokens-per-second",
                "Speed",
                "tokens a second",
                Panel.Scale.FROM_ZERO,
                Axis.Format.COMPACT,
                each(Series.Style.NOISY, r -> r.points(Line.Step::tokensPerSecond)));
        return new Panel(
                plain.id(),
                plain.title(),
                plain.unit(),
                plain.xTitle(),
                plain.scale(),
                plain.format(),
                plain.series(),
                plain.levels(),
                MilestoneReader.withSegments(milestones, runs.getFirst()));
    }

    private Panel validation() {
        List<Series> series = new ArrayList<>(each(Series.Style.DOTS, Run::validation));
        averaged(runs.getFirst()).ifPresent(series::add);
        if (isComparable()) {
            series.add(published(p -> p.validationLoss()));
        }
        List<Panel.Level> levels = new ArrayList<>();
        runs.getFirst().extra(Baselines.FILE).map(Baselines::levels).ifPresent(levels::addAll);
        return new Panel(
                "validation-loss",
                "Validation loss",
                "nats a token",
                "step",
                Panel.Scale.LOG,
                Axis.Format.PLAIN,
                series,
                series.isEmpty() ? List.of() : levels,
                milestones);
    }

    /** The first run's average of the weights, if it has one. */
    private static Optional<Series> averaged(Run run) {
        List<Point> points = new RunFiles(run.directory())
                .metrics().stream()
                        .flatMap(line -> line instanceof Line.Averaged(Line.Validation v)
                                ? Stream.of(new Point(v.step(), v.loss()))
                                : Stream.empty())
                        .filter(point -> Double.isFinite(point.y()))
                        .toList();
        return points.isEmpty()
                ? Optional.empty()
                : Optional.of(new Series("average of the weights", Ink.MUTED, Series.Style.DOTS, points));
    }

    private Panel hellaSwag() {
        List<Series> series = new ArrayList<>(Legend.each(
                runs,
                Series.Style.DOTS,
                r -> RestartAnalysis.scores(r, Benchmark.HELLASWAG),
                r -> RestartAnalysis.spans(r, Benchmark.HELLASWAG)));
        if (isComparable() && !series.stream().allMatch(s -> s.points().isEmpty())) {
            series.add(published(p -> p.hellaswag()));
        }
        return new Panel(
                "hellaswag",
                "HellaSwag",
                "accuracy in per cent, ± 1.96 standard errors",
                "step",
                Panel.Scale.SHARE,
                Axis.Format.PERCENT,
                series,
                List.of(new Panel.Level("chance", Benchmark.HELLASWAG.chance(), Mark.Stroke.DOTTED)),
                milestones);
    }

    private Series published(ToDoubleFunction<PaperTables.Checkpoint> value) {
        double end = runs.stream().mapToDouble(r -> r.last().step()).max().orElse(0);
        List<Point> points = PaperTables.checkpoints().stream()
                .filter(p -> p.step() <= end * 1.05)
                .map(p -> new Point(p.step(), value.applyAsDouble(p)))
                .toList();
        return new Series("paper", Ink.MUTED, Series.Style.PUBLISHED, points);
    }

    private List<Series> each(Series.Style style, Function<Run, List<Point>> points) {
        return Legend.each(runs, style, points);
    }

    private Panel panel(
            String id, String title, String unit, Panel.Scale scale, Axis.Format format, List<Series> series) {
        return new Panel(id, title, unit, "step", scale, format, series, List.of(), milestones);
    }
}
