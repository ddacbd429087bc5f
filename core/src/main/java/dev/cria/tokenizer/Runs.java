package dev.cria.tokenizer;

import static dev.cria.tokenizer.CodePoints.LETTER;
import static dev.cria.tokenizer.CodePoints.SPACE;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Ends of runs of code points of one class, in well-formed UTF-8. */
final class Runs {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long EACH = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private Runs() {}

    /** The first index in {@code [from, to)} whose code point is of another class, or {@code to}. */
    static int of(int kind, byte[] utf8, int from, int to) {
        int i = from;
        while (i < to && CodePoints.classAt(utf8, i) == kind) {
            i += CodePoints.width(utf8[i]);
        }
        return i;
    }

    /**
     * {@link #of} letters, eight ASCII bytes at a time: a loop over bytes mispredicts its exit once a word, which
     * costs as much as all the rest of the scan.
     */
    static int letters(byte[] utf8, int from, int to) {
        int i = from;
        while (i + Long.BYTES <= to) {
            long others = noAsciiLetters((long) LONGS.get(utf8, i));
            if (others != 0) {
                i += Long.numberOfTrailingZeros(others) >>> 3;
                return utf8[i] >= 0 ? i : of(LETTER, utf8, i, to);
            }
            i += Long.BYTES;
        }
        return of(LETTER, utf8, i, to);
    }

    /** The high bit of each byte that is no ASCII letter. */
    private static long noAsciiLetters(long bytes) {
        long lower = (bytes | 0x20 * EACH) & ~HIGH_BITS;
        long fromA = lower + (0x80 - 'a') * EACH;
        long beyondZ = lower + (0x80 - 'z' - 1) * EACH;
        return (~fromA | beyondZ | bytes) & HIGH_BITS;
    }

    /** {@code \s+(?!\S)|\s+}: the run of white space without its last character, which belongs to what follows. */
    static int whiteSpace(byte[] utf8, int from, int to) {
        int last = from;
        int i = from;
        while (i < to && CodePoints.classAt(utf8, i) == SPACE) {
            last = i;
            i += CodePoints.width(utf8[i]);
        }
        return i == to || last == from ? i : last;
    }
}
