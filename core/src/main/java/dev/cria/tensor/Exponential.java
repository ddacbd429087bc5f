package dev.cria.tensor;

import static dev.cria.tensor.Lanes.FLOATS;
import static dev.cria.tensor.Lanes.INTS;
import static dev.cria.tensor.Lanes.WIDTH;
import static dev.cria.tensor.Lanes.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Exponentials and sigmoids of rows of floats.
 *
 * <p>Each loop is written out in one method. Composed of small methods, the just-in-time compiler inlines them or not as
 * its budgets have it, and a vector that crosses a call is an object: swiGlu was four times slower, at 12 MB of garbage
 * a call. A second loop over a row in the first cache costs little.
 */
final class Exponential {
    static final float LOG2_E = 1.44269504f;
    static final float ROUNDING = 12582912;

    /** Below e to this power there are no normal numbers. */
    static final float LEAST = -87.33654f;

    static final int ONE = Float.floatToRawIntBits(1f);

    /** Less a number's bits, the bits of its reciprocal, within 5%. */
    static final int RECIPROCAL = 0x7EF311C7;

    private Exponential() {}

    /**
     * target = exp(scale · (x − shift)) to about one unit in the last place, and the sum; 0 below e⁻⁸⁷, and exponents are
     * cut at 80. Only for whole vectors.
     *
     * @see "Moshier's Cephes, expf: x = n·ln 2 + f, |f| ≤ ½ ln 2, a polynomial in f, then n into the exponent"
     */
    static float run(long x, float shift, float scale, long target, int n) {
        var sum = FloatVector.zero(FLOATS);
        var log2e = FloatVector.broadcast(FLOATS, LOG2_E);
        var rounding = FloatVector.broadcast(FLOATS, ROUNDING);
        var ln2High = FloatVector.broadcast(FLOATS, -0.693359375f);
        var ln2Low = FloatVector.broadcast(FLOATS, 2.12194440e-4f);
        for (int i = 0; i < n; i += WIDTH) {
            var power = load(x + 4L * i).sub(shift).mul(scale);
            // A comparison lets NaN through; min would too, in five instructions.
            power = power.blend(80f, power.compare(VectorOperators.GT, 80f));
            // Adding 1.5·2²³ rounds to a whole number, which then stands in the lowest bits.
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
            var exponent = shifted.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 23)
                    .add(ONE);
            var each = p.mul(exponent.reinterpretAsFloats());
            each = each.blend(0f, power.compare(VectorOperators.LT, LEAST));
            Lanes.store(target + 4L * i, each);
            sum = sum.add(each);
        }
        return Lanes.sum(sum);
    }

    /**
     * target = 1 / (1 + e⁻ˣ) for whole vectors. The reciprocal is a guess from the exponent, good to 5%, and three of
     * Newton's steps, each of which squares the error; a division would take four times as long.
     */
    static void sigmoid(long x, long target, int n) {
        run(x, 0, -1, target, n);
        var one = FloatVector.broadcast(FLOATS, 1f);
        var guess = IntVector.broadcast(INTS, RECIPROCAL);
        for (int i = 0; i < n; i += WIDTH) {
            var d = load(target + 4L * i).add(one);
            var r = guess.sub(d.reinterpretAsInts()).reinterpretAsFloats();
            r = r.fma(r.neg().fma(d, one), r);
            r = r.fma(r.neg().fma(d, one), r);
            r = r.fma(r.neg().fma(d, one), r);
            Lanes.store(target + 4L * i, r);
        }
    }
}
