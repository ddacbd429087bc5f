package dev.cria.study;

import dev.cria.RequestException;
import dev.cria.eval.Benchmark;
import dev.cria.eval.series.Measure;
import dev.cria.eval.series.ScoreLine;
import dev.cria.eval.series.ScoreLog;
import dev.cria.eval.series.ScoreSeries;
import dev.cria.page.Point;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the files of a run say of its series.
 *
 * @param name its directory's, or with a number where another run has that
 * @param losses on the validation shard by step
 * @param tokens seen before each step that a benchmark was run at
 */
record StudiedRun(
        String name,
        Path directory,
        List<TaskSeries> tasks,
        List<Point> losses,
        Map<Long, Double> tokens,
        Texts texts) {

    /** Checkpoints at least. An onset needs one more. */
    static final int LEAST = 2;

    /** @throws RequestException if a directory has no series */
    static List<StudiedRun> readAll(List<Path> directories) {
        Set<String> names = new HashSet<>();
        List<StudiedRun> runs = new ArrayList<>();
        for (Path directory : directories) {
            String own = String.valueOf(directory.toAbsolutePath().normalize().getFileName());
            String name = own;
            for (int again = 2; !names.add(name); again++) {
                name = own + " (" + again + ")";
            }
            runs.add(read(name, directory));
        }
        return runs;
    }

    /** Whether a run has been measured often enough to be studied. */
    static boolean isSeries(Path run) {
        return isSeries(ScoreSeries.ofEach(new ScoreLog(run).checkpoints()));
    }

    private static boolean isSeries(Map<String, List<ScoreLine>> series) {
        return series.entrySet().stream()
                .anyMatch(e ->
                        !e.getKey().equals(Measure.VALIDATION) && e.getValue().size() >= LEAST);
    }

    private static StudiedRun read(String name, Path directory) {
        if (!Files.isRegularFile(directory.resolve(RunFiles.CONFIG))) {
            throw new RequestException(
                    directory + " is not a run: it has no " + RunFiles.CONFIG, "name what pretrain --out made");
        }
        ScoreLog log = new ScoreLog(directory);
        Map<String, List<ScoreLine>> series = ScoreSeries.ofEach(log.checkpoints());
        if (!isSeries(series)) {
            throw new RequestException(
                    "%s has no benchmark of %d checkpoints or more in %s"
                            .formatted(directory, LEAST, RunFiles.EVALUATIONS),
                    "./cria eval " + directory + " --all --benchmarks DIR");
        }
        List<TaskSeries> tasks = Stream.of(Benchmark.values())
                .flatMap(benchmark -> {
                    List<ScoreLine> lines = series.getOrDefault(benchmark.id(), List.of());
                    return lines.size() < LEAST ? Stream.empty() : Stream.of(TaskSeries.read(log, benchmark, lines));
                })
                .toList();
        RunFiles files = new RunFiles(directory);
        return new StudiedRun(
                name,
                directory,
                tasks,
                losses(files, series.getOrDefault(Measure.VALIDATION, List.of())),
                tokens(files.stepLines(), tasks),
                Texts.of(files));
    }

    /** What was measured of the checkpoints themselves before what the loop saw of a part of the shard. */
    private static List<Point> losses(RunFiles files, List<ScoreLine> measured) {
        TreeMap<Long, Double> losses = new TreeMap<>();
        List<Point> afterwards = measured.stream()
                .flatMap(line -> line.metric("loss").stream().mapToObj(loss -> new Point(line.step(), loss)))
                .toList();
        if (afterwards.size() >= LEAST) {
            return afterwards;
        }
        files.validations().forEach(line -> losses.put(line.step(), line.loss()));
        return losses.entrySet().stream()
                .map(e -> new Point(e.getKey(), e.getValue()))
                .toList();
    }

    private static Map<Long, Double> tokens(List<Line.Step> steps, List<TaskSeries> tasks) {
        TreeMap<Long, Double> after = new TreeMap<>();
        steps.forEach(step -> after.put(step.step() + 1, (double) step.tokens()));
        Map<Long, Double> tokens = new TreeMap<>();
        for (TaskSeries task : tasks) {
            for (ScoreLine line : task.lines()) {
                Optional.ofNullable(after.floorEntry(line.step()))
                        .ifPresentOrElse(
                                e -> tokens.put(line.step(), e.getValue()), () -> tokens.put(line.step(), 0.0));
            }
        }
        return tokens;
    }

    /** The validation loss at a step, on a straight line between its neighbours. */
    OptionalDouble lossAt(double step) {
        return Lines.at(losses, step);
    }

    Optional<TaskSeries> task(Benchmark benchmark) {
        return tasks.stream().filter(task -> task.benchmark() == benchmark).findFirst();
    }

    /** The benchmarks that any of the runs has. */
    static List<Benchmark> benchmarks(List<StudiedRun> runs) {
        return Stream.of(Benchmark.values())
                .filter(benchmark ->
                        runs.stream().anyMatch(run -> run.task(benchmark).isPresent()))
                .toList();
    }
}
