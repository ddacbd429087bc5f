package dev.cria.eval;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.eval.BatchPlan.Target;
import dev.cria.model.Attention;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.model.Tokens;
import dev.cria.nn.Tape;
import dev.cria.tensor.DType;
import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.TokenEmbedding;
import dev.cria.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Scores requests with a language model, in the batches of a {@link BatchPlan}: each different beginning is computed
 * once, and the head at scored positions only. Log-softmax in float32, sums in float64.
 *
 * <p>Only reads the model, has no random state, and lays its batches out by the requests alone, so a training may call
 * it between steps.
 */
public final class ModelScorer implements Scorer {
    /** Tokens of a forward: enough that reading the weights is the smaller part of it. */
    private static final int TOKENS = 2048;

    private final LanguageModel model;
    private final Kernels kernels;
    private final int positions;

    public ModelScorer(LanguageModel model, Kernels kernels) {
        this(model, kernels, model.config().positions());
    }

    /** @param maxLength positions to use, not more than the model has; longer requests are cut on the left */
    public ModelScorer(LanguageModel model, Kernels kernels, int maxLength) {
        requireLength(maxLength, model.config());
        this.model = model;
        this.kernels = kernels;
        this.positions = maxLength;
    }

    /** Refuses more positions than the model has. */
    public static void requireLength(int maxLength, ModelConfig config) {
        if (maxLength < 1 || maxLength > config.positions()) {
            throw new RequestException(
                    "--max-length is %d, outside 1 to the model's %d positions"
                            .formatted(maxLength, config.positions()),
                    "--max-length " + config.positions());
        }
    }

    /** Refuses a tokenizer that has ids which the model's vocabulary has not. */
    public static void requireFit(Tokenizer tokenizer, ModelConfig config) {
        if (tokenizer.vocabularySize() > config.vocabSize()) {
            throw new RequestException(
                    "the tokenizer has %d ids and the model's vocabulary %d, so they don't belong together"
                            .formatted(tokenizer.vocabularySize(), config.vocabSize()),
                    "--tokenizer DIR with the tokenizer that the model was trained with");
        }
    }

    @Override
    public int positions() {
        return positions;
    }

    @Override
    public double[] logLikelihoods(List<Request> requests, Progress.Task progress) {
        double[] sums = new double[requests.size()];
        for (TokenTree batch : BatchPlan.of(requests, positions, TOKENS).batches()) {
            score(batch, sums);
            progress.advance(batch.requests());
        }
        return sums;
    }

    private void score(TokenTree batch, double[] sums) {
        try (var scope = new Scope();
                var tape = new Tape(kernels, Tape.Mode.INFERENCE)) {
            var tokens = new Tokens(
                    1,
                    batch.ids().length,
                    onDevice(scope, batch.ids()),
                    onDevice(scope, batch.positions()),
                    Optional.empty());
            int[] members =
                    Arrays.stream(batch.members()).flatMapToInt(Arrays::stream).toArray();
            var attention = new Attention.SharedPrefixes(
                    batch.members().length, batch.width(), onDevice(scope, members), onDevice(scope, batch.places()));
            Tensor hidden = model.hidden(tape, tokens, attention).data(); // [tokens, hidden]
            addLogProbabilities(scope, batch.targets(), hidden, sums);
        }
    }

    /** Gathers the hidden states of the scored tokens, so that the head is computed for no others. */
    private void addLogProbabilities(Scope scope, List<Target> targets, Tensor hidden, double[] sums) {
        int[] places = targets.stream().mapToInt(Target::position).toArray();
        int[] tokens = targets.stream().mapToInt(Target::token).toArray();
        Tensor gathered = scope.empty(hidden.dtype(), hidden.device(), targets.size(), hidden.size(1));
        kernels.run(new TokenEmbedding.Lookup(hidden, onDevice(scope, places), gathered));
        Tensor losses = scope.empty(type().accumulation(), hidden.device(), targets.size());
        kernels.run(new HeadLoss(
                gathered, model.head().weight().value(), onDevice(scope, tokens), losses, Optional.empty()));
        float[] each = losses.toFloats();
        for (int i = 0; i < each.length; i++) {
            sums[targets.get(i).request()] -= each[i];
        }
    }

    private Tensor onDevice(Scope scope, int[] numbers) {
        long[] wide = Arrays.stream(numbers).asLongStream().toArray();
        Tensor host = scope.own(Tensor.of(wide, wide.length));
        return model.device().isCpu() ? host : scope.own(host.to(model.device()));
    }

    private DType type() {
        return model.parameters().storage().compute();
    }
}
