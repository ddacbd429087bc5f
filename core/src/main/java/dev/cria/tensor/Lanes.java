package dev.cria.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors of floats at native addresses, and the conversions of bfloat16.
 *
 * <p>The kernels compute in float32: a bfloat16 row is widened into the thread's scratch, which stays in the first
 * cache, and narrowed on the way out. One loop then serves both types, for a cost that memory hides.
 */
final class Lanes {
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

    /** Lanes of a vector. */
    static final int WIDTH = FLOATS.length();

    /** All memory as one segment: kernels check shapes once, then go by addresses. */
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** Brings the upper half onto the lower, then the second quarter onto the first, and so on. */
    private static final List<VectorShuffle<Float>> FOLDS = folds();

    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private Lanes() {}

    private static List<VectorShuffle<Float>> folds() {
        List<VectorShuffle<Float>> folds = new ArrayList<>();
        for (int half = WIDTH / 2; half > 0; half /= 2) {
            int distance = half;
            folds.add(FLOATS.shuffleFromOp(i -> (i + distance) % WIDTH));
        }
        return List.copyOf(folds);
    }

    static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(FLOATS, ALL, address, NATIVE);
    }

    static FloatVector load(long address, VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(FLOATS, ALL, address, NATIVE, mask);
    }

    static void store(long address, FloatVector x) {
        x.intoMemorySegment(ALL, address, NATIVE);
    }

    static void store(long address, FloatVector x, VectorMask<Float> mask) {
        x.intoMemorySegment(ALL, address, NATIVE, mask);
    }

    /** The first of {@code n} elements that no whole vector covers. */
    static int bound(long n) {
        return (int) n & -WIDTH;
    }

    /** The lanes of the last, partial vector. */
    static VectorMask<Float> rest(long n) {
        return FLOATS.indexInRange(bound(n), n);
    }

    static float get(long address) {
        return ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
    }

    static void set(long address, float value) {
        ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
    }

    static long getLong(long address) {
        return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    static void copy(long source, long target, long bytes) {
        MemorySegment.copy(ALL, source, ALL, target, bytes);
    }

    static void zero(long address, long bytes) {
        ALL.asSlice(address, bytes).fill((byte) 0);
    }

    /** Σ of the lanes by halving, always in the same order; reduceLanes promises none. */
    static float sum(FloatVector x) {
        var sum = x;
        for (VectorShuffle<Float> fold : FOLDS) {
            sum = sum.add(sum.rearrange(fold));
        }
        return sum.lane(0);
    }

    /** The largest lane. */
    static float max(FloatVector x) {
        return x.reduceLanes(VectorOperators.MAX);
    }

    /** Floats of bfloat16s. */
    static void widen(long source, long target, long n) {
        int i = 0;
        for (; i < bound(n); i += WIDTH) {
            var halves = ShortVector.fromMemorySegment(SHORTS, ALL, source + 2 * i, NATIVE);
            var bits = (IntVector) halves.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
            bits.lanewise(VectorOperators.LSHL, 16).intoMemorySegment(ALL, target + 4 * i, NATIVE);
        }
        for (; i < n; i++) {
            int bits = ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, source + 2 * i) << 16;
            set(target + 4 * i, Float.intBitsToFloat(bits));
        }
    }

    /** The nearest bfloat16s of floats, ties to even. NaN stays NaN, for those payloads that arithmetic makes. */
    static void narrow(long source, long target, long n) {
        int i = 0;
        for (; i < bound(n); i += WIDTH) {
            narrowVector(source + 4 * i, target + 2 * i);
        }
        for (; i < n; i++) {
            ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, target + 2 * i, bfloat16(get(source + 4 * i)));
        }
    }

    /** Narrows rows of 64 floats, dense at the source: the tiles of a matrix product. */
    static void narrowTile(long source, long rows, long target, long targetStride) {
        for (int row = 0; row < (int) rows; row++) {
            long from = source + 256L * row;
            long to = target + targetStride * row;
            for (int i = 0; i < 64; i += WIDTH) {
                narrowVector(from + 4 * i, to + 2 * i);
            }
        }
    }

    private static void narrowVector(long source, long target) {
        var bits = IntVector.fromMemorySegment(INTS, ALL, source, NATIVE);
        var rounded = round(bits).lanewise(VectorOperators.LSHR, 16);
        ((ShortVector) rounded.convertShape(VectorOperators.I2S, SHORTS, 0)).intoMemorySegment(ALL, target, NATIVE);
    }

    private static IntVector round(IntVector bits) {
        var odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
        return bits.add(odd).add(0x7FFF);
    }

    static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
    }

    /** The address of n floats that hold what is at {@code source}: itself, or a widened copy in scratch. */
    static long widened(DType dtype, long source, long n, Scratch scratch) {
        if (dtype == DType.FLOAT32) {
            return source;
        }
        long target = scratch.floats(n);
        widen(source, target, n);
        return target;
    }

    /** The address where n floats may be put before {@link #finish}: the target, or scratch for a narrower type. */
    static long staged(DType dtype, long target, long n, Scratch scratch) {
        return dtype == DType.FLOAT32 ? target : scratch.floats(n);
    }

    /** Brings what was staged to its place. */
    static void finish(DType dtype, long staged, long target, long n) {
        if (dtype != DType.FLOAT32) {
            narrow(staged, target, n);
        }
    }

    /**
     * eˣ to about one unit in the last place, for x cut to −87 … 88.
     *
     * @see "Moshier's Cephes, expf: x = n·ln 2 + f, |f| ≤ ½ ln 2, a polynomial in f, then n into the exponent"
     */
    static FloatVector exp(FloatVector x) {
        // Comparisons let NaN through; max and min would too, in five instructions each.
        var clamped = x.blend(-87.33654f, x.lt(-87.33654f));
        clamped = clamped.blend(88.37626f, clamped.compare(VectorOperators.GT, 88.37626f));
        var n = clamped.mul(1.44269504088896341f).add(12582912f).sub(12582912f);
        var f = n.fma(FloatVector.broadcast(FLOATS, -0.693359375f), clamped);
        f = n.fma(FloatVector.broadcast(FLOATS, 2.12194440e-4f), f);
        var p = FloatVector.broadcast(FLOATS, 1.9875691500e-4f)
                .fma(f, FloatVector.broadcast(FLOATS, 1.3981999507e-3f))
                .fma(f, FloatVector.broadcast(FLOATS, 8.3334519073e-3f))
                .fma(f, FloatVector.broadcast(FLOATS, 4.1665795894e-2f))
                .fma(f, FloatVector.broadcast(FLOATS, 1.6666665459e-1f))
                .fma(f, FloatVector.broadcast(FLOATS, 5.0000001201e-1f))
                .fma(f.mul(f), f.add(1f));
        var power = ((IntVector) n.convertShape(VectorOperators.F2I, INTS, 0))
                .add(127)
                .lanewise(VectorOperators.LSHL, 23)
                .reinterpretAsFloats();
        return p.mul(power);
    }

    /** 1 / (1 + e⁻ˣ). */
    static FloatVector sigmoid(FloatVector x) {
        return FloatVector.broadcast(FLOATS, 1f).div(exp(x.neg()).add(1f));
    }
}
