package dev.cria.generate;

import dev.cria.model.KvCache;
import dev.cria.model.LanguageModel;
import dev.cria.model.Tokens;
import dev.cria.nn.Tape;
import dev.cria.nn.Value;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Reads tokens with a model and says what it expects next. What was read before is kept in a {@link KvCache}, so each
 * token costs one pass over the weights. Buffers are made once.
 */
final class Decoder implements AutoCloseable {
    private final LanguageModel model;
    private final Kernels kernels;
    private final int batch;
    private final KvCache cache;
    private final float[] logits;

    Decoder(LanguageModel model, Kernels kernels, int batch, int capacity) {
        this(model, kernels, batch, new KvCache(model.config(), dtype(model), model.device(), batch, capacity));
    }

    private Decoder(LanguageModel model, Kernels kernels, int batch, KvCache cache) {
        this.model = model;
        this.kernels = kernels;
        this.batch = batch;
        this.cache = cache;
        this.logits = new float[Math.multiplyExact(batch, model.config().vocabSize())];
    }

    /** A decoder whose rows have read what the one row of each of these has; any may come again. The caller closes it. */
    static Decoder joined(List<Decoder> ones, int capacity) {
        Decoder one = ones.getFirst();
        KvCache cache = KvCache.joined(ones.stream().map(d -> d.cache).toList(), capacity);
        var wider = new Decoder(one.model, one.kernels, ones.size(), cache);
        for (int row = 0; row < ones.size(); row++) {
            float[] logits = ones.get(row).logits;
            System.arraycopy(logits, 0, wider.logits, row * logits.length, logits.length);
        }
        return wider;
    }

    private static DType dtype(LanguageModel model) {
        return model.parameters().storage().compute();
    }

    /** Tokens that each row has read. */
    int length() {
        return cache.length();
    }

    /** Forgets all tokens of each row after the first {@code tokens}. */
    void truncate(int tokens) {
        cache.truncate(tokens);
    }

    /** The logits after the last token read, [batch, vocab]; overwritten by the next {@link #read}. */
    float[] logits() {
        return logits;
    }

    /** Reads the next tokens of every row; as many of each, row after row. */
    void read(long[] ids) {
        int seq = ids.length / batch;
        try (var scope = new Scope();
                var tape = new Tape(kernels, Tape.Mode.INFERENCE)) {
            Tokens tokens = Tokens.of(scope, model.device(), ids, cache.nextPositions());
            Value hidden = model.hidden(tape, tokens, cache);
            cache.advance(seq);
            score(tape, scope, lastOfEachRow(scope, hidden.data(), seq));
        }
    }

    /** [batch, hidden] of [batch·seq, hidden]. */
    private Tensor lastOfEachRow(Scope scope, Tensor hidden, int seq) {
        if (seq == 1) {
            return hidden;
        }
        Tensor last = scope.empty(hidden.dtype(), hidden.device(), batch, hidden.size(1));
        for (int row = 0; row < batch; row++) {
            try (Tensor from = hidden.rows((row + 1L) * seq - 1, 1);
                    Tensor to = last.rows(row, 1)) {
                to.copyFrom(from);
            }
        }
        return last;
    }

    private void score(Tape tape, Scope scope, Tensor last) {
        Tensor scores = tape.logits(last, model.output());
        Tensor wide = scores;
        if (scores.dtype() != DType.FLOAT32 || !scores.device().isCpu()) {
            wide = scope.empty(DType.FLOAT32, Device.CPU, scores.shape());
            wide.copyFrom(scores);
        }
        MemorySegment.copy(wide.segment(), ValueLayout.JAVA_FLOAT, 0, logits, 0, logits.length);
    }

    @Override
    public void close() {
        cache.close();
    }
}
