package dev.cria.tensor;

import static dev.cria.tensor.Exponential.LEAST;
import static dev.cria.tensor.Exponential.LOG2_E;
import static dev.cria.tensor.Exponential.ONE;
import static dev.cria.tensor.Exponential.ROUNDING;
import static dev.cria.tensor.Lanes.ALL;
import static dev.cria.tensor.Lanes.FLOATS;
import static dev.cria.tensor.Lanes.SHORTS;
import static dev.cria.tensor.Lanes.WIDTH;
import static dev.cria.tensor.Lanes.load;
import static dev.cria.tensor.Lanes.store;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/**
 * Rows of attention: scores to weights, and the gradients of the scores. In bfloat16 the rounding is part of the loop, so
 * that a row of scores is read once.
 *
 * <p>What is not to be seen is set to −∞ first, and comes out as a weight of exactly 0: later tokens change no bit. The
 * exponential is {@link Exponential#run}'s, written out for the reason that is given there.
 */
final class CausalSoftmax {
    /** Rows begin and end at multiples of this many numbers, so that weights in bfloat16 fill whole vectors too. */
    private static final int GRAIN = 32;

    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
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
        var sum = FloatVector.zero(FLOATS);
        var log2e = FloatVector.broadcast(FLOATS, LOG2_E);
        var rounding = FloatVector.broadcast(FLOATS, ROUNDING);
        var ln2High = FloatVector.broadcast(FLOATS, -0.693359375f);
        var ln2Low = FloatVector.broadcast(FLOATS, 2.12194440e-4f);
        for (int i = 0; i < n; i += WIDTH) {
            var power = load(x + 4L * i).sub(shift).mul(scale);
            var shifted = power.fma(log2e, rounding);
            var whole = shifted.sub(rounding);
            var f = whole.fma(ln2Low, whole.fma(ln2High, power));
            var p = FloatVector.broadcast(FLOATS, 1.9875691500e-4f)
                    .fma(f, FloatVector.broadcast(FLOATS, 1.3981999507e-3f))
                    .fma(f, FloatVector.broadcast(FLOATS, 8.3334519073e-3f))
                    .fma(f, FloatVector.broadcast(FLOATS, 4.1665795894e-2f))
                    .fma(f, FloatVector.broadcast(FLOATS, 1.6666665459e-1f))
                    .fma(f, FloatVector.broadcast(FLOATS, 5.0000001201e-1f))
                    .fma(f.mul(f), f.add(1f));
            var exponent = shifted.reinterpretAsInts().lanewise(LSHL, 23).add(ONE);
            var each = p.mul(exponent.reinterpretAsFloats());
            each = each.blend(0f, power.compare(LT, LEAST));
            sum = sum.add(each);
            var bits = each.reinterpretAsInts();
            bits = bits.lanewise(LSHR, 16).and(1).add(bits).add(0x7FFF).lanewise(LSHR, 16);
            ((ShortVector) bits.convertShape(I2S, SHORTS, 0)).intoMemorySegment(ALL, target + 2L * i, NATIVE);
        }
        return Lanes.sum(sum);
    }

    /**
     * From scores s and slopes d the weights p = exp(scale · s − lse) and the gradients of the scores
     * scale · p · (d − delta), n of each in whole vectors.
     *
     * @param weights in the type; may be the scores in float32, as the gradients may be the slopes
     */
    static void gradients(
            long scores,
            long slopes,
            long lse,
            long delta,
            float scale,
            int n,
            DType type,
            long weights,
            long gradients) {
        if (type == DType.BFLOAT16) {
            halves(scores, slopes, lse, delta, scale, n, weights, gradients);
            return;
        }
        for (int i = 0; i < n; i += WIDTH) {
            store(weights + 4L * i, load(scores + 4L * i).mul(scale).sub(load(lse + 4L * i)));
        }
        Exponential.run(weights, 0, 1, weights, n);
        for (int i = 0; i < n; i += WIDTH) {
            var slope = load(slopes + 4L * i).sub(load(delta + 4L * i));
            store(gradients + 4L * i, slope.mul(load(weights + 4L * i)).mul(scale));
        }
    }

    private static void halves(
            long scores, long slopes, long lse, long delta, float scale, int n, long weights, long gradients) {
        var log2e = FloatVector.broadcast(FLOATS, LOG2_E);
        var rounding = FloatVector.broadcast(FLOATS, ROUNDING);
        var ln2High = FloatVector.broadcast(FLOATS, -0.693359375f);
        var ln2Low = FloatVector.broadcast(FLOATS, 2.12194440e-4f);
        for (int i = 0; i < n; i += WIDTH) {
            var power = load(scores + 4L * i).mul(scale).sub(load(lse + 4L * i));
            var shifted = power.fma(log2e, rounding);
            var whole = shifted.sub(rounding);
            var f = whole.fma(ln2Low, whole.fma(ln2High, power));
            var p = FloatVector.broadcast(FLOATS, 1.9875691500e-4f)
                    .fma(f, FloatVector.broadcast(FLOATS, 1.3981999507e-3f))
                    .fma(f, FloatVector.broadcast(FLOATS, 8.3334519073e-3f))
                    .fma(f, FloatVector.broadcast(FLOATS, 4.1665795894e-2f))
                    .fma(f, FloatVector.broadcast(FLOATS, 1.6666665459e-1f))
                    .fma(f, FloatVector.broadcast(FLOATS, 5.0000001201e-1f))
                    .fma(f.mul(f), f.add(1f));
            var exponent = shifted.reinterpretAsInts().lanewise(LSHL, 23).add(ONE);
            var weight = p.mul(exponent.reinterpretAsFloats());
            weight = weight.blend(0f, power.compare(LT, LEAST));
            var bits = weight.reinterpretAsInts();
            bits = bits.lanewise(LSHR, 16).and(1).add(bits).add(0x7FFF).lanewise(LSHR, 16);
            ((ShortVector) bits.convertShape(I2S, SHORTS, 0)).intoMemorySegment(ALL, weights + 2L * i, NATIVE);
            var slope = load(slopes + 4L * i).sub(load(delta + 4L * i));
            bits = slope.mul(weight).mul(scale).reinterpretAsInts();
            bits = bits.lanewise(LSHR, 16).and(1).add(bits).add(0x7FFF).lanewise(LSHR, 16);
            ((ShortVector) bits.convertShape(I2S, SHORTS, 0)).intoMemorySegment(ALL, gradients + 2L * i, NATIVE);
        }
    }
}
