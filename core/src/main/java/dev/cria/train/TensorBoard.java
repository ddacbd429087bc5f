package dev.cria.train;

import dev.cria.format.TensorBoardWriter;
import java.nio.file.Path;
import java.util.Map;

/** The scalars of the paper's Figure 1, and the samples, as TensorBoard reads them. */
final class TensorBoard implements Listener, Evaluations, AutoCloseable {
    private final TensorBoardWriter writer;

    private TensorBoard(TensorBoardWriter writer) {
        this.writer = writer;
    }

    /** Writes into a run's {@code tensorboard/}; what a resumed run shows from {@code firstStep} on is replaced. */
    static TensorBoard open(Path run, long firstStep) {
        TensorBoardWriter writer = TensorBoardWriter.open(run.resolve("tensorboard"));
        if (firstStep > 0) {
            writer.resumedAt(firstStep);
        }
        return new TensorBoard(writer);
    }

    @Override
    public void afterStep(StepResult result) {
        writer.scalar("train/loss", result.step(), result.loss());
        writer.scalar("train/learning_rate", result.step(), result.learningRate());
        writer.scalar("train/grad_norm", result.step(), result.gradientNorm());
        writer.scalar("train/tokens_per_s", result.step(), result.tokensPerSecond());
    }

    @Override
    public void validation(long step, double loss) {
        writer.scalar("val/loss", step, loss);
    }

    @Override
    public void benchmarks(long step, Map<String, Map<String, Double>> results) {
        results.forEach((task, metrics) ->
                metrics.forEach((metric, value) -> writer.scalar("benchmarks/" + task + "/" + metric, step, value)));
    }

    @Override
    public void sample(long step, String prompt, long seed, String text) {
        writer.text("samples/" + seed, step, prompt + text);
    }

    @Override
    public void close() {
        writer.close();
    }
}
