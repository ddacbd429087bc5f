package dev.cria.tensor;

import static dev.cria.tensor.Lanes.FLOATS;
import static dev.cria.tensor.Lanes.WIDTH;
import static dev.cria.tensor.Lanes.load;
import static dev.cria.tensor.Lanes.loadHalves;
import static jdk.incubator.vector.VectorOperators.GT;

import dev.cria.tensor.Kernels.HeadGradients;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Kernels#linearCrossEntropy} in chunks of rows: the logits of a chunk become their own gradient in place, a row
 * staying in the second cache from its maximum to its gradient. A chunk is as large as memory allows, since each one
 * packs the head's weights again and goes over their gradient once.
 */
final class CpuHead {
    /** Bytes of logits that exist at one time. */
    static final long CHUNK_BYTES = 128L << 20;

    private CpuHead() {}

    static void run(
            Kernels kernels,
            Workers workers,
            Tensor x,
            Tensor w,
            Tensor targets,
            Tensor losses,
            Optional<HeadGradients> gradients,
            Into intoWeight) {
        long rows = x.size(0);
        long vocab = w.size(0);
        long most = Math.clamp(CHUNK_BYTES / (x.dtype().bytes() * vocab), 1, rows);
        long chunk = CpuGemm.divideUp(rows, CpuGemm.divideUp(rows, most));
        for (long start = 0; start < rows; start += chunk) {
            long length = Math.min(chunk, rows - start);
            try (var scope = new Scope()) {
                Tensor xs = scope.own(x.rows(start, length));
                Tensor logits = scope.empty(x.dtype(), x.device(), length, vocab);
                kernels.linear(xs, w, logits, Into.OVERWRITE);
                losses(
                        workers,
                        Matrix.of(logits),
                        targets.address() + 8 * start,
                        losses.address() + 4 * start,
                        gradients.map(HeadGradients::scale));
                if (gradients.isPresent()) {
                    Tensor dx = scope.own(gradients.get().dx().rows(start, length));
                    kernels.linearInputGradient(logits, w, dx, Into.OVERWRITE);
                    Into into = start == 0 ? intoWeight : Into.ACCUMULATE;
                    gradients.get().dw().ifPresent(dw -> kernels.linearWeightGradient(logits, xs, dw, into));
                }
            }
        }
    }

    /** Writes the losses and, where a scale is given, turns the logits into scale · (softmax − one-hot). */
    private static void losses(Workers workers, Matrix logits, long targets, long losses, Optional<Double> scale) {
        long vocab = logits.width();
        var blocks = RowBlocks.of(logits.rows(), vocab);
        workers.run(blocks.count(), (block, _) -> {
            for (long row = blocks.first(block); row < blocks.end(block); row++) {
                long target = Lanes.getLong(targets + 8 * row);
                if (target == Kernels.IGNORED) {
                    Lanes.set(losses + 4 * row, 0);
                    if (scale.isPresent()) {
                        Lanes.zero(logits.at(row), vocab * logits.dtype().bytes());
                    }
                    continue;
                }
                float loss = logits.dtype() == DType.BFLOAT16
                        ? lossOfHalves(logits.at(row), vocab, target, scale)
                        : loss(logits.at(row), vocab, target, scale);
                Lanes.set(losses + 4 * row, loss);
            }
        });
    }

    private static float loss(long x, long vocab, long target, Optional<Double> scale) {
        float scored = Lanes.get(x + 4 * target);
        float top = largest(x, vocab);
        float sum = exponentials(x, top, vocab);
        if (scale.isPresent()) {
            float factor = (float) (double) scale.get();
            float hit = Lanes.get(x + 4 * target) / sum;
            Elementwise.scale(x, factor / sum, x, vocab);
            Lanes.set(x + 4 * target, factor * (hit - 1));
        }
        return (float) Math.log(sum) + top - scored;
    }

    /** The same for bfloat16: exponentials are computed twice, which takes less time than to keep them as floats. */
    private static float lossOfHalves(long x, long vocab, long target, Optional<Double> scale) {
        float scored = Lanes.getHalf(x + 2 * target);
        float top = largestOfHalves(x, vocab);
        float sum = sumOfExponentials(x, top, vocab);
        if (scale.isPresent()) {
            float factor = (float) (double) scale.get();
            float hit = (float) Math.exp(scored - top) / sum;
            scaledExponentials(x, top, factor / sum, vocab);
            Lanes.setHalf(x + 2 * target, factor * (hit - 1));
        }
        return (float) Math.log(sum) + top - scored;
    }

    private static float largestOfHalves(long x, long n) {
        var top = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            var xs = loadHalves(x + 2L * i);
            top = top.blend(xs, xs.compare(GT, top));
        }
        float largest = Lanes.max(top);
        for (; i < n; i++) {
            largest = Math.max(largest, Lanes.getHalf(x + 2L * i));
        }
        return largest;
    }

    private static float sumOfExponentials(long x, float top, long n) {
        var sum = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            sum = sum.add(Exponential.orZero(loadHalves(x + 2L * i).sub(top)));
        }
        float total = Lanes.sum(sum);
        for (; i < n; i++) {
            total += (float) Math.exp(Lanes.getHalf(x + 2L * i) - top);
        }
        return total;
    }

    /** x becomes factor · exp(x − top). */
    private static void scaledExponentials(long x, float top, float factor, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            Lanes.storeHalves(
                    x + 2L * i,
                    Exponential.orZero(loadHalves(x + 2L * i).sub(top)).mul(factor));
        }
        for (; i < n; i++) {
            Lanes.setHalf(x + 2L * i, factor * (float) Math.exp(Lanes.getHalf(x + 2L * i) - top));
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
