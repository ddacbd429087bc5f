package dev.cria.model;

import dev.cria.nn.Tape;
import dev.cria.nn.Value;
import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Scope;
import dev.cria.tensor.ShapeException;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys and values of the tokens seen so far, for each layer, so that decoding reads each token once. All rows of a
 * batch have seen equally many tokens.
 */
public final class KvCache implements Attention, AutoCloseable {
    private final int batch;
    private final int capacity;
    private final List<Tensor> keys = new ArrayList<>();
    private final List<Tensor> values = new ArrayList<>();
    private int length;

    /**
     * An empty cache for a model.
     *
     * @param dtype of the activations
     * @param capacity most tokens a row may have
     */
    public KvCache(ModelConfig config, DType dtype, Device device, int batch, int capacity) {
        this(config.layers(), dtype, device, batch, capacity, config.heads().kvWidth());
    }

    private KvCache(int layers, DType dtype, Device device, int batch, int capacity, long width) {
        this.batch = batch;
        this.capacity = capacity;
        for (int layer = 0; layer < layers; layer++) {
            keys.add(Tensor.empty(dtype, device, batch, capacity, width));
            values.add(Tensor.empty(dtype, device, batch, capacity, width));
        }
    }

    /** A cache of several rows that have all seen what the one row of this has. The caller closes it. */
    public KvCache repeated(int rows) {
        if (batch != 1) {
            throw new ShapeException("a cache of " + batch + " rows has no one row to repeat");
        }
        Tensor first = keys.getFirst();
        KvCache wider = new KvCache(keys.size(), first.dtype(), first.device(), rows, capacity, first.size(2));
        for (int layer = 0; layer < keys.size(); layer++) {
            copySeen(keys.get(layer), wider.keys.get(layer), rows);
            copySeen(values.get(layer), wider.values.get(layer), rows);
        }
        wider.length = length;
        return wider;
    }

    private void copySeen(Tensor from, Tensor to, int rows) {
        try (Tensor seen = from.narrow(1, 0, length);
                Tensor places = to.narrow(1, 0, length)) {
            for (int row = 0; row < rows; row++) {
                try (Tensor place = places.rows(row, 1)) {
                    place.copyFrom(seen);
                }
            }
        }
    }

    /** Tokens seen so far. */
    public int length() {
        return length;
    }

    /** Says that a forward has gone through all layers with {@code tokens} new tokens in each row. */
    public void advance(int tokens) {
        length += tokens;
    }

    /** Forgets all tokens after the first {@code tokens}. */
    public void truncate(int tokens) {
        if (tokens > length) {
            throw new ShapeException("a cache of " + length + " tokens has no first " + tokens);
        }
        length = tokens;
    }

    @Override
    public Value attend(Tape tape, int layer, Heads heads, Tokens tokens, Value q, Value k, Value v) {
        int total = length + tokens.seq();
        if (tokens.batch() != batch || total > capacity) {
            throw new ShapeException("a cache of " + batch + " rows of " + capacity + " has no room for "
                    + tokens.batch() + " rows of " + total);
        }
        var shape = new AttentionShape(batch, tokens.seq(), total, heads.heads(), heads.kvHeads(), heads.headDim());
        append(keys.get(layer), k, tokens.seq());
        append(values.get(layer), v, tokens.seq());
        try (var scope = new Scope()) {
            Tensor seenKeys = scope.own(keys.get(layer).narrow(1, 0, total));
            Tensor seenValues = scope.own(values.get(layer).narrow(1, 0, total));
            return tape.cachedAttention(shape, q, seenKeys, seenValues);
        }
    }

    private void append(Tensor cache, Value fresh, int seq) {
        try (Tensor place = cache.narrow(1, length, seq);
                Tensor rows = fresh.data().splitRows(batch, seq)) {
            place.copyFrom(rows);
        }
    }

    @Override
    public void close() {
        keys.forEach(Tensor::close);
        values.forEach(Tensor::close);
    }
}
