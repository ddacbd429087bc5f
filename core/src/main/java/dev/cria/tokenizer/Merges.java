package dev.cria.tokenizer;

import java.util.Arrays;

/**
 * Which pair of ids becomes which id, in order of rank. Grows only while a tokenizer is being built.
 *
 * <p>Encoding asks for the rank of a pair several times a byte of unknown text, so pair and rank share one long in an
 * open-addressed table: 21 bits for each id, 22 for the rank, a quarter full to half full.
 */
final class Merges {
    /** The rank of a pair that doesn't merge; larger than any. */
    static final int NONE = Integer.MAX_VALUE;

    /** Ids lie below this, and so does the number of merges below twice this. */
    static final int ID_LIMIT = (1 << 21) - 1;

    private static final int ID_BITS = 21;
    private static final int RANK_BITS = 22;
    private static final long RANK_MASK = (1L << RANK_BITS) - 1;
    private static final long EMPTY = -1;
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private final long[] table;
    private final int shift;
    private final int[] left;
    private final int[] right;
    private final int[] merged;
    private int size;

    Merges(int capacity) {
        int bits = Math.max(4, Integer.SIZE - Integer.numberOfLeadingZeros(2 * capacity));
        table = new long[1 << bits];
        Arrays.fill(table, EMPTY);
        shift = Long.SIZE - bits;
        left = new int[capacity];
        right = new int[capacity];
        merged = new int[capacity];
    }

    /** The next merge in rank; a pair that stands there already moves to this rank. */
    void add(int leftId, int rightId, int mergedId) {
        int rank = size++;
        left[rank] = leftId;
        right[rank] = rightId;
        merged[rank] = mergedId;
        long pair = pair(leftId, rightId);
        int i = slot(pair);
        while (table[i] != EMPTY && (table[i] & ~RANK_MASK) != pair) {
            i = (i + 1) & (table.length - 1);
        }
        table[i] = pair | rank;
    }

    /** The rank of the pair, or {@link #NONE}. */
    int rank(int leftId, int rightId) {
        long pair = pair(leftId, rightId);
        int i = slot(pair);
        while (true) {
            long entry = table[i];
            if ((entry & ~RANK_MASK) == pair) {
                return (int) (entry & RANK_MASK);
            }
            if (entry == EMPTY) {
                return NONE;
            }
            i = (i + 1) & (table.length - 1);
        }
    }

    int size() {
        return size;
    }

    int left(int rank) {
        return left[rank];
    }

    int right(int rank) {
        return right[rank];
    }

    /** The id that the pair of this rank becomes. */
    int merged(int rank) {
        return merged[rank];
    }

    void addTo(Fingerprint hash) {
        hash.add(size);
        for (int rank = 0; rank < size; rank++) {
            hash.add(left[rank], right[rank], merged[rank]);
        }
    }

    private static long pair(int leftId, int rightId) {
        return ((long) leftId << ID_BITS | rightId) << RANK_BITS;
    }

    private int slot(long pair) {
        return (int) ((pair * GOLDEN_RATIO) >>> shift);
    }
}
