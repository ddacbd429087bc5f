package dev.cria.run;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.format.TensorBoardWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Steps, evaluations and samples as TensorBoard reads them. A run's file is written anew, from the run's own lines, when
 * it begins, resumes or forks, so that each tag has each step once whatever was killed or taken back before. Values are
 * handed to the system at once. Where they cannot be written the run continues without them, and a new file is tried with
 * the next.
 */
public final class TensorBoard implements MetricSink {
    private final Path directory;
    private final RepeatedWarning warning;
    private Optional<TensorBoardWriter> writer = Optional.empty();
    private Optional<Instant> replayed = Optional.empty();

    private TensorBoard(Path directory, Progress progress) {
        this.directory = directory;
        this.warning = new RepeatedWarning(progress, InstantSource.system());
    }

    /** Writes into a run's {@code tensorboard/}, and first what the run's lines say so far. */
    public static TensorBoard open(Path run, Progress progress) {
        TensorBoard board = new TensorBoard(run.resolve("tensorboard"), progress);
        board.replay(new RunFiles(run));
        return board;
    }

    private void replay(RunFiles files) {
        write(writer -> {
            List<Path> earlier = writer.earlier();
            writer.starts(0);
            List<Line> lines = files.metrics();
            Instant now = Instant.now();
            double last = lines.stream().mapToDouble(TensorBoard::elapsed).reduce(0, Math::max);
            double seconds = 0;
            for (Line line : lines) {
                seconds = Math.max(seconds, elapsed(line));
                replayed = Optional.of(now.minusMillis(Math.round(1000 * (last - seconds))));
                put(writer, line);
            }
            files.samples().forEach(sample -> put(writer, sample));
            replayed = Optional.empty();
            writer.flush();
            // Only now is nothing lost with them.
            earlier.forEach(TensorBoard::delete);
        });
    }

    private static double elapsed(Line line) {
        return line instanceof Line.Step step && Double.isFinite(step.elapsedSeconds()) ? step.elapsedSeconds() : 0;
    }

    /** One that stays is taken back by the new file's start. */
    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // TensorBoard drops what is in it.
        }
    }

    @Override
    public void take(Line line) {
        write(writer -> put(writer, line));
    }

    private static void put(TensorBoardWriter w, Line line) {
        switch (line) {
            case Line.Step s -> {
                w.scalar("train/loss", s.step(), s.loss());
                w.scalar("train/learning_rate", s.step(), s.learningRate());
                w.scalar("train/grad_norm", s.step(), s.gradientNorm());
                w.scalar("train/tokens_per_s", s.step(), s.tokensPerSecond());
                w.scalar("train/mfu", s.step(), s.mfu());
            }
            case Line.Averaged a -> putEvaluation(w, Line.EMA, a.line());
            case Line.Validation _, Line.Benchmarks _ -> putEvaluation(w, "", line);
            case Line.Sample s -> w.text("samples/" + s.seed() + " " + s.prompt(), s.step(), s.prompt() + s.text());
        }
    }

    private static void putEvaluation(TensorBoardWriter w, String prefix, Line line) {
        if (line instanceof Line.Validation v) {
            w.scalar(prefix + "val/loss", v.step(), v.loss());
        } else if (line instanceof Line.Benchmarks b) {
            b.tasks()
                    .forEach((task, metrics) -> metrics.forEach((metric, value) ->
                            w.scalar(prefix + "benchmarks/" + task + "/" + metric, b.step(), value)));
        }
    }

    private void write(Consumer<TensorBoardWriter> values) {
        try {
            TensorBoardWriter open =
                    writer.orElseGet(() -> TensorBoardWriter.open(directory, () -> replayed.orElseGet(Instant::now)));
            writer = Optional.of(open);
            values.accept(open);
            open.flush();
        } catch (WorkException e) {
            warning.say(e.error() + "; TensorBoard will miss these steps");
            close();
        }
    }

    @Override
    public void close() {
        try {
            writer.ifPresent(TensorBoardWriter::close);
        } catch (WorkException e) {
            warning.say(e.error());
        } finally {
            writer = Optional.empty();
        }
    }
}
