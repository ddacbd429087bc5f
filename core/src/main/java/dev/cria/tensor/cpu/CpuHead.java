package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.FLOATS;
import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;
import static dev.cria.tensor.cpu.Lanes.loadBf16;
import static jdk.incubator.vector.VectorOperators.GT;

import dev.cria.tensor.DType;
import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.HeadLoss.Gradients;
import dev.cria.tensor.Into;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/**
 * {@link HeadLoss} in chunks of rows: the logits of a chunk become their own gradient in place, a row
 * staying in the L2 cache from its maximum to its gradient. A chunk is as large as memory allows, since each one
 * packs the head's weights again and goes over their gradient once.
 */
public final class CpuHead {
    /** Bytes of logits that exist at one time. */
    public static final long CHUNK_BYTES = 128L << 20;

    private CpuHead() {}

    static void run(CpuProducts products, Workers workers, HeadLoss call) {
        Tensor x = call.x();
        Tensor w = call.w();
        Optional<Gradients> gradients = call.gradients();
        long rows = x.size(0);
        long vocab = w.size(0);
        long most = Math.clamp(CHUNK_BYTES / (x.dtype().bytes() * vocab), 1, rows);
        long chunk = CpuGemm.divideUp(rows, CpuGemm.divideUp(rows, most));
        for (long start = 0; start < rows; start += chunk) {
            long length = Math.min(chunk, rows - start);
            try (var scope = new Scope()) {
                Tensor xs = scope.own(x.rows(start, length));
                Tensor logits = scope.empty(x.dtype(), x.device(), length, vocab);
                products.run(new MatrixProduct.Forward(xs, w, logits, Into.OVERWRITE));
                losses(
                        workers,
                        Matrix.of(logits),
                        call.targets().address() + 8 * start,
                        call.losses().address() + 4 * start,
                        gradients);
                if (gradients.isPresent()) {
                    Tensor dx = scope.own(gradients.get().dx().rows(start, length));
                    products.run(new MatrixProduct.InputGradient(logits, w, dx, Into.OVERWRITE));
                    Into into = start == 0 ? gradients.get().into() : Into.ACCUMULATE;
                    gradients
                            .get()
                            .dw()
                            .ifPresent(dw -> products.run(new MatrixProduct.WeightGradient(logits, xs, dw, into)));
                }
            }
        }
    }

    /** Writes the losses and, where gradients are asked for, turns the logits into scale · (share · softmax − one-hot). */
    private static void losses(
            Workers workers, Matrix logits, long targets, long losses, Optional<Gradients> gradients) {
        long vocab = logits.width();
        var blocks = RowBlocks.of(logits.rows(), vocab);
        workers.run(blocks.count(), (block, _) -> {
            for (long row = blocks.first(block); row < blocks.end(block); row++) {
                long target = Lanes.getLong(targets + 8 * row);
                if (target == HeadLoss.IGNORED) {
                    Lanes.set(losses + 4 * row, 0);
                    if (gradients.isPresent()) {
                        Lanes.zero(logits.at(row), vocab * logits.dtype().bytes());
                    }
                    continue;
                }
                float loss = logits.dtype() == DType.BFLOAT16
                        ? lossOfBf16(logits.at(row), vocab, target, gradients)
                        : loss(logits.at(row), vocab, target, gradients);
                Lanes.set(losses + 4 * row, loss);
            }
        });
    }

    private static float loss(long x, long vocab, long target, Optional<Gradients> gradients) {
        float scored = Lanes.get(x + 4 * target);
        float top = largest(x, vocab);
        float sum = exponentials(x, top, vocab);
        float logSum = (float) Math.log(sum) + top;
        if (gradients.isPresent()) {
            float factor = (float) gradients.get().scale();
            float share = (float) gradients.get().share(logSum);
            float hit = Lanes.get(x + 4 * target) / sum;
            CpuElementwise.scale(x, factor * share / sum, x, vocab);
            Lanes.set(x + 4 * target, factor * (share * hit - 1));
        }
        return logSum - scored;
    }

    /** The same for bfloat16: exponentials are computed twice, which takes less time than to keep them as floats. */
    private static float lossOfBf16(long x, long vocab, long target, Optional<Gradients> gradients) {
        float scored = Lanes.getBf16(x + 2 * target);
        float top = largestOfBf16(x, vocab);
        float sum = sumOfExponentials(x, top, vocab);
        float logSum = (float) Math.log(sum) + top;
        if (gradients.isPresent()) {
            float factor = (float) gradients.get().scale();
            float share = (float) gradients.get().share(logSum);
            float hit = (float) Math.exp(scored - top) / sum;
            scaledExponentials(x, top, factor * share / sum, vocab);
            Lanes.setBf16(x + 2 * target, factor * (share * hit - 1));
        }
        return logSum - scored;
    }

    private static float largestOfBf16(long x, long n) {
        var top = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            var xs = loadBf16(x + 2L * i);
            top = top.blend(xs, xs.compare(GT, top));
        }
        float largest = Lanes.max(top);
        for (; i < n; i++) {
            largest = Math.max(largest, Lanes.getBf16(x + 2L * i));
        }
        return largest;
    }

    private static float sumOfExponentials(long x, float top, long n) {
        var sum = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            sum = sum.add(Exponential.orZero(loadBf16(x + 2L * i).sub(top)));
        }
        float total = Lanes.sum(sum);
        for (; i < n; i++) {
            total += (float) Math.exp(Lanes.getBf16(x + 2L * i) - top);
        }
        return total;
    }

    /** x becomes factor · exp(x − top). */
    private static void scaledExponentials(long x, float top, float factor, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            Lanes.storeBf16(
                    x + 2L * i,
                    Exponential.orZero(loadBf16(x + 2L * i).sub(top)).mul(factor));
        }
        for (; i < n; i++) {
            Lanes.setBf16(x + 2L * i, factor * (float) Math.exp(Lanes.getBf16(x + 2L * i) - top));
        }
    }

    static float largest(long x, long n) {
        var top = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            var xs = load(x + 4 * i);
            top = top.blend(xs, xs.compare(GT, top));
        }
        float largest = Lanes.max(top);
        for (; i < n; i++) {
            largest = Math.max(largest, Lanes.get(x + 4 * i));
        }
        return largest;
    }

    /** x becomes exp(x − top); the sum. */
    private static float exponentials(long x, float top, long n) {
        int i = Lanes.bound(n);
        float total = Exponential.run(x, top, 1, x, i);
        for (; i < n; i++) {
            float each = (float) Math.exp(Lanes.get(x + 4 * i) - top);
            Lanes.set(x + 4 * i, each);
            total += each;
        }
        return total;
    }
}
