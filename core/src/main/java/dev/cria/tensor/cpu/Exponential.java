package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.FLOATS;
import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Exponentials and sigmoids, a vector at a time and of rows of floats.
 *
 * <p>The just-in-time compiler must inline what takes and gives vectors, or each of them becomes an object. So {@link #of}
 * has few bytecodes and takes its constants from fields, and a loop that uses it should do little else: a compilation
 * that grows past the compiler's budget of nodes inlines nothing more.
 */
final class Exponential {
    private static final FloatVector LOG2_E = every(1.44269504f);
    private static final FloatVector MINUS_LN2_HIGH = every(-0.693359375f);
    private static final FloatVector MINUS_LN2_LOW = every(2.12194440e-4f);

    /** Adding 1.5·2²³ rounds to a whole number, which then stands in the lowest bits. */
    private static final FloatVector ROUNDING = every(12582912);

    private static final FloatVector C7 = every(1.9875691500e-4f);
    private static final FloatVector C6 = every(1.3981999507e-3f);
    private static final FloatVector C5 = every(8.3334519073e-3f);
    private static final FloatVector C4 = every(4.1665795894e-2f);
    private static final FloatVector C3 = every(1.6666665459e-1f);
    private static final FloatVector C2 = every(5.0000001201e-1f);
    private static final FloatVector ONE = every(1);

    /** Below e to this power there are no normal numbers. */
    private static final FloatVector LEAST = every(-87.33654f);

    private static final FloatVector MOST = every(80);

    private static final FloatVector B4 = every(9.582855803e-3f);
    private static final FloatVector B3 = every(5.590646768e-2f);
    private static final FloatVector B2 = every(2.402409882e-1f);
    private static final FloatVector B1 = every(6.931241886e-1f);
    private static final FloatVector LEAST_BINARY = every(-126);

    private Exponential() {}

    private static FloatVector every(float value) {
        return FloatVector.broadcast(FLOATS, value);
    }

    /**
     * e to a power from −87 to 88, to about one unit in the last place.
     *
     * @see "Moshier's Cephes, expf: x = n·ln 2 + f, |f| ≤ ½ ln 2, a polynomial in f, then n into the exponent"
     */
    static FloatVector of(FloatVector power) {
        var shifted = power.fma(LOG2_E, ROUNDING);
        var n = shifted.sub(ROUNDING);
        var f = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, power));
        var p = C7.fma(f, C6).fma(f, C5).fma(f, C4).fma(f, C3).fma(f, C2).fma(f.mul(f), f.add(ONE));
        var exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    }

    /**
     * 2 to a power up to 127, to 4e-6 of it, which is enough for what becomes a bfloat16, in half of the instructions of
     * {@link #orZero}; 0 below −126, where there are no normal numbers.
     */
    static FloatVector binary(FloatVector power) {
        var shifted = power.add(ROUNDING);
        var f = power.sub(shifted.sub(ROUNDING));
        var p = B4.fma(f, B3).fma(f, B2).fma(f, B1).fma(f, ONE);
        var exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts()
                .add(exponent)
                .reinterpretAsFloats()
                .blend(0f, power.compare(VectorOperators.LT, LEAST_BINARY));
    }

    /** As {@link #of}, and 0 for lower powers, −∞ among them. */
    static FloatVector orZero(FloatVector power) {
        return of(power).blend(0f, power.compare(VectorOperators.LT, LEAST));
    }

    /** At most 80, NaN as it is: a comparison lets it through; min would too, in five instructions. */
    private static FloatVector cut(FloatVector power) {
        return power.blend(MOST, power.compare(VectorOperators.GT, MOST));
    }

    /** 1 / (1 + e⁻ˣ). */
    static FloatVector sigmoid(FloatVector x) {
        return ONE.div(orZero(cut(x.neg())).add(ONE));
    }

    /** target = exp(scale · (x − shift)), 0 below e⁻⁸⁷ and at most e⁸⁰, and the sum. Only for whole vectors. */
    static float run(long x, float shift, float scale, long target, int n) {
        var sum = FloatVector.zero(FLOATS);
        for (int i = 0; i < n; i += WIDTH) {
            var each = orZero(cut(load(x + 4L * i).sub(shift).mul(scale)));
            Lanes.store(target + 4L * i, each);
            sum = sum.add(each);
        }
        return Lanes.sum(sum);
    }
}
