package dev.cria.tensor.cpu;

import dev.cria.tensor.DType;
import dev.cria.tensor.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
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
public final class Lanes {
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

    /** Lanes of a vector. */
    static final int WIDTH = FLOATS.length();

    /** All memory as one segment: kernels check shapes once, then go by addresses. */
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final VectorShuffle<Float> FOLD_8 = rotation(8);
    private static final VectorShuffle<Float> FOLD_4 = rotation(4);
    private static final VectorShuffle<Float> FOLD_2 = rotation(2);
    private static final VectorShuffle<Float> FOLD_1 = rotation(1);

    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    private static final ShortVector UPPER_HALVES = upperHalves();

    /** Half of a bfloat16's last place, in the bits of a float. */
    private static final IntVector HALF_UNIT = IntVector.broadcast(INTS, 0x8000);

    private Lanes() {}

    /** Picks the upper half of each word of two vectors. */
    private static ShortVector upperHalves() {
        short[] index = new short[2 * WIDTH];
        for (int i = 0; i < index.length; i++) {
            index[i] = (short) (2 * i + 1);
        }
        return ShortVector.fromArray(ShortVector.SPECIES_PREFERRED, index, 0);
    }

    private static VectorShuffle<Float> rotation(int distance) {
        return FLOATS.shuffleFromOp(i -> (i + distance) % WIDTH);
    }

