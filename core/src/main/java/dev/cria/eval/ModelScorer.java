package dev.cria.eval;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.eval.BatchPlan.Batch;
import dev.cria.eval.BatchPlan.Row;
import dev.cria.eval.BatchPlan.Slice;
import dev.cria.eval.BatchPlan.Target;
import dev.cria.model.Attention;
import dev.cria.model.Attention.Heads;
import dev.cria.model.KvCache;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.model.Tokens;
import dev.cria.nn.Tape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Scores requests with a language model, in the batches of a {@link BatchPlan}: common beginnings are read once into a
 * cache that all their continuations go on from, and the head is computed at scored positions only. Log-softmax in
 * float32, sums in float64.
 *
 * <p>Only reads the model, has no random state, and lays its batches out by the model's shape alone, so a training may
 * call it between steps.
 */
public final class ModelScorer implements Scorer {
    /** Bytes of keys and values that a forward's cache may take. */
    private static final long CACHE_BYTES = 512L << 20;

    private static final int MOST_TOKENS = 8192;

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
        for (Batch batch : BatchPlan.of(requests, positions, budget()).batches()) {
            score(batch, sums, progress);
        }
        return sums;
    }

    private int budget() {
        Heads heads = model.config().heads();
        long bytesPerToken = 2L * model.config().layers() * heads.kvWidth() * type().bytes();
        return (int) Math.clamp(CACHE_BYTES / bytesPerToken, positions, Math.max(positions, MOST_TOKENS));
    }

    private void score(Batch batch, double[] sums, Progress.Task progress) {
        if (batch.shared() == 0) {
            for (Slice slice : batch.slices()) {
                score(slice, 0, Attention.wholeRows(), sums);
                progress.advance(requests(slice));
            }
            return;
        }
        try (KvCache beginnings = read(batch)) {
            for (Slice slice : batch.slices()) {
                int[] from = slice.rows().stream().mapToInt(Row::beginning).toArray();
                try (KvCache cache = beginnings.branched(from, slice.width())) {
                    score(slice, batch.shared(), cache, sums);
                }
                progress.advance(requests(slice));
            }
        }
    }

    private static long requests(Slice slice) {
        return slice.rows().stream()
                .flatMap(row -> row.input().targets().stream())
                .mapToInt(Target::request)
                .distinct()
                .count();
    }

    /** The keys and values of a batch's beginnings. The caller closes them. */
    private KvCache read(Batch batch) {
        int rows = batch.beginnings().size();
        KvCache cache = new KvCache(model.config(), type(), model.device(), rows, batch.shared());
        long[] ids = batch.beginnings().stream()
                .flatMapToInt(Arrays::stream)
                .asLongStream()
                .toArray();
        try (var scope = new Scope();
                var tape = new Tape(kernels, Tape.Mode.INFERENCE)) {
            model.hidden(tape, Tokens.of(scope, model.device(), ids, rows, 0), cache);
            cache.advance(batch.shared());
            return cache;
        } catch (RuntimeException e) {
            cache.close();
            throw e;
        }
    }

    /** Reads the rows after their shared tokens, padded on the right, where causal attention doesn't look. */
    private void score(Slice slice, int shared, Attention attention, double[] sums) {
        List<Row> rows = slice.rows();
        int seq = slice.width() - shared;
        long[] ids = new long[rows.size() * seq];
        for (int r = 0; r < rows.size(); r++) {
            int[] input = rows.get(r).input().ids();
            for (int i = shared; i < input.length; i++) {
                ids[r * seq + i - shared] = input[i];
            }
        }
        try (var scope = new Scope();
                var tape = new Tape(kernels, Tape.Mode.INFERENCE)) {
            Tokens tokens = Tokens.of(scope, model.device(), ids, rows.size(), shared);
            Tensor hidden = model.hidden(tape, tokens, attention).data(); // [rows·seq, hidden]
            addLogProbabilities(scope, slice, seq, shared, hidden, sums);
        }
    }

    /** Gathers the hidden states of the scored positions, so that the head is computed for no others. */
    private void addLogProbabilities(Scope scope, Slice slice, int seq, int shared, Tensor hidden, double[] sums) {
        List<Row> rows = slice.rows();
        int scored = rows.stream().mapToInt(row -> row.input().targets().size()).sum();
        long[] places = new long[scored];
        long[] tokens = new long[scored];
        int[] requests = new int[scored];
        int next = 0;
        for (int r = 0; r < rows.size(); r++) {
            for (Target target : rows.get(r).input().targets()) {
                places[next] = (long) r * seq + target.position() - shared;
                tokens[next] = target.token();
                requests[next++] = target.request();
            }
        }
        Tensor gathered = scope.empty(hidden.dtype(), hidden.device(), scored, hidden.size(1));
        kernels.embedding(hidden, onDevice(scope, places), gathered);
        Tensor losses = scope.empty(type().accumulation(), hidden.device(), scored);
        kernels.linearCrossEntropy(
                gathered, model.head().weight().value(), onDevice(scope, tokens), losses, Optional.empty());
        float[] each = losses.toFloats();
        for (int i = 0; i < scored; i++) {
            sums[requests[i]] -= each[i];
        }
    }

    private Tensor onDevice(Scope scope, long[] numbers) {
        Tensor host = scope.own(Tensor.of(numbers, numbers.length));
        return model.device().isCpu() ? host : scope.own(host.to(model.device()));
    }

    private DType type() {
        return model.parameters().storage().compute();
    }
}
