package dev.cria.eval;

import dev.cria.Progress;
import dev.cria.data.Batch;
import dev.cria.data.Windows;
import dev.cria.model.Attention;
import dev.cria.model.LanguageModel;
import dev.cria.model.Tokens;
import dev.cria.nn.Tape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.tokenizer.Tokenizer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/** The mean cross-entropy of a model over the windows of a shard. Only reads the model. */
public final class ValidationLoss {
    private static final int TOKENS_A_BATCH = 4096;

    private final LanguageModel model;
    private final Kernels kernels;
    private final Optional<int[]> bytesOfToken;

    /**
     * @param loss nats a token
     * @param bitsPerByte of the text; tokens that stand for no text, such as the end of a document, are left out of
     *     both sides. None where there is no tokenizer
     * @param perplexity e to the loss
     * @param lossByPosition the mean at each place of a window: what context is worth
     */
    public record Result(
            double loss, OptionalDouble bitsPerByte, double perplexity, long tokens, double[] lossByPosition) {}

    /** @param tokenizer that the shards were made with, for bits per byte */
    public ValidationLoss(LanguageModel model, Kernels kernels, Optional<Tokenizer> tokenizer) {
        this.model = model;
        this.kernels = kernels;
        this.bytesOfToken = tokenizer.map(ValidationLoss::bytesOfTokens);
    }

    private static int[] bytesOfTokens(Tokenizer tokenizer) {
        int[] bytes = new int[tokenizer.vocabularySize()];
        for (int id = 0; id < bytes.length; id++) {
            bytes[id] = tokenizer.bytes(id).length;
        }
        tokenizer.specialTokens().values().forEach(id -> bytes[id] = 0);
        return bytes;
    }

    /** @param limit the first so many windows, 0 for all */
    public Result over(Windows windows, long limit, Progress progress) {
        return over(windows, limit, Math.max(1, TOKENS_A_BATCH / windows.sequenceLength()), progress);
    }

    /** @param rows windows of a forward: what memory allows */
    public Result over(Windows windows, long limit, int rows, Progress progress) {
        long count = limit == 0 ? windows.count() : Math.min(limit, windows.count());
        Sums sums = new Sums(windows.sequenceLength());
        try (Progress.Task task = progress.begin("validation", "windows", count)) {
            for (long at = 0; at < count; at += rows) {
                int here = (int) Math.min(rows, count - at);
                try (Arena arena = Arena.ofConfined()) {
                    Batch batch = Batch.allocate(arena, here, windows.sequenceLength());
                    windows.read(at, batch);
                    sums.add(batch, losses(batch), bytesOfToken);
                }
                task.advance(here);
                task.note("loss %.4f".formatted(sums.loss()));
            }
        }
        return sums.result(bytesOfToken.isPresent());
    }

    private float[] losses(Batch batch) {
        try (var scope = new Scope();
                var tape = new Tape(kernels, Tape.Mode.INFERENCE)) {
            Tensor ids = onDevice(scope, batch.inputs());
            Tokens tokens = Tokens.of(scope, model.device(), ids, batch.rows(), batch.sequenceLength());
            var hidden = model.hidden(tape, tokens, Attention.wholeRows());
            return tape.linearCrossEntropy(hidden, model.head(), onDevice(scope, batch.targets()), 1)
                    .toFloats();
        }
    }

    private Tensor onDevice(Scope scope, MemorySegment numbers) {
        Tensor made = scope.empty(DType.INT64, model.device(), numbers.byteSize() / Long.BYTES);
        made.copyFrom(numbers);
        return made;
    }

    /** What has been added up so far. */
    private static final class Sums {
        private final double[] byPosition;
        private long windows;
        private double textLoss;
        private long textBytes;

        Sums(int sequenceLength) {
            byPosition = new double[sequenceLength];
        }

        void add(Batch batch, float[] losses, Optional<int[]> bytesOfToken) {
            for (int row = 0; row < batch.rows(); row++) {
                for (int column = 0; column < byPosition.length; column++) {
                    float loss = losses[row * byPosition.length + column];
                    byPosition[column] += loss;
                    int target = (int) batch.target(row, column);
                    int bytes = bytesOfToken
                            .map(all -> target < all.length ? all[target] : 0)
                            .orElse(0);
                    textLoss += bytes > 0 ? loss : 0;
                    textBytes += bytes;
                }
            }
            windows += batch.rows();
        }

        double loss() {
            return Arrays.stream(byPosition).sum() / (windows * byPosition.length);
        }

        Result result(boolean withBytes) {
            return new Result(
                    loss(),
                    withBytes && textBytes > 0
                            ? OptionalDouble.of(textLoss / Math.log(2) / textBytes)
                            : OptionalDouble.empty(),
                    Math.exp(loss()),
                    windows * byPosition.length,
                    Arrays.stream(byPosition).map(sum -> sum / windows).toArray());
        }
    }
}
