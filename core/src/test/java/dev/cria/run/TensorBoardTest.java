package dev.cria.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Said;
import dev.cria.run.TensorBoardReader.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TensorBoard's files, read by TensorBoard's rules. */
final class TensorBoardTest {
    @TempDir
    private Path folder;

    private final Said said = new Said();

    @Test
    void aKilledProcessLosesNoValueOfAFinishedStep() throws IOException {
        TensorBoard board = TensorBoard.open(folder, said);
        long before = written();
        board.take(step(0));
        long afterOne = written();
        assertThat(afterOne).isGreaterThan(before + 5 * 30);
        board.take(new Line.Validation(1, 3.5));
        assertThat(written()).isGreaterThan(afterOne);
        board.close();
    }

    @Test
    void afterAnyNumberOfResumesEachTagHasEachStepOnceAsInTheLog() throws IOException {
        Path run = Files.createDirectory(folder.resolve("run"));
        segment(run, 0, 7, End.KILLED);
        assertThatBoardIsTheLog(run);
        new RunFiles(run).rewind(4);
        segment(run, 4, 9, End.KILLED);
        assertThatBoardIsTheLog(run);
        new RunFiles(run).rewind(4);
        segment(run, 4, 5, End.CLOSED);
        new RunFiles(run).rewind(5);
        segment(run, 5, 12, End.CLOSED);
        assertThatBoardIsTheLog(run);
        assertThat(TensorBoardReader.read(run.resolve("tensorboard")).get("train/loss"))
                .hasSize(12);
    }

    @Test
    void aForkShowsItsParentUpToItsStepAndThenItself() throws IOException {
        Path run = Files.createDirectory(folder.resolve("run"));
        segment(run, 0, 9, End.CLOSED);
        Path fork = Files.createDirectory(folder.resolve("fork"));
        new RunFiles(run).fork(fork, 6);
        segment(fork, 6, 8, End.CLOSED);
        assertThatBoardIsTheLog(fork);
        assertThat(TensorBoardReader.read(fork.resolve("tensorboard")).get("val/loss"))
                .extracting(Point::step)
                .containsExactly(0L, 2L, 4L, 6L, 8L);
    }

    /** A kill between writing the new file and removing the old ones. */
    @Test
    void anOldFileThatStaysIsTakenBack() throws IOException {
        Path run = Files.createDirectory(folder.resolve("run"));
        segment(run, 0, 9, End.KILLED);
        Path old = onlyFile(run);
        byte[] bytes = Files.readAllBytes(old);
        new RunFiles(run).rewind(4);
        segment(run, 4, 5, End.CLOSED);
        Files.write(old, bytes);
        assertThatBoardIsTheLog(run);
    }

    @Test
    void filesOfOthersStay() throws IOException {
        Path others = Files.createDirectories(folder.resolve("tensorboard"))
                .resolve("events.out.tfevents.1700000000.host.1.0");
        Files.writeString(others, "");
        TensorBoard.open(folder, said).close();
        TensorBoard.open(folder, said).close();
        assertThat(others).exists();
        try (Stream<Path> files = Files.list(folder.resolve("tensorboard"))) {
            assertThat(files).hasSize(2);
        }
    }

    private enum End {
        CLOSED,
        KILLED
    }

    /** Steps of a training, with a validation before each second one; a resumed one does not evaluate again. */
    private void segment(Path run, long from, long to, End end) {
        try (RunLog log = RunLog.open(run, said)) {
            TensorBoard board = TensorBoard.open(run, said);
            for (long step = from; step <= to; step++) {
                List<Line> lines = new ArrayList<>();
                if (step % 2 == 0 && (step != from || from == 0)) {
                    lines.add(new Line.Validation(step, step == 2 ? Double.NaN : 10.0 / (step + 1)));
                    lines.add(new Line.Averaged(new Line.Validation(step, 7.5 + step)));
                    lines.add(new Line.Benchmarks(step, "harness", Map.of("piqa", Map.of("acc", 0.5 + step))));
                    lines.add(new Line.Sample(step, "A", 7, "b"));
                }
                if (step < to) {
                    lines.add(step(step));
                }
                lines.forEach(line -> {
                    log.take(line);
                    board.take(line);
                });
            }
            if (end == End.CLOSED) {
                board.close();
            }
        }
    }

    private static void assertThatBoardIsTheLog(Path run) throws IOException {
        Map<String, List<Point>> log = new TreeMap<>();
        RunFiles files = new RunFiles(run);
        for (Line line : Stream.concat(files.metrics().stream(), files.samples().stream())
                .toList()) {
            switch (line) {
                case Line.Step s -> {
                    put(log, "train/loss", s.step(), s.loss());
                    put(log, "train/learning_rate", s.step(), s.learningRate());
                    put(log, "train/grad_norm", s.step(), s.gradientNorm());
                    put(log, "train/tokens_per_s", s.step(), s.tokensPerSecond());
                    put(log, "train/mfu", s.step(), s.mfu());
                }
                case Line.Validation v -> put(log, "val/loss", v.step(), v.loss());
                case Line.Averaged a -> put(log, "ema_val/loss", a.step(), ((Line.Validation) a.line()).loss());
                case Line.Benchmarks b -> put(log, "benchmarks/piqa/acc", b.step(), 0.5 + b.step());
                case Line.Sample s -> put(log, "samples/7 A", s.step(), Double.NaN);
            }
        }
        assertThat(TensorBoardReader.read(run.resolve("tensorboard"))).isEqualTo(log);
    }

    private static void put(Map<String, List<Point>> log, String tag, long step, double value) {
        log.computeIfAbsent(tag, _ -> new ArrayList<>()).add(new Point(step, (float) value));
    }

    @Test
    void whereNothingCanBeWrittenTheRunContinuesAndLaterStepsAreShown() throws IOException {
        Files.writeString(folder.resolve("tensorboard"), "in the way");
        TensorBoard board = TensorBoard.open(folder, said);
        board.take(step(0));
        assertThat(said.lines())
                .singleElement()
                .asString()
                .startsWith("warning: ")
                .endsWith("will miss these steps");
        Files.delete(folder.resolve("tensorboard"));
        board.take(step(1));
        board.close();
        assertThat(written()).isPositive();
    }

    private static Path onlyFile(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run.resolve("tensorboard"))) {
            return files.reduce((a, b) -> {
                        throw new AssertionError(a + " and " + b);
                    })
                    .orElseThrow();
        }
    }

    private long written() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("tensorboard"))) {
            return files.mapToLong(f -> f.toFile().length()).sum();
        }
    }

    private static Line.Step step(long step) {
        return new Line.Step(
                step,
                step == 3 ? Double.NaN : 3.5 - 0.1 * step,
                1e-3,
                0.5,
                10 * step,
                20,
                0.3,
                step,
                Line.Step.Outcome.MOVED,
                Map.of(),
                List.of());
    }
}
