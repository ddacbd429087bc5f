package dev.cria.train;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.format.TensorBoardWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The scalars of the paper's Figure 1, and the samples, as TensorBoard reads them. Each step's values are handed to the
 * system at once. Where they cannot be written the run goes on without them, and a new file is tried with the next.
 */
final class TensorBoard implements Listener, Evaluations {
    private final Path directory;
    private final RepeatedWarning warning;
    private Optional<TensorBoardWriter> writer = Optional.empty();

    private TensorBoard(Path directory, Progress progress) {
        this.directory = directory;
        this.warning = new RepeatedWarning(progress, InstantSource.system());
    }

    /** Writes into a run's {@code tensorboard/}; what a resumed run shows from {@code firstStep} on is replaced. */
    static TensorBoard open(Path run, long firstStep, Progress progress) {
        TensorBoard board = new TensorBoard(run.resolve("tensorboard"), progress);
        board.write(writer -> {
            if (firstStep > 0) {
                writer.resumedAt(firstStep);
            }
        });
        return board;
    }

    private void write(Consumer<TensorBoardWriter> values) {
        try {
            TensorBoardWriter open = writer.orElseGet(() -> TensorBoardWriter.open(directory));
            writer = Optional.of(open);
            values.accept(open);
            open.flush();
        } catch (WorkException e) {
            warning.say(e.error() + "; TensorBoard will miss these steps");
            close();
        }
    }

    @Override
    public void afterStep(StepResult result) {
        write(w -> {
            w.scalar("train/loss", result.step(), result.loss());
            w.scalar("train/learning_rate", result.step(), result.learningRate());
            w.scalar("train/grad_norm", result.step(), result.gradientNorm());
            w.scalar("train/tokens_per_s", result.step(), result.tokensPerSecond());
        });
    }

    @Override
    public void validation(long step, double loss) {
        write(w -> w.scalar("val/loss", step, loss));
    }

    @Override
    public void benchmarks(long step, Map<String, Map<String, Double>> results) {
        write(w -> results.forEach((task, metrics) ->
                metrics.forEach((metric, value) -> w.scalar("benchmarks/" + task + "/" + metric, step, value))));
    }

    @Override
    public void sample(long step, String prompt, long seed, String text) {
        write(w -> w.text("samples/" + seed + " " + prompt, step, prompt + text));
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
