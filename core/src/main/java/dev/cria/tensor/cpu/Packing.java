package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.ALL;
import static dev.cria.tensor.cpu.Lanes.INTS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Brings operands into the order that {@link Brgemm} reads. A word is four bytes: a float32, or a pair of bfloat16 that
 * follow each other along the summed dimension; so one transposition serves both types.
 *
 * <p>Zipping row i with row i + width/2, for all i, log₂ width times over, transposes a square of width × width. With 16
 * lanes two rounds at a time stay in registers, so that a square goes through memory once, not three times.
 */
final class Packing {
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final int WIDTH = INTS.length();
    private static final boolean QUARTERS = WIDTH == 16;
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private static final int LOW_HALF = 0xFFFF;
    private static final int HIGH_HALF = 0xFFFF0000;
    private static final IntVector LOW_WORDS = zip(0);
    private static final IntVector HIGH_WORDS = zip(WIDTH / 2);
    private static final ShortVector LOW_HALVES = zipBf16(0);
    private static final ShortVector HIGH_HALVES = zipBf16(SHORTS.length() / 2);

    private Packing() {}

    /** Picks a[from], b[from], a[from + 1], b[from + 1] … of two vectors. */
    private static IntVector zip(int from) {
        int[] index = new int[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            index[i] = from + i / 2 + i % 2 * WIDTH;
        }
        return IntVector.fromArray(INTS, index, 0);
    }

