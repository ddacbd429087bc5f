package dev.cria.tensor;

import static dev.cria.tensor.Lanes.ALL;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Brings operands into the order that {@link Brgemm} reads. A word is four bytes: a float32, or a pair of bfloat16 that
 * follow each other along the summed dimension; so one transposition serves both types.
 */
final class Packing {
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final int WIDTH = INTS.length();
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private static final IntVector LOW_WORDS = zip(0);
    private static final IntVector HIGH_WORDS = zip(WIDTH / 2);
    private static final ShortVector LOW_HALVES = zipHalves(0);
    private static final ShortVector HIGH_HALVES = zipHalves(SHORTS.length() / 2);

    private Packing() {}

    /** Picks a[from], b[from], a[from + 1], b[from + 1] … of two vectors. */
    private static IntVector zip(int from) {
        int[] index = new int[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            index[i] = from + i / 2 + i % 2 * WIDTH;
        }
        return IntVector.fromArray(INTS, index, 0);
    }

    private static ShortVector zipHalves(int from) {
        short[] index = new short[SHORTS.length()];
        for (int i = 0; i < index.length; i++) {
            index[i] = (short) (from + i / 2 + i % 2 * index.length);
        }
        return ShortVector.fromArray(SHORTS, index, 0);
    }

    /**
     * target[column][row] = source[row][column], in words.
     *
     * @param sourceStride bytes from row to row; {@code targetStride} bytes from column to column
     */
    static void transpose(
            long source, long sourceStride, long rows, long columns, long target, long targetStride, Scratch scratch) {
        long ping = scratch.take(4L * WIDTH * WIDTH);
        long pong = scratch.take(4L * WIDTH * WIDTH);
        long fullRows = rows - rows % WIDTH;
        long fullColumns = columns - columns % WIDTH;
        for (long column = 0; column < fullColumns; column += WIDTH) {
            for (long row = 0; row < fullRows; row += WIDTH) {
                square(
                        source + row * sourceStride + 4 * column,
                        sourceStride,
                        target + column * targetStride + 4 * row,
                        targetStride,
                        ping,
                        pong);
            }
        }
        words(source, sourceStride, 0, rows, fullColumns, columns, target, targetStride);
        words(source, sourceStride, fullRows, rows, 0, fullColumns, target, targetStride);
    }

    private static void words(
            long source,
            long sourceStride,
            long firstRow,
            long rows,
            long firstColumn,
            long columns,
            long target,
            long targetStride) {
        for (long row = firstRow; row < rows; row++) {
            for (long column = firstColumn; column < columns; column++) {
                int word = ALL.get(ValueLayout.JAVA_INT_UNALIGNED, source + row * sourceStride + 4 * column);
                ALL.set(ValueLayout.JAVA_INT_UNALIGNED, target + column * targetStride + 4 * row, word);
            }
        }
    }

    /**
     * A square of as many words as a vector has lanes: zipping row i with row i + width/2, for all i, log₂ width times
     * over, transposes it.
     */
    private static void square(long source, long sourceStride, long target, long targetStride, long ping, long pong) {
        long from = source;
        long fromStride = sourceStride;
        long to = ping;
        for (int round = 1; round < WIDTH; round *= 2) {
            boolean last = round * 2 == WIDTH;
            long out = last ? target : to;
            long outStride = last ? targetStride : 4L * WIDTH;
            for (int i = 0; i < WIDTH / 2; i++) {
                var a = IntVector.fromMemorySegment(INTS, ALL, from + i * fromStride, NATIVE);
                var b = IntVector.fromMemorySegment(INTS, ALL, from + (i + WIDTH / 2) * fromStride, NATIVE);
                LOW_WORDS.selectFrom(a, b).intoMemorySegment(ALL, out + 2L * i * outStride, NATIVE);
                HIGH_WORDS.selectFrom(a, b).intoMemorySegment(ALL, out + (2L * i + 1) * outStride, NATIVE);
            }
            from = to;
            fromStride = 4L * WIDTH;
            to = to == ping ? pong : ping;
        }
    }

    /** target[i] = the pair (first[i], second[i]), n of them. A second of 0 means zeros. */
    static void zip(long first, long second, long n, long target) {
        int i = 0;
        int width = SHORTS.length();
        for (; i + width <= n; i += width) {
            var a = ShortVector.fromMemorySegment(SHORTS, ALL, first + 2 * i, NATIVE);
            var b = second == 0
                    ? ShortVector.zero(SHORTS)
                    : ShortVector.fromMemorySegment(SHORTS, ALL, second + 2 * i, NATIVE);
            LOW_HALVES.selectFrom(a, b).intoMemorySegment(ALL, target + 4 * i, NATIVE);
            HIGH_HALVES.selectFrom(a, b).intoMemorySegment(ALL, target + 4 * i + 2L * width, NATIVE);
        }
        for (; i < n; i++) {
            int low = ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, first + 2 * i) & 0xFFFF;
            int high = second == 0 ? 0 : ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, second + 2 * i) << 16;
            ALL.set(ValueLayout.JAVA_INT_UNALIGNED, target + 4 * i, low | high);
        }
    }
}
