package dev.cria.tensor;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Other kernels with a clock around each call, which says in which kind of operation a step spends its time. The clock
 * stands still until {@link #watch()}; from then on each call is waited for on a device that computes on its own time,
 * so that a step takes somewhat longer there than unwatched. For one thread.
 */
public final class TimedKernels implements Kernels, AutoCloseable {
    private final Kernels kernels;
    private final Optional<Tensor> probe;
    private final Map<Kind, Long> nanos = new EnumMap<>(Kind.class);
    private boolean watching;

    /** What the time is sorted by. */
    public enum Kind {
        /** Products of activations, weights and their gradients, but for the head's. */
        MATRIX_PRODUCTS,
        ATTENTION,
        /** The products with the head, the softmax and the gradient of the loss. */
        HEAD_AND_LOSS,
        NORMS,
        ROTARY_POSITIONS,
        /** SwiGLU or GELU. */
        ACTIVATION,
        /** Residual sums and biases. */
        ELEMENTWISE,
        EMBEDDING,
        /** AdamW and the gradient's norm. */
        OPTIMIZER;

        /** The name in results: {@code matrix_products}. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public TimedKernels(Kernels kernels, Device device) {
        this.kernels = kernels;
        this.probe = device.isCpu() ? Optional.empty() : Optional.of(Tensor.zeros(DType.FLOAT32, device, 1));
    }

    /** Starts the clocks, from zero. */
    public void watch() {
        nanos.clear();
        watching = true;
    }

    /** Seconds in each kind of operation since {@link #watch()}, in the order of the kinds; none where there was no call. */
    public Map<Kind, Double> seconds() {
        Map<Kind, Double> seconds = new EnumMap<>(Kind.class);
        nanos.forEach((kind, spent) -> seconds.put(kind, spent / 1e9));
        return seconds;
    }

    private void timed(Kind kind, Runnable call) {
        long begun = System.nanoTime();
        call.run();
        count(kind, begun);
    }

    private void count(Kind kind, long begun) {
        if (!watching) {
            return;
        }
        probe.ifPresent(Tensor::toFloats); // The device's queue is in order: what was asked for before is done then.
        nanos.merge(kind, System.nanoTime() - begun, Long::sum);
    }

    @Override
    public String name() {
        return kernels.name();
    }

    @Override
    public void linear(Tensor x, Tensor w, Tensor y, Into into) {
        timed(Kind.MATRIX_PRODUCTS, () -> kernels.linear(x, w, y, into));
    }

    @Override
    public void linearInputGradient(Tensor dy, Tensor w, Tensor dx, Into into) {
        timed(Kind.MATRIX_PRODUCTS, () -> kernels.linearInputGradient(dy, w, dx, into));
    }

    @Override
    public void linearWeightGradient(Tensor dy, Tensor x, Tensor dw) {
        timed(Kind.MATRIX_PRODUCTS, () -> kernels.linearWeightGradient(dy, x, dw));
    }

    @Override
    public void linearWeightGradient(Tensor dy, Tensor x, Tensor dw, Into into) {
        timed(Kind.MATRIX_PRODUCTS, () -> kernels.linearWeightGradient(dy, x, dw, into));
    }

    @Override
    public void addBias(Tensor y, Tensor b) {
        timed(Kind.ELEMENTWISE, () -> kernels.addBias(y, b));
    }

    @Override
    public void biasGradient(Tensor dy, Tensor db) {
        timed(Kind.ELEMENTWISE, () -> kernels.biasGradient(dy, db));
    }

    @Override
    public void add(Tensor x, Tensor y) {
        timed(Kind.ELEMENTWISE, () -> kernels.add(x, y));
    }

    @Override
    public void scale(Tensor x, double factor) {
        timed(Kind.ELEMENTWISE, () -> kernels.scale(x, factor));
    }

    @Override
    public void embedding(Tensor table, Tensor ids, Tensor out) {
        timed(Kind.EMBEDDING, () -> kernels.embedding(table, ids, out));
    }

    @Override
    public void embeddingGradient(Tensor dout, Tensor ids, Tensor dtable) {
        timed(Kind.EMBEDDING, () -> kernels.embeddingGradient(dout, ids, dtable));
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, double eps, Tensor y, Tensor r) {
        timed(Kind.NORMS, () -> kernels.rmsNorm(x, w, eps, y, r));
    }

    @Override
    public void rmsNormGradient(Tensor dy, Tensor x, Tensor w, Tensor r, Tensor dx, Into into, Optional<Tensor> dw) {
        timed(Kind.NORMS, () -> kernels.rmsNormGradient(dy, x, w, r, dx, into, dw));
    }

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, double eps, Tensor y, Tensor mean, Tensor r) {
        timed(Kind.NORMS, () -> kernels.layerNorm(x, w, b, eps, y, mean, r));
    }

    @Override
    public void layerNormGradient(
            Tensor dy,
            Tensor x,
            Tensor w,
            Tensor mean,
            Tensor r,
            Tensor dx,
            Into into,
            Optional<Tensor> dw,
            Optional<Tensor> db) {
        timed(Kind.NORMS, () -> kernels.layerNormGradient(dy, x, w, mean, r, dx, into, dw, db));
    }

    @Override
    public void rope(Tensor x, Tensor table, Tensor positions, Rotation rotation) {
        timed(Kind.ROTARY_POSITIONS, () -> kernels.rope(x, table, positions, rotation));
    }

    @Override
    public void attention(
            AttentionShape shape, Tensor q, Tensor k, Tensor v, Optional<Tensor> starts, Tensor out, Tensor lse) {
        timed(Kind.ATTENTION, () -> kernels.attention(shape, q, k, v, starts, out, lse));
    }

    @Override
    public void attentionGradient(
            AttentionShape shape,
            Tensor dout,
            Tensor q,
            Tensor k,
            Tensor v,
            Optional<Tensor> starts,
            Tensor out,
            Tensor lse,
            Tensor dq,
            Tensor dk,
            Tensor dv) {
        timed(Kind.ATTENTION, () -> kernels.attentionGradient(shape, dout, q, k, v, starts, out, lse, dq, dk, dv));
    }

    @Override
    public void swiGlu(Tensor gate, Tensor up, Tensor y) {
        timed(Kind.ACTIVATION, () -> kernels.swiGlu(gate, up, y));
    }

    @Override
    public void swiGluGradient(Tensor dy, Tensor gate, Tensor up, Tensor dgate, Tensor dup) {
        timed(Kind.ACTIVATION, () -> kernels.swiGluGradient(dy, gate, up, dgate, dup));
    }

    @Override
    public void gelu(Tensor x, Tensor y) {
        timed(Kind.ACTIVATION, () -> kernels.gelu(x, y));
    }

    @Override
    public void geluGradient(Tensor dy, Tensor x, Tensor dx) {
        timed(Kind.ACTIVATION, () -> kernels.geluGradient(dy, x, dx));
    }

    @Override
    public void linearCrossEntropy(
            Tensor x, Tensor w, Tensor targets, Tensor losses, Optional<HeadGradients> gradients) {
        timed(Kind.HEAD_AND_LOSS, () -> kernels.linearCrossEntropy(x, w, targets, losses, gradients));
    }

    @Override
    public void linearCrossEntropy(
            Tensor x, Tensor w, Tensor targets, Tensor losses, HeadGradients gradients, Into into) {
        timed(Kind.HEAD_AND_LOSS, () -> kernels.linearCrossEntropy(x, w, targets, losses, gradients, into));
    }

    @Override
    public double sumOfSquares(Tensor x) {
        long begun = System.nanoTime();
        double result = kernels.sumOfSquares(x);
        count(Kind.OPTIMIZER, begun);
        return result;
    }

    @Override
    public void adamW(Tensor w, Tensor gradient, Tensor m, Tensor v, AdamStep step, Optional<Tensor> copy) {
        timed(Kind.OPTIMIZER, () -> kernels.adamW(w, gradient, m, v, step, copy));
    }

    @Override
    public void adamW8(Tensor w, Tensor gradient, Quantized m, Quantized v, AdamStep step, Optional<Tensor> copy) {
        timed(Kind.OPTIMIZER, () -> kernels.adamW8(w, gradient, m, v, step, copy));
    }

    @Override
    public void close() {
        probe.ifPresent(Tensor::close);
    }
}
