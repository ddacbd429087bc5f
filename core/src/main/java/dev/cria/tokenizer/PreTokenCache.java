package dev.cria.tokenizer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Remembers the ids of pre-tokens of up to 15 bytes, in bounded memory; one thread at a time.
 *
 * <p>A key is the pre-token itself in two longs, its length in the top byte, so that a hit is two comparisons and no
 * false one exists. Two slots a key, the newer first: a stream of rare words can't drive out all the frequent ones. A
 * value is the only id, or the complement of an index into a pool of longer answers; when the pool is full, everything
 * is forgotten. 32,768 slots are 640 KB: they hold the frequent words of English and stay in a core's second-level
 * cache.
 */
final class PreTokenCache {
    static final int LONGEST = 15;

    private static final int BITS = 15;
    private static final int POOL = 1 << 16;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long[] keys = new long[2 << BITS];
    private final int[] values = new int[1 << BITS];
    private final int[] pool = new int[POOL];
    private int pooled;

    /** The first eight bytes of a pre-token, the first half of its key. */
    static long lowKey(byte[] bytes, int from, int to) {
        int length = to - from;
        if (from + Long.BYTES > bytes.length) {
            return gather(bytes, from, to);
        }
        long low = (long) LONGS.get(bytes, from);
        return length >= Long.BYTES ? low : low & lowest(length);
    }

    /** The rest of a pre-token and its length, the second half of its key; never 0. */
    static long highKey(byte[] bytes, int from, int to) {
        int length = to - from;
        long tag = (long) length << 56;
        if (length <= Long.BYTES) {
            return tag;
        }
        int rest = from + Long.BYTES;
        if (rest + Long.BYTES > bytes.length) {
            return tag | gather(bytes, rest, to);
        }
        return tag | ((long) LONGS.get(bytes, rest) & lowest(to - rest));
    }

    /** A mask of the first bytes, of which there are fewer than eight. */
    private static long lowest(int bytes) {
        return (1L << (8 * bytes)) - 1;
    }

    private static long gather(byte[] bytes, int from, int to) {
        long key = 0;
        for (int i = Math.min(to, from + Long.BYTES) - 1; i >= from; i--) {
            key = key << 8 | (bytes[i] & 0xFF);
        }
        return key;
    }

    /** Appends the ids of this pre-token; false if it isn't known. */
    boolean appendTo(IdBuffer ids, long low, long high) {
        int slot = slot(low, high);
        if (keys[2 * slot] != low || keys[2 * slot + 1] != high) {
            slot ^= 1;
            if (keys[2 * slot] != low || keys[2 * slot + 1] != high) {
                return false;
            }
        }
        int value = values[slot];
        if (value >= 0) {
            ids.add(value);
        } else {
            ids.add(pool, ~value + 1, pool[~value]);
        }
        return true;
    }

    /** Remembers {@code ids[from, from + count)} for this pre-token. */
    void put(long low, long high, int[] ids, int from, int count) {
        int value = count == 1 ? ids[from] : ~pooled(ids, from, count);
        int slot = slot(low, high);
        move(slot, slot ^ 1);
        keys[2 * slot] = low;
        keys[2 * slot + 1] = high;
        values[slot] = value;
    }

    private int pooled(int[] ids, int from, int count) {
        if (pooled + count + 1 > POOL) {
            Arrays.fill(keys, 0);
            pooled = 0;
        }
        int index = pooled;
        pool[index] = count;
        System.arraycopy(ids, from, pool, index + 1, count);
        pooled += count + 1;
        return index;
    }

    private void move(int from, int to) {
        keys[2 * to] = keys[2 * from];
        keys[2 * to + 1] = keys[2 * from + 1];
        values[to] = values[from];
    }

    private static int slot(long low, long high) {
        return (int) (((low ^ (high * 0xC2B2AE3D27D4EB4FL)) * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - BITS));
    }
}