    static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(FLOATS, ALL, address, NATIVE);
    }

    static void store(long address, FloatVector x) {
        x.intoMemorySegment(ALL, address, NATIVE);
    }

    /** True if n numbers of each of these are whole vectors of bfloat16. */
    static boolean areBf16(long n, Matrix... matrices) {
        for (Matrix matrix : matrices) {
            if (matrix.dtype() != DType.BFLOAT16) {
                return false;
            }
        }
        return n % WIDTH == 0;
    }

    /** A vector of bfloat16s. */
    static FloatVector loadBf16(long address) {
        var bf16 = ShortVector.fromMemorySegment(SHORTS, ALL, address, NATIVE);
        return ((IntVector) bf16.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, 16)
                .reinterpretAsFloats();
    }

    /** A vector as bfloat16s, rounded as {@link #narrow} does. */
    static void storeBf16(long address, FloatVector x) {
        ((ShortVector) round(x.reinterpretAsInts())
                        .lanewise(VectorOperators.LSHR, 16)
                        .convertShape(VectorOperators.I2S, SHORTS, 0))
                .intoMemorySegment(ALL, address, NATIVE);
    }

    /** Two vectors as bfloat16s, ties away from zero: cheaper than {@link #storeBf16}, for finite numbers. */
    static void storePairBf16(long address, FloatVector first, FloatVector second) {
        UPPER_HALVES
                .selectFrom(
                        first.reinterpretAsInts().add(HALF_UNIT).reinterpretAsShorts(),
                        second.reinterpretAsInts().add(HALF_UNIT).reinterpretAsShorts())
                .intoMemorySegment(ALL, address, NATIVE);
    }

    /** A vector as bfloat16s, ties away from zero. */
    static void storeNearBf16(long address, FloatVector x) {
        ((ShortVector) x.reinterpretAsInts()
                        .add(HALF_UNIT)
                        .lanewise(VectorOperators.LSHR, 16)
                        .convertShape(VectorOperators.I2S, SHORTS, 0))
                .intoMemorySegment(ALL, address, NATIVE);
    }

    /** The first of {@code n} elements that no whole vector covers. */
    static int bound(long n) {
        return (int) n & -WIDTH;
    }

    static float get(long address) {
        return ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
    }

    static void set(long address, float value) {
        ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
    }

    static float getBf16(long address) {
        return Float.intBitsToFloat(ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address) << 16);
    }

    static void setBf16(long address, float value) {
        ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, bfloat16(value));
    }

    static long getLong(long address) {
        return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    public static void copy(long source, long target, long bytes) {
        MemorySegment.copy(ALL, source, ALL, target, bytes);
    }

    public static void zero(long address, long bytes) {
        ALL.asSlice(address, bytes).fill((byte) 0);
    }

    /** Σ of the lanes by halving, always in the same order; reduceLanes promises none. */
    static float sum(FloatVector x) {
        var sum = x;
        if (WIDTH > 8) {
            sum = sum.add(sum.rearrange(FOLD_8));
        }
        if (WIDTH > 4) {
            sum = sum.add(sum.rearrange(FOLD_4));
        }
        if (WIDTH > 2) {
            sum = sum.add(sum.rearrange(FOLD_2));
        }
        return sum.add(sum.rearrange(FOLD_1)).lane(0);
    }

    /** The largest lane. */
    static float max(FloatVector x) {
        return x.reduceLanes(VectorOperators.MAX);
    }

    /** n floats of 0: a loop, since a call costs more than the few vectors that rows of scores need. */
    static void zeroFloats(long address, int n) {
        var zero = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i < bound(n); i += WIDTH) {
            store(address + 4L * i, zero);
        }
        fill(address, i, n, 0);
    }

    /** Reads a word of each cache line, so that they are in cache; something of what was read. */
    static int touch(long address, int bytes) {
        int seen = 0;
        for (int i = 0; i < bytes; i += 64) {
            seen ^= ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address + i);
        }
        return seen;
    }

    /** Sets floats {@code from} to {@code to} one by one. */
    static void fill(long address, int from, int to, float value) {
        for (int i = from; i < to; i++) {
            set(address + 4L * i, value);
        }
    }

    /** Floats of bfloat16s. */
    public static void widen(long source, long target, long n) {
        int i = 0;
        for (; i < bound(n); i += WIDTH) {
            store(target + 4 * i, loadBf16(source + 2 * i));
        }
        for (; i < n; i++) {
            set(target + 4 * i, getBf16(source + 2 * i));
        }
    }

    /** The nearest bfloat16s of floats, ties to even. NaN stays NaN, for those payloads that arithmetic makes. */
    public static void toBf16(long source, long target, long n) {
        int i = 0;
        for (; i < ((int) n & -2 * WIDTH); i += 2 * WIDTH) {
            narrowVectors(source + 4 * i, target + 2 * i);
        }
        for (; i < bound(n); i += WIDTH) {
            storeBf16(target + 2 * i, load(source + 4 * i));
        }
        for (; i < n; i++) {
            setBf16(target + 2 * i, get(source + 4 * i));
        }
    }

    /** The nearest bfloat16s of floats times a factor, whole vectors of them. */
    static void narrowScaled(long source, float factor, long target, long n) {
        for (int i = 0; i < bound(n); i += WIDTH) {
            storeBf16(target + 2 * i, load(source + 4 * i).mul(factor));
        }
    }

    /** Narrows rows of a multiple of 64 floats, dense at the source: the tiles of a matrix product. */
    static void narrowTile(long source, long rows, int width, long target, long targetStride) {
        for (int row = 0; row < (int) rows; row++) {
            long from = source + 4L * width * row;
            long to = target + targetStride * row;
            for (int i = 0; i < width; i += 2 * WIDTH) {
                narrowVectors(from + 4 * i, to + 2 * i);
            }
        }
    }

    /** Two vectors at once become one: half as many stores. */
    private static void narrowVectors(long source, long target) {
        var low = round(IntVector.fromMemorySegment(INTS, ALL, source, NATIVE)).reinterpretAsShorts();
        var high = round(IntVector.fromMemorySegment(INTS, ALL, source + 4L * WIDTH, NATIVE))
                .reinterpretAsShorts();
        UPPER_HALVES.selectFrom(low, high).intoMemorySegment(ALL, target, NATIVE);
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
        long target = scratch.floats(n + WIDTH);
        widen(source, target, n);
        return target;
    }

    /** As {@link #widened}, and readable up to a whole vector; what is read beyond n is undefined. */
    static long wholeVectors(DType dtype, long source, long n, Scratch scratch) {
        if (dtype == DType.FLOAT32 && n % WIDTH != 0) {
            long target = scratch.floats(n + WIDTH);
            copy(source, target, 4 * n);
            return target;
        }
        return widened(dtype, source, n, scratch);
    }

    /** As {@link #staged}, and writable up to a whole vector. */
    static long stagedWholeVectors(DType dtype, long target, long n, Scratch scratch) {
        return dtype == DType.FLOAT32 && n % WIDTH == 0 ? target : scratch.floats(n + WIDTH);
    }

    /** The address where n floats may be put before {@link #finish}: the target, or scratch for a narrower type. */
    static long staged(DType dtype, long target, long n, Scratch scratch) {
        return dtype == DType.FLOAT32 ? target : scratch.floats(n);
    }

    /** Brings what was staged to its place. */
    static void finish(DType dtype, long staged, long target, long n) {
        if (dtype != DType.FLOAT32) {
            toBf16(staged, target, n);
        } else if (staged != target) {
            copy(staged, target, 4 * n);
        }
    }
}
