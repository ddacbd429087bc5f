package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.FLOATS;
import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;
import static dev.cria.tensor.cpu.Lanes.store;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.cria.tensor.DType;
import jdk.incubator.vector.FloatVector;

/**
 * Rows of attention: scores to weights, and the gradients of the scores. In bfloat16 the rounding is part of the loop, so
 * that a row of scores is read once.
 *
 * <p>What is not to be seen is set to −∞ first, and comes out as a weight of exactly 0: later tokens change no bit.
 */
final class CausalSoftmax {
    /** Rows begin and end at multiples of this many numbers, so that weights in bfloat16 fill whole vectors too. */
    private static final int GRAIN = 32;

    private static final float LOG2_E = 1.44269504f;

    private static final FloatVector LANE = FloatVector.zero(FLOATS).addIndex(1);

    private CausalSoftmax() {}

    /**
     * Makes weights, not yet divided by their sum, of a row of scores of which {@code from} to {@code to} are seen; the
     * weights beside are 0.
     *
     * @param scores floats, overwritten
     * @param weights [length] in the type; may be the scores in float32
     * @param sumAt where the sum of the weights is written; {@code lseAt} where log Σ exp(scale · scores) is
     */
    static void weights(
            long scores, DType type, long weights, int from, int to, int length, float scale, long sumAt, long lseAt) {
        int start = from & -GRAIN;
        int end = (to + GRAIN - 1) & -GRAIN;
        hideBefore(scores, start, from);
        hideFrom(scores, to, end);
        float top = largest(scores + 4L * start, end - start);
        long at = weights + (long) start * type.bytes();
        float sum = type == DType.FLOAT32
                ? Exponential.run(scores + 4L * start, top, scale, at, end - start)
                : exponentials(scores + 4L * start, top, scale, at, end - start);
        int perFloat = 4 / type.bytes();
        Lanes.zeroFloats(weights, start / perFloat);
        Lanes.zeroFloats(weights + (long) end * type.bytes(), (length - end) / perFloat);
        Lanes.set(sumAt, sum);
        Lanes.set(lseAt, scale * top + (float) Math.log(sum));
    }

    /** Numbers {@code start}, at a whole vector, to {@code from} become −∞. */
    static void hideBefore(long scores, int start, int from) {
        for (int i = start; i < from; i += WIDTH) {
            long at = scores + 4L * i;
            store(at, load(at).blend(Float.NEGATIVE_INFINITY, LANE.compare(LT, from - i)));
        }
    }

    /** Numbers {@code to} to {@code end}, at a whole vector, become −∞. */
    static void hideFrom(long scores, int to, int end) {
        for (int i = to & -WIDTH; i < end; i += WIDTH) {
            long at = scores + 4L * i;
            store(at, load(at).blend(Float.NEGATIVE_INFINITY, LANE.compare(GE, to - i)));
        }
    }

    private static float largest(long x, int n) {
        var even = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        var odd = even;
        for (int i = 0; i < n; i += 2 * WIDTH) {
            var a = load(x + 4L * i);
            var b = load(x + 4L * i + 4 * WIDTH);
            even = even.blend(a, a.compare(GT, even));
            odd = odd.blend(b, b.compare(GT, odd));
        }
        return Lanes.max(even.blend(odd, odd.compare(GT, even)));
    }

    /** exp(scale · (x − shift)) in bfloat16, for x ≤ shift, and the sum in float32. */
    private static float exponentials(long x, float shift, float scale, long target, int n) {
        var factor = FloatVector.broadcast(FLOATS, scale * LOG2_E);
        var least = FloatVector.broadcast(FLOATS, -shift * (scale * LOG2_E));
        var even = FloatVector.zero(FLOATS);
        var odd = even;
        for (int i = 0; i < n; i += 2 * WIDTH) {
            var low = Exponential.binary(load(x + 4L * i).fma(factor, least));
            var high = Exponential.binary(load(x + 4L * i + 4 * WIDTH).fma(factor, least));
            even = even.add(low);
            odd = odd.add(high);
            Lanes.storePairBf16(target + 2L * i, low, high);
        }
        return Lanes.sum(even.add(odd));
    }

    /**
     * From scores s and dWeights d the weights p = exp(scale · s − lse) and the gradients of the scores
     * scale · p · (d − delta), n of each in whole vectors.
     *
     * @param weights in the type; may be the scores in float32, as the gradients may be the dWeights
     */
    static void gradients(
            long scores,
            long dWeights,
            long lse,
            long delta,
            float scale,
            int n,
            DType type,
            long weights,
            long gradients) {
        if (type == DType.BFLOAT16) {
            gradients(scores, dWeights, lse, delta, scale, n, weights, gradients);
            return;
        }
        for (int i = 0; i < n; i += WIDTH) {
            var weight = Exponential.orZero(load(scores + 4L * i).mul(scale).sub(load(lse + 4L * i)));
            var derivative = load(dWeights + 4L * i).sub(load(delta + 4L * i));
            store(weights + 4L * i, weight);
            store(gradients + 4L * i, derivative.mul(weight).mul(scale));
        }
    }

    private static void gradients(
            long scores, long dWeights, long lse, long delta, float scale, int n, long weights, long gradients) {
        float factor = scale * LOG2_E;
        for (int i = 0; i < n; i += WIDTH) {
            var weight = Exponential.binary(
                    load(scores + 4L * i).mul(factor).sub(load(lse + 4L * i).mul(LOG2_E)));
            var derivative = load(dWeights + 4L * i).sub(load(delta + 4L * i));
            Lanes.storeNearBf16(weights + 2L * i, weight);
            Lanes.storeNearBf16(gradients + 2L * i, derivative.mul(weight).mul(scale));
        }
    }
}