    private static ShortVector zipBf16(int from) {
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
                long from = source + row * sourceStride + 4 * column;
                long to = target + column * targetStride + 4 * row;
                if (QUARTERS) {
                    quarters(from, sourceStride, ping, 4L * WIDTH);
                    quarters(ping, 4L * WIDTH, to, targetStride);
                } else {
                    square(from, sourceStride, to, targetStride, ping, pong);
                }
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
                int word = word(source + row * sourceStride + 4 * column);
                ALL.set(ValueLayout.JAVA_INT_UNALIGNED, target + column * targetStride + 4 * row, word);
            }
        }
    }

    private static int word(long address) {
        return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    private static IntVector load(long address) {
        return IntVector.fromMemorySegment(INTS, ALL, address, NATIVE);
    }

    /** All rounds of a square, one at a time. */
    private static void square(long source, long sourceStride, long target, long targetStride, long ping, long pong) {
        long from = source;
        long fromStride = sourceStride;
        long to = ping;
        for (int round = 1; round < WIDTH; round *= 2) {
            boolean last = round * 2 == WIDTH;
            long out = last ? target : to;
            long outStride = last ? targetStride : 4L * WIDTH;
            for (int i = 0; i < WIDTH / 2; i++) {
                var a = load(from + i * fromStride);
                var b = load(from + (i + WIDTH / 2) * fromStride);
                LOW_WORDS.selectFrom(a, b).intoMemorySegment(ALL, out + 2L * i * outStride, NATIVE);
                HIGH_WORDS.selectFrom(a, b).intoMemorySegment(ALL, out + (2L * i + 1) * outStride, NATIVE);
            }
            from = to;
            fromStride = 4L * WIDTH;
            to = to == ping ? pong : ping;
        }
    }

    /** Two of the four rounds of a square of 16 × 16 words: rows i, i + 4, i + 8, i + 12 become rows 4i to 4i + 3. */
    private static void quarters(long source, long sourceStride, long target, long targetStride) {
        for (int i = 0; i < 4; i++) {
            long at = source + i * sourceStride;
            var a = load(at);
            var b = load(at + 4 * sourceStride);
            var c = load(at + 8 * sourceStride);
            var d = load(at + 12 * sourceStride);
            long out = target + 4 * i * targetStride;
            var first = LOW_WORDS.selectFrom(a, c);
            var second = LOW_WORDS.selectFrom(b, d);
            LOW_WORDS.selectFrom(first, second).intoMemorySegment(ALL, out, NATIVE);
            HIGH_WORDS.selectFrom(first, second).intoMemorySegment(ALL, out + targetStride, NATIVE);
            first = HIGH_WORDS.selectFrom(a, c);
            second = HIGH_WORDS.selectFrom(b, d);
            LOW_WORDS.selectFrom(first, second).intoMemorySegment(ALL, out + 2 * targetStride, NATIVE);
            HIGH_WORDS.selectFrom(first, second).intoMemorySegment(ALL, out + 3 * targetStride, NATIVE);
        }
    }

    /**
     * target[column][row] = source[row][column] in bfloat16, for any counts.
     *
     * @param sourceStride bytes from row to row; {@code targetStride} bytes from column to column
     */
    static void transposeBf16(
            long source, long sourceStride, long rows, long columns, long target, long targetStride, Scratch scratch) {
        long wholeRows = QUARTERS ? rows & -32 : 0;
        long wholeColumns = QUARTERS ? columns & -32 : 0;
        long even = scratch.take(4L * WIDTH * WIDTH);
        long odd = scratch.take(4L * WIDTH * WIDTH);
        for (long row = 0; row < wholeRows; row += 32) {
            for (long column = 0; column < wholeColumns; column += 32) {
                pairs(source + row * sourceStride + 2 * column, sourceStride, even, odd);
                long to = target + column * targetStride + 2 * row;
                quarters(even, 4L * WIDTH, to, 2 * targetStride);
                quarters(odd, 4L * WIDTH, to + targetStride, 2 * targetStride);
            }
        }
        long right = source + 2 * wholeColumns;
        strip(
                right,
                sourceStride,
                wholeRows,
                columns - wholeColumns,
                target + wholeColumns * targetStride,
                targetStride,
                scratch);
        strip(
                source + wholeRows * sourceStride,
                sourceStride,
                rows - wholeRows,
                columns,
                target + 2 * wholeRows,
                targetStride,
                scratch);
    }

    /**
     * Two rounds of the squares of the even and of the odd columns of 32 × 32 bfloat16: a word is a column of two rows, the
     * lower half from the row above. Written out, since a vector that crosses a call may become an object.
     */
    private static void pairs(long source, long stride, long even, long odd) {
        for (int i = 0; i < 4; i++) {
            long at = source + 2 * i * stride;
            var a0 = load(at);
            var a1 = load(at + stride);
            var b0 = load(at + 8 * stride);
            var b1 = load(at + 9 * stride);
            var c0 = load(at + 16 * stride);
            var c1 = load(at + 17 * stride);
            var d0 = load(at + 24 * stride);
            var d1 = load(at + 25 * stride);
            var a = a0.and(LOW_HALF).or(a1.lanewise(LSHL, 16));
            var b = b0.and(LOW_HALF).or(b1.lanewise(LSHL, 16));
            var c = c0.and(LOW_HALF).or(c1.lanewise(LSHL, 16));
            var d = d0.and(LOW_HALF).or(d1.lanewise(LSHL, 16));
            var first = LOW_WORDS.selectFrom(a, c);
            var second = LOW_WORDS.selectFrom(b, d);
            long out = even + 256L * i;
            LOW_WORDS.selectFrom(first, second).intoMemorySegment(ALL, out, NATIVE);
            HIGH_WORDS.selectFrom(first, second).intoMemorySegment(ALL, out + 64, NATIVE);
            first = HIGH_WORDS.selectFrom(a, c);
            second = HIGH_WORDS.selectFrom(b, d);
            LOW_WORDS.selectFrom(first, second).intoMemorySegment(ALL, out + 128, NATIVE);
            HIGH_WORDS.selectFrom(first, second).intoMemorySegment(ALL, out + 192, NATIVE);
            a = a0.lanewise(LSHR, 16).or(a1.and(HIGH_HALF));
            b = b0.lanewise(LSHR, 16).or(b1.and(HIGH_HALF));
            c = c0.lanewise(LSHR, 16).or(c1.and(HIGH_HALF));
            d = d0.lanewise(LSHR, 16).or(d1.and(HIGH_HALF));
            first = LOW_WORDS.selectFrom(a, c);
            second = LOW_WORDS.selectFrom(b, d);
            out = odd + 256L * i;
            LOW_WORDS.selectFrom(first, second).intoMemorySegment(ALL, out, NATIVE);
            HIGH_WORDS.selectFrom(first, second).intoMemorySegment(ALL, out + 64, NATIVE);
            first = HIGH_WORDS.selectFrom(a, c);
            second = HIGH_WORDS.selectFrom(b, d);
            LOW_WORDS.selectFrom(first, second).intoMemorySegment(ALL, out + 128, NATIVE);
            HIGH_WORDS.selectFrom(first, second).intoMemorySegment(ALL, out + 192, NATIVE);
        }
    }

    /** The same for what fills no square: pairs of rows are zipped, then their words transposed. */
    private static void strip(
            long source, long sourceStride, long rows, long columns, long target, long targetStride, Scratch scratch) {
        if (rows == 0 || columns == 0) {
            return;
        }
        var mark = scratch.mark();
        long band = 2L * WIDTH;
        long zipped = scratch.take(WIDTH * columns * 4);
        for (long r = 0; r < rows; r += band) {
            long height = Math.min(band, rows - r);
            for (long i = 0; i < height; i += 2) {
                long at = source + (r + i) * sourceStride;
                zip(at, i + 1 < height ? at + sourceStride : 0, columns, zipped + i / 2 * columns * 4);
            }
            var inner = scratch.mark();
            transpose(zipped, columns * 4, height / 2, columns, target + 2 * r, targetStride, scratch);
            scratch.reset(inner);
            if (height % 2 == 1) {
                lastRow(source + (rows - 1) * sourceStride, columns, target + 2 * (rows - 1), targetStride);
            }
        }
        scratch.reset(mark);
    }

    private static void lastRow(long source, long columns, long target, long targetStride) {
        for (long column = 0; column < columns; column++) {
            short bf16 = ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, source + 2 * column);
            ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, target + column * targetStride, bf16);
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
