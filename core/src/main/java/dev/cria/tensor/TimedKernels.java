package dev.cria.tensor;

import dev.cria.tensor.Product.Form;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Other kernels with a clock around each call, which says in which kind of operation a step spends its time and how much
 * {@link Work} that was. The clock stands still until {@link #watch()} and after {@link #rest()}; between them each call
 * is waited for on a device that computes on its own time, so that a step takes somewhat longer there than unwatched.
 * For one thread.
 */
public final class TimedKernels implements Kernels, AutoCloseable {
    private final Kernels kernels;
    private final Optional<Tensor> probe;
    private final Map<Kind, Spent> kinds = new EnumMap<>(Kind.class);
    private final Map<Product, Spent> products = new LinkedHashMap<>();
    private boolean watching;

    /** The calls of some kind together. */
    public record Spent(double seconds, Work work) {
        private static final Spent NOTHING = new Spent(0, Work.NONE);

        Spent plus(Spent other) {
            return new Spent(seconds + other.seconds, work.plus(other.work));
        }
    }

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
        kinds.clear();
        products.clear();
        watching = true;
    }

    /** Stops the clocks; what they show stays. */
    public void rest() {
        watching = false;
    }

    /** What each kind of operation took since {@link #watch()}, in the order of the kinds; none where there was no call. */
    public Map<Kind, Spent> kinds() {
        return new EnumMap<>(kinds);
    }

    /**
     * What each matrix product took since {@link #watch()}, in the order of their first calls. The head's three have
     * no time of their own, for they are part of one call.
     */
    public Map<Product, Spent> products() {
        return new LinkedHashMap<>(products);
    }

    private void timed(Kind kind, Supplier<Work> work, Runnable call) {
        long begun = System.nanoTime();
        call.run();
        count(kind, work, begun);
    }

    private double count(Kind kind, Supplier<Work> work, long begun) {
        if (!watching) {
            return 0;
        }
        probe.ifPresent(Tensor::toFloats); // The device's queue is in order: what was asked for before is done then.
        double seconds = (System.nanoTime() - begun) / 1e9;
        kinds.merge(kind, new Spent(seconds, work.get()), Spent::plus);
        return seconds;
    }

    private void product(Supplier<Product> product, Tensor a, Tensor b, Tensor result, Into into, Runnable call) {
        long begun = System.nanoTime();
        call.run();
        if (watching) {
            Product made = product.get();
            Work work = Work.product(made, a, b, result, into);
            double seconds = count(Kind.MATRIX_PRODUCTS, () -> work, begun);
            products.merge(made, new Spent(seconds, work), Spent::plus);
        }
    }

    @Override
    public String name() {
        return kernels.name();
    }

    @Override
    public void linear(Tensor x, Tensor w, Tensor y, Into into) {
        product(() -> Product.forward(x, w), x, w, y, into, () -> kernels.linear(x, w, y, into));
    }

    @Override
    public void linear(Tensor x, Tensor w, Optional<Tensor> b, Tensor y) {
        product(() -> Product.forward(x, w), x, w, y, Into.OVERWRITE, () -> kernels.linear(x, w, b, y));
    }

    @Override
    public void linear(Tensor x, PackedMatrix w, Tensor y) {
        timed(Kind.MATRIX_PRODUCTS, () -> Work.product(x, w, y), () -> kernels.linear(x, w, y));
    }

    @Override
    public void linearInputGradient(Tensor dy, Tensor w, Tensor dx, Into into) {
        product(
                () -> Product.inputGradient(dy, w),
                dy,
                w,
                dx,
                into,
                () -> kernels.linearInputGradient(dy, w, dx, into));
    }

    @Override
    public void linearWeightGradient(Tensor dy, Tensor x, Tensor dw, Into into, Optional<Tensor> db) {
        product(
                () -> Product.weightGradient(dy, x),
                dy,
                x,
                dw,
                into,
                () -> kernels.linearWeightGradient(dy, x, dw, into, db));
    }

    @Override
    public void linearWeightGradient(Tensor dy, Tensor x, Tensor dw, Into into) {
        product(
                () -> Product.weightGradient(dy, x),
                dy,
                x,
                dw,
                into,
                () -> kernels.linearWeightGradient(dy, x, dw, into));
    }

    @Override
    public void addBias(Tensor y, Tensor b) {
        timed(Kind.ELEMENTWISE, () -> Work.elementwise(b, y), () -> kernels.addBias(y, b));
    }

    @Override
    public void biasGradient(Tensor dy, Tensor db) {
        timed(Kind.ELEMENTWISE, () -> Work.biasGradient(dy, db), () -> kernels.biasGradient(dy, db));
    }

    @Override
    public void add(Tensor x, Tensor y) {
        timed(Kind.ELEMENTWISE, () -> Work.elementwise(x, y), () -> kernels.add(x, y));
    }

    @Override
    public void scale(Tensor x, double factor) {
        timed(Kind.ELEMENTWISE, () -> Work.scale(x), () -> kernels.scale(x, factor));
    }

    @Override
    public void embedding(Tensor table, Tensor ids, Tensor out) {
        timed(Kind.EMBEDDING, () -> Work.embedding(table, ids, out), () -> kernels.embedding(table, ids, out));
    }

    @Override
    public void embeddingGradient(Tensor dout, Tensor ids, Tensor dtable) {
        timed(
                Kind.EMBEDDING,
                () -> Work.embeddingGradient(dout, ids, dtable),
                () -> kernels.embeddingGradient(dout, ids, dtable));
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, double eps, Tensor y, Tensor r) {
        timed(Kind.NORMS, () -> Work.rmsNorm(x, w, y, r), () -> kernels.rmsNorm(x, w, eps, y, r));
    }

    @Override
    public void rmsNormGradient(Tensor dy, Tensor x, Tensor w, Tensor r, Tensor dx, Into into, Optional<Tensor> dw) {
        timed(
                Kind.NORMS,
                () -> Work.rmsNormGradient(dy, x, w, r, dx, into, dw),
                () -> kernels.rmsNormGradient(dy, x, w, r, dx, into, dw));
    }

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, double eps, Tensor y, Tensor mean, Tensor r) {
        timed(Kind.NORMS, () -> Work.layerNorm(x, w, b, y, mean, r), () -> kernels.layerNorm(x, w, b, eps, y, mean, r));
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
        timed(
                Kind.NORMS,
                () -> Work.layerNormGradient(dy, x, w, mean, r, dx, into, dw, db),
                () -> kernels.layerNormGradient(dy, x, w, mean, r, dx, into, dw, db));
    }

    @Override
    public void rope(Tensor x, Tensor table, Tensor positions, Rotation rotation) {
        timed(Kind.ROTARY_POSITIONS, () -> Work.rope(x, positions), () -> kernels.rope(x, table, positions, rotation));
    }

    @Override
    public void attention(
            AttentionShape shape, Tensor q, Tensor k, Tensor v, Optional<Tensor> starts, Tensor out, Tensor lse) {
        timed(
                Kind.ATTENTION,
                () -> Work.attention(shape, q, k, v, starts, out, lse),
                () -> kernels.attention(shape, q, k, v, starts, out, lse));
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
        timed(
                Kind.ATTENTION,
                () -> Work.attentionGradient(shape, dout, q, k, v, starts, out, lse, dq, dk, dv),
                () -> kernels.attentionGradient(shape, dout, q, k, v, starts, out, lse, dq, dk, dv));
    }

    @Override
    public void swiGlu(Tensor gate, Tensor up, Tensor y) {
        timed(Kind.ACTIVATION, () -> Work.swiGlu(gate, up, y), () -> kernels.swiGlu(gate, up, y));
    }

    @Override
    public void swiGluGradient(Tensor dy, Tensor gate, Tensor up, Tensor dgate, Tensor dup) {
        timed(
                Kind.ACTIVATION,
                () -> Work.swiGluGradient(dy, gate, up, dgate, dup),
                () -> kernels.swiGluGradient(dy, gate, up, dgate, dup));
    }

    @Override
    public void gelu(Tensor x, Tensor y) {
        timed(Kind.ACTIVATION, () -> Work.gelu(x, y), () -> kernels.gelu(x, y));
    }

    @Override
    public void geluGradient(Tensor dy, Tensor x, Tensor dx) {
        timed(Kind.ACTIVATION, () -> Work.geluGradient(dy, x, dx), () -> kernels.geluGradient(dy, x, dx));
    }

    @Override
    public void linearCrossEntropy(
            Tensor x, Tensor w, Tensor targets, Tensor losses, Optional<HeadGradients> gradients) {
        head(
                x,
                w,
                () -> Work.linearCrossEntropy(x, w, targets, losses, gradients, Into.ACCUMULATE),
                () -> kernels.linearCrossEntropy(x, w, targets, losses, gradients));
    }

    private void head(Tensor x, Tensor w, Supplier<Work> work, Runnable call) {
        if (watching) {
            headProducts(x, w).forEach(product -> products.putIfAbsent(product, Spent.NOTHING));
        }
        timed(Kind.HEAD_AND_LOSS, work, call);
    }

    /** The head's products, on as many rows as {@link Kernels#headBytes} lets be computed at one time. */
    private static List<Product> headProducts(Tensor x, Tensor w) {
        long vocab = w.size(0);
        long most = Math.max(1, Kernels.headBytes(x.device()) / (x.dtype().bytes() * vocab));
        long chunks = Math.ceilDiv(x.size(0), most);
        long rows = Math.ceilDiv(x.size(0), chunks);
        return Stream.of(Form.values())
                .map(form -> new Product(form, rows, w.size(1), vocab))
                .toList();
    }

    @Override
    public void linearCrossEntropy(
            Tensor x, Tensor w, Tensor targets, Tensor losses, HeadGradients gradients, Into into) {
        head(
                x,
                w,
                () -> Work.linearCrossEntropy(x, w, targets, losses, Optional.of(gradients), into),
                () -> kernels.linearCrossEntropy(x, w, targets, losses, gradients, into));
    }

    @Override
    public double sumOfSquares(Tensor x) {
        long begun = System.nanoTime();
        double result = kernels.sumOfSquares(x);
        count(Kind.OPTIMIZER, () -> Work.sumOfSquares(x), begun);
        return result;
    }

    @Override
    public void adamW(Tensor w, Tensor gradient, Tensor m, Tensor v, AdamStep step, Optional<Tensor> copy) {
        timed(
                Kind.OPTIMIZER,
                () -> Work.adamW(w, gradient, m, v, copy),
                () -> kernels.adamW(w, gradient, m, v, step, copy));
    }

    @Override
    public void adamW8(Tensor w, Tensor gradient, Quantized m, Quantized v, AdamStep step, Optional<Tensor> copy) {
        timed(
                Kind.OPTIMIZER,
                () -> Work.adamW8(w, gradient, m, v, copy),
                () -> kernels.adamW8(w, gradient, m, v, step, copy));
    }

    @Override
    public void close() {
        probe.ifPresent(Tensor::close);
    }
}
