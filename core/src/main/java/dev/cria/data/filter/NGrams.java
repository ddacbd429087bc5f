package dev.cria.data.filter;

import java.util.Arrays;

/** Repetition among the n-grams of words, counted by their hashes in tables that are used again for each n. */
final class NGrams {
    private static final long BASE = 0xD6E8FEB86659FD93L;

    private final Words words;
    /** Characters of all words before each. */
    private final long[] before;

    private long[] keys;
    private int[] counts;

    NGrams(Words words) {
        this.words = words;
        this.before = new long[words.count() + 1];
        for (int i = 0; i < words.count(); i++) {
            before[i + 1] = before[i] + words.length(i);
        }
        int capacity = Integer.highestOneBit(Math.max(8, words.count())) * 4;
        this.keys = new long[capacity];
        this.counts = new int[capacity];
    }

    /** Characters, spaces included, of all occurrences of the n-gram that covers the most; 0 if none comes twice. */
    long mostFrequent(int n) {
        Arrays.fill(counts, 0);
        long most = 0;
        int best = 1;
        for (int i = 0; i + n <= words.count(); i++) {
            int slot = slot(hash(i, n));
            int times = ++counts[slot];
            // The most frequent one counts, and among equally frequent ones the first, as Python's Counter has it.
            if (times > best) {
                best = times;
                most = times * (before[i + n] - before[i] + n - 1);
            }
        }
        return most;
    }

    /** Characters of all n-grams that stood in the text before, each counted once however they overlap. */
    long repeated(int n) {
        Arrays.fill(counts, 0);
        long repeated = 0;
        int i = 0;
        while (i + n <= words.count()) {
            int slot = slot(hash(i, n));
            if (counts[slot]++ > 0) {
                repeated += before[i + n] - before[i];
                i += n;
            } else {
                i++;
            }
        }
        return repeated;
    }

    private long hash(int from, int n) {
        long hash = n;
        for (int i = from; i < from + n; i++) {
            hash = (hash + words.hash(i)) * BASE;
            hash ^= hash >>> 32;
        }
        return hash;
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
