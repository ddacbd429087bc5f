package dev.cria.model;

import dev.cria.nn.CachedSequence;
import dev.cria.nn.Tape;
import dev.cria.nn.Value;
import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Scope;
import dev.cria.tensor.ShapeException;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The keys and values of the tokens seen so far, for each layer, so that decoding reads each token once. The rows of a
 * batch end together; those that have seen fewer tokens begin later.
 */
public final class KvCache implements Attention, AutoCloseable {
    private final int batch;
    private final int capacity;
    private final List<Tensor> keys = new ArrayList<>();
    private final List<Tensor> values = new ArrayList<>();
    private final int[] begins; // the place of each row's first token
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
        this.begins = new int[batch];
        // In one piece, so that it stands on large pages even if a layer's part is small.
        try (Tensor all = Tensor.empty(dtype, device, 2L * layers, (long) batch * capacity * width)) {
            for (int layer = 0; layer < layers; layer++) {
                keys.add(part(all, 2L * layer, width));
                values.add(part(all, 2L * layer + 1, width));
            }
        }
    }

    private Tensor part(Tensor all, long index, long width) {
        try (Tensor one = all.rows(index, 1)) {
            return one.view(batch, capacity, width);
        }
    }

    /**
     * A cache whose rows have seen what the one row of each of these has; the same one may stand for several. The caller
     * closes it.
     */
    public static KvCache joined(List<KvCache> ones, int capacity) {
        KvCache one = ones.getFirst();
        Tensor like = one.keys.getFirst();
        var wider = new KvCache(one.keys.size(), like.dtype(), like.device(), ones.size(), capacity, like.size(2));
        wider.length = ones.stream().mapToInt(KvCache::length).max().orElseThrow();
        for (int row = 0; row < ones.size(); row++) {
            KvCache from = ones.get(row);
            if (from.batch != 1) {
                throw new ShapeException("a cache of " + from.batch + " rows is no one row to join");
            }
            wider.begins[row] = wider.length - from.length;
            for (int layer = 0; layer < from.keys.size(); layer++) {
                from.copySeen(from.keys.get(layer), wider.keys.get(layer), row, wider.begins[row]);
                from.copySeen(from.values.get(layer), wider.values.get(layer), row, wider.begins[row]);
            }
        }
        return wider;
    }

    private void copySeen(Tensor from, Tensor to, int row, int begin) {
        try (var scope = new Scope()) {
            Tensor all = scope.own(to.rows(row, 1));
            // What is never seen is still multiplied by 0, which NaN would survive.
            scope.own(all.narrow(1, 0, begin)).zero();
            scope.own(all.narrow(1, begin, length)).copyFrom(scope.own(from.narrow(1, 0, length)));
        }
    }

    /** Takes over the first tokens that another cache of one row has seen; this one is empty. */
    public void copyPrefix(KvCache from, int tokens) {
        if (batch != 1 || from.batch != 1 || length != 0 || tokens > Math.min(from.length, capacity)) {
            throw new ShapeException("a cache of " + length + " tokens takes no " + tokens + " of " + from.length);
        }
        for (int layer = 0; layer < keys.size(); layer++) {
            copyFirst(from.keys.get(layer), keys.get(layer), tokens);
            copyFirst(from.values.get(layer), values.get(layer), tokens);
        }
        length = tokens;
    }

    private static void copyFirst(Tensor from, Tensor to, int tokens) {
        try (Tensor source = from.narrow(1, 0, tokens);
                Tensor target = to.narrow(1, 0, tokens)) {
            target.copyFrom(source);
        }
    }

    /** Most tokens that a row may have. */
    public int capacity() {
        return capacity;
    }

    /**
     * Adds a layer's keys and values of new tokens of the one row, which {@link #advance} counts after the last layer.
     *
     * @param newKeys [tokens, kvHeads·headDim]
     * @return all keys and values, of the scope
     */
    CachedSequence append(Scope scope, Layer layer, Tensor newKeys, Tensor newValues) {
        int fresh = Math.toIntExact(newKeys.size(0));
        int total = length + fresh;
        if (batch != 1 || total > capacity) {
            throw new ShapeException(
                    "a cache of " + batch + " rows of " + capacity + " has no room for one of " + total);
        }
        Tensor layerKeys = keys.get(layer.index());
        Tensor layerValues = values.get(layer.index());
        scope.own(layerKeys.narrow(1, length, fresh)).copyFrom(scope.own(newKeys.splitRows(1, fresh)));
        scope.own(layerValues.narrow(1, length, fresh)).copyFrom(scope.own(newValues.splitRows(1, fresh)));
        return new CachedSequence(
                layer.heads().shape(1, fresh, total),
                scope.own(layerKeys.narrow(1, 0, total)),
                scope.own(layerValues.narrow(1, 0, total)));
    }

    /** The position that the next token of each row has. */
    public int[] nextPositions() {
        return Arrays.stream(begins).map(begin -> length - begin).toArray();
    }

    /** Tokens that the row that has seen most has seen. */
    public int length() {
        return length;
    }

    /** Says that a forward has gone through all layers with {@code tokens} new tokens in each row. */
    public void advance(int tokens) {
        length += tokens;
    }

    /** Forgets all tokens after the first {@code tokens}. */
    public void truncate(int tokens) {
        if (tokens > length || isRagged()) {
            throw new ShapeException("a cache of " + length + " tokens has no first " + tokens + " of every row");
        }
        length = tokens;
    }

    @Override
    public Value attend(Tape tape, Layer layer, Tokens tokens, Value q, Value k, Value v) {
        int total = length + tokens.seq();
        if (tokens.batch() != batch || total > capacity) {
            throw new ShapeException("a cache of " + batch + " rows of " + capacity + " has no room for "
                    + tokens.batch() + " rows of " + total);
        }
        AttentionShape shape = layer.heads().shape(batch, tokens.seq(), total);
        Tensor layerKeys = keys.get(layer.index());
        Tensor layerValues = values.get(layer.index());
        append(layerKeys, k, tokens.seq());
        append(layerValues, v, tokens.seq());
        try (var scope = new Scope()) {
            Tensor seenKeys = scope.own(layerKeys.narrow(1, 0, total));
            Tensor seenValues = scope.own(layerValues.narrow(1, 0, total));
            return tape.cachedAttention(shape, layer.window(), q, seenKeys, seenValues, starts(scope, total));
        }
    }

    private boolean isRagged() {
        return Arrays.stream(begins).anyMatch(begin -> begin > 0);
    }

    /** The first place that each place of a row sees. */
    private Optional<Tensor> starts(Scope scope, int total) {
        if (!isRagged()) {
            return Optional.empty();
        }
        long[] starts = new long[batch * total];
        for (int row = 0; row < batch; row++) {
            Arrays.fill(starts, row * total, (row + 1) * total, begins[row]);
        }
        Tensor host = scope.own(Tensor.of(starts, batch, total));
        Device device = keys.getFirst().device();
        return Optional.of(device.isCpu() ? host : scope.own(host.to(device)));
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
