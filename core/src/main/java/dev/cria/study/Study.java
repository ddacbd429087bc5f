package dev.cria.study;

import dev.cria.WorkException;
import dev.cria.eval.Benchmark;
import dev.cria.eval.series.ScoreLine;
import dev.cria.page.Axis;
import dev.cria.page.MarkdownPage;
import dev.cria.page.Numbers;
import dev.cria.page.Page;
import dev.cria.page.Point;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Tile;
import dev.cria.study.Learning.Outcome;
import dev.cria.study.TaskSeries.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The page of a series of checkpoints, and what it is drawn from as tables. */
public final class Study {

    /** A checkpoint on a benchmark. */
    record Score(
            String run,
            long step,
            double tokens,
            @Nullable Double validationLoss,
            String task,
            String convention,
            double accuracy,
            double bitsPerByte,
            long documents) {}

    private final List<StudiedRun> runs;
    private final List<Learned> learned;
    private final List<Signal> signals;
    private final List<Emergence> emergence;
    private final List<Comparison> comparisons;
    private final List<Planted> planted;

    private Study(List<StudiedRun> runs, Optional<Path> truth) {
        this.runs = runs;
        this.learned = runs.stream()
                .flatMap(run -> run.tasks().stream().map(task -> Learned.of(run, task)))
                .toList();
        this.signals = Signal.of(runs);
        this.emergence = Emergence.of(runs);
        this.comparisons = Comparison.of(runs);
        this.planted = truth.map(file -> Planted.of(file, learned)).orElse(List.of());
    }

    /** Whether a run has been measured often enough to be studied. */
    public static boolean isPossible(Path run) {
        return StudiedRun.isSeries(run);
    }

    /**
     * Writes {@code index.html}, which needs nothing else to be read, {@code study.md}, {@code figures/*.svg, *.png, *.csv,
     * *.md} and {@code tables/*.csv, *.parquet, *.md}.
     *
     * @param directories of runs; two or more are compared with the first
     * @param planted what {@code primer --plant} wrote about the facts it planted, where the runs were trained on them
     * @param out made if it isn't there; files of an earlier study are replaced
     * @return the path of {@code index.html}
     */
    public static Path write(List<Path> directories, Optional<Path> planted, Path out) {
        return new Study(StudiedRun.readAll(directories), planted).write(out);
    }

    private Path write(Path out) {
        List<Section> sections = sections();
        try {
            Section.writeFigures(sections, out);
            Section.writeTables(sections, out);
            rows(out.resolve("tables"));
            Files.writeString(out.resolve("study.md"), MarkdownPage.of(title(), tiles(), sections));
            return Files.writeString(out.resolve("index.html"), Page.of(head(), tiles(), sections));
        } catch (IOException e) {
            throw new WorkException(
                    "the study cannot be written to " + out + ": " + e.getMessage(), "give another --out", e);
        }
    }

    private void rows(Path tables) {
        Rows.write(tables, "scores", Score.class, scores());
        Rows.write(
                tables,
                "questions",
                Learned.Row.class,
                learned.stream().flatMap(each -> each.rows().stream()).toList());
        Rows.parquet(
                tables, "margins", Learned.Margin.class, learned.stream().flatMap(each -> each.margins().stream()));
        Rows.write(tables, "signal", Signal.class, signals);
        Rows.write(tables, "emergence", Emergence.class, emergence);
        Rows.write(tables, "texts", TextSection.Row.class, TextSection.rows(runs));
        if (!planted.isEmpty()) {
            Rows.write(tables, "planted-truth", Planted.class, planted);
        }
        if (runs.size() > 1) {
            Rows.write(tables, "comparison", Comparison.class, comparisons);
        }
    }

    private List<Score> scores() {
        List<Score> scores = new ArrayList<>();
        for (StudiedRun run : runs) {
            for (TaskSeries task : run.tasks()) {
                for (ScoreLine line : task.lines()) {
                    scores.add(new Score(
                            run.name(),
                            line.step(),
                            run.tokens().getOrDefault(line.step(), 0.0),
                            Rows.known(run.lossAt(line.step()).orElse(Double.NaN)),
                            task.benchmark().id(),
                            line.measure().convention(),
                            Metric.ACCURACY.of(line),
                            Metric.BITS.of(line),
                            line.documents()));
                }
            }
        }
        return scores;
    }

    private List<Section> sections() {
        return List.of(
                scoresSection(),
                Learned.section(runs, learned),
                Planted.section(planted),
                Signal.section(signals),
                Emergence.section(runs, emergence),
                Comparison.section(runs, comparisons),
                TextSection.section(runs));
    }

    private Section scoresSection() {
        Function<StudiedRun, Function<Benchmark, List<Point>>> accuracy = points(Metric.ACCURACY);
        return new Section(
                "scores",
                "Scores",
                "Accuracy with bars of 1.96 standard errors, and what the right answer costs, which moves where"
                        + " accuracy is still noise.",
                List.of(
                        new Part.Chart(Curves.of("accuracy-by-step", "Accuracy by step", "step")
                                .accuracy(
                                        runs,
                                        accuracy,
                                        run -> benchmark -> run.task(benchmark)
                                                .map(TaskSeries::spans)
                                                .orElse(List.of()))),
                        new Part.Chart(Curves.of("bits-by-step", "Bits a byte of the right answer by step", "step")
                                .plain(runs, points(Metric.BITS), "bits a byte", Axis.Format.PLAIN))),
                "");
    }

    private static Function<StudiedRun, Function<Benchmark, List<Point>>> points(Metric metric) {
        return run -> benchmark ->
                run.task(benchmark).map(task -> task.points(metric)).orElse(List.of());
    }

    private String title() {
        return runs.stream().map(StudiedRun::name).collect(Collectors.joining(" and "));
    }

    private Page.Head head() {
        return new Page.Head(
                title(),
                "study",
                runs.stream()
                        .map(run -> Numbers.count(checkpoints(run)) + " checkpoints of " + run.name())
                        .collect(Collectors.joining(", ")),
                "Made by Cria from the runs' files alone. Tables for other programs, as CSV and Parquet: <a"
                        + " href=\"tables/\">tables</a>. The whole page as text: <a href=\"study.md\">study.md</a>");
    }

    private static long checkpoints(StudiedRun run) {
        return run.tasks().stream()
                .flatMap(task -> task.lines().stream())
                .map(ScoreLine::step)
                .distinct()
                .count();
    }

    private List<Tile> tiles() {
        List<Tile> tiles = new ArrayList<>();
        tiles.add(new Tile(
                "Checkpoints",
                runs.stream().map(run -> Numbers.count(checkpoints(run))).collect(Collectors.joining(" / ")),
                runs.getFirst().tasks().size() + " benchmarks"));
        for (Outcome outcome : Outcome.values()) {
            tiles.add(new Tile(
                    outcome.name().charAt(0) + outcome.name().substring(1).toLowerCase(Locale.ROOT),
                    runs.stream().map(run -> Numbers.count(count(run, outcome))).collect(Collectors.joining(" / ")),
                    "questions"));
        }
        signals.stream()
                .filter(signal -> Double.isFinite(signal.ratio()))
                .max(Comparator.comparingDouble(Signal::ratio))
                .ifPresent(best -> tiles.add(new Tile("Clearest benchmark", best.task(), "by " + best.metric())));
        return tiles;
    }

    private long count(StudiedRun run, Outcome outcome) {
        return learned.stream()
                .filter(each -> each.run() == run)
                .mapToLong(each -> each.count(outcome))
                .sum();
    }
}
