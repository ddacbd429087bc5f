package dev.cria.data.filter;

import java.util.Arrays;

/**
 * Repetition among the n-grams of words, counted by their hashes in tables that are used again for each n. A hash is a
 * polynomial of what it is of, so that an n-gram's is the difference of two that are known.
 */
final class NGrams {
    private static final long BASE = 0xD6E8FEB86659FD93L;

    private final int count;
    /** Characters of all words before each. */
    private final long[] before;
    /** Of all words before each, as a list of words; and written without anything between them. */
    private final long[] lists;

    private final long[] joined;
    /** How far each of the latter reaches. */
    private final int[] reach;

    private final long[] powers;
    private final long[] keys;
    private final int[] counts;
    private final int[] slots;

    NGrams(Words words) {
        count = words.count();
        before = new long[count + 1];
        lists = new long[count + 1];
        joined = new long[count + 1];
        reach = new int[count + 1];
        for (int i = 0; i < count; i++) {
            int length = words.end(i) - words.begin(i);
            before[i + 1] = before[i] + words.length(i);
            lists[i + 1] = lists[i] * BASE + mixed(words.hash(i));
            reach[i + 1] = reach[i] + length;
        }
        powers = powers(reach[count]);
        for (int i = 0; i < count; i++) {
            joined[i + 1] = joined[i] * powers[reach[i + 1] - reach[i]] + words.hash(i);
        }
        int capacity = Integer.highestOneBit(Math.max(8, count)) * 4;
        keys = new long[capacity];
        counts = new int[capacity];
        slots = new int[count];
    }

    private static long[] powers(int most) {
        long[] powers = new long[most + 1];
        powers[0] = 1;
        for (int i = 1; i <= most; i++) {
            powers[i] = powers[i - 1] * Words.BASE;
        }
        return powers;
    }

    private static long mixed(long hash) {
        long mixed = (hash ^ hash >>> 32) * BASE;
        return mixed ^ mixed >>> 29;
    }

    /** Characters, spaces included, of all occurrences of the most frequent n-gram; 0 if there is none. */
    long mostFrequent(int n) {
        Arrays.fill(counts, 0);
        long power = power(n);
        int last = count - n;
        int most = 0;
        for (int i = 0; i <= last; i++) {
            slots[i] = slot(mixed(lists[i + n] - lists[i] * power));
            most = Math.max(most, ++counts[slots[i]]);
        }
        // Of equally frequent ones the first, as Python's Counter has it.
        for (int i = 0; i <= last; i++) {
            if (counts[slots[i]] == most) {
                return most * (before[i + n] - before[i] + n - 1);
            }
        }
        return 0;
    }

    private static long power(int n) {
        long power = 1;
        for (int i = 0; i < n; i++) {
            power *= BASE;
        }
        return power;
    }

    /**
     * Characters of all n-grams that stood in the text before, each counted once however they overlap. They are compared
     * without anything between their words, as datatrove does.
     */
    long repeated(int n) {
        Arrays.fill(counts, 0);
        long repeated = 0;
        int i = 0;
        while (i + n <= count) {
            int slot = slot(mixed(joined[i + n] - joined[i] * powers[reach[i + n] - reach[i]]));
            if (counts[slot]++ > 0) {
                repeated += before[i + n] - before[i];
                i += n;
            } else {
                i++;
            }
        }
        return repeated;
    }

    private int slot(long key) {
        int mask = keys.length - 1;
        int slot = (int) (key >>> 20) & mask;
        while (counts[slot] > 0 && keys[slot] != key) {
            slot = slot + 1 & mask;
        }
        keys[slot] = key;
        return slot;
    }
}
