package dev.cria.tensor;

import static dev.cria.tensor.Exponential.LEAST;
import static dev.cria.tensor.Exponential.LOG2_E;
import static dev.cria.tensor.Exponential.ONE;
import static dev.cria.tensor.Exponential.RECIPROCAL;
import static dev.cria.tensor.Exponential.ROUNDING;
import static dev.cria.tensor.Lanes.ALL;
import static dev.cria.tensor.Lanes.FLOATS;
import static dev.cria.tensor.Lanes.INTS;
import static dev.cria.tensor.Lanes.SHORTS;
import static dev.cria.tensor.Lanes.WIDTH;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * {@link Kernels#swiGlu} and its gradient on rows of bfloat16 in whole vectors, from memory to memory in one loop: the
 * sigmoid is {@link Exponential#sigmoid}'s, written out for the reason that is given there.
 */
final class SwiGluHalves {
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private SwiGluHalves() {}

    private static FloatVector load(long address) {
        var halves = ShortVector.fromMemorySegment(SHORTS, ALL, address, NATIVE);
        return ((IntVector) halves.convertShape(ZERO_EXTEND_S2I, INTS, 0))
                .lanewise(LSHL, 16)
                .reinterpretAsFloats();
    }

    private static void store(long address, FloatVector x) {
        var bits = x.reinterpretAsInts();
        bits = bits.lanewise(LSHR, 16).and(1).add(bits).add(0x7FFF).lanewise(LSHR, 16);
        ((ShortVector) bits.convertShape(I2S, SHORTS, 0)).intoMemorySegment(ALL, address, NATIVE);
    }

    /** y = gate · σ(gate) · up. */
    static void forward(long gate, long up, long y, int n) {
        var one = FloatVector.broadcast(FLOATS, 1f);
        var log2e = FloatVector.broadcast(FLOATS, LOG2_E);
        var rounding = FloatVector.broadcast(FLOATS, ROUNDING);
        var ln2High = FloatVector.broadcast(FLOATS, -0.693359375f);
        var ln2Low = FloatVector.broadcast(FLOATS, 2.12194440e-4f);
        for (int i = 0; i < n; i += WIDTH) {
            var g = load(gate + 2L * i);
            var power = g.neg();
            power = power.blend(80f, power.compare(GT, 80f));
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
            var d = p.mul(exponent.reinterpretAsFloats())
                    .blend(0f, power.compare(LT, LEAST))
                    .add(one);
            var sigma = IntVector.broadcast(INTS, RECIPROCAL)
                    .sub(d.reinterpretAsInts())
                    .reinterpretAsFloats();
            sigma = sigma.fma(sigma.neg().fma(d, one), sigma);
            sigma = sigma.fma(sigma.neg().fma(d, one), sigma);
            sigma = sigma.fma(sigma.neg().fma(d, one), sigma);
            store(y + 2L * i, g.mul(sigma).mul(load(up + 2L * i)));
        }
    }

    /** dgate = dy · up · (σ + silu · (1 − σ)), dup = dy · silu. */
    static void backward(long dy, long gate, long up, long dgate, long dup, int n) {
        var one = FloatVector.broadcast(FLOATS, 1f);
        var log2e = FloatVector.broadcast(FLOATS, LOG2_E);
        var rounding = FloatVector.broadcast(FLOATS, ROUNDING);
        var ln2High = FloatVector.broadcast(FLOATS, -0.693359375f);
        var ln2Low = FloatVector.broadcast(FLOATS, 2.12194440e-4f);
        for (int i = 0; i < n; i += WIDTH) {
            var g = load(gate + 2L * i);
            var power = g.neg();
            power = power.blend(80f, power.compare(GT, 80f));
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
            var d = p.mul(exponent.reinterpretAsFloats())
                    .blend(0f, power.compare(LT, LEAST))
                    .add(one);
            var sigma = IntVector.broadcast(INTS, RECIPROCAL)
                    .sub(d.reinterpretAsInts())
                    .reinterpretAsFloats();
            sigma = sigma.fma(sigma.neg().fma(d, one), sigma);
            sigma = sigma.fma(sigma.neg().fma(d, one), sigma);
            sigma = sigma.fma(sigma.neg().fma(d, one), sigma);
            var silu = g.mul(sigma);
            var slope = sigma.add(silu.sub(silu.mul(sigma)));
            var dys = load(dy + 2L * i);
            store(dgate + 2L * i, slope.mul(dys).mul(load(up + 2L * i)));
            store(dup + 2L * i, dys.mul(silu));
        }
    }
}
