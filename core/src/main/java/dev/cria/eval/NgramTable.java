package dev.cria.eval;

import java.util.Arrays;

/**
 * Counts under n-gram keys: open addressing with linear probing in primitive arrays, about 20 bytes an n-gram with one
 * column where a boxed map takes 80.
 */
final class NgramTable {
    static final int ABSENT = -1;
    private static final double LOAD = 0.6;

    /** Key + 1, so that 0 is an empty slot. */
    private long[] keys = new long[1 << 10];

    private final int[][] columns;
    private int size;

    NgramTable(int columns) {
        this.columns = new int[columns][keys.length];
    }

    /** Adds to one column of the key's entry, which is made with zeros where there is none. */
    void add(long key, int column, int amount) {
        if (size >= LOAD * keys.length) {
            grow();
        }
        int slot = probe(key);
        if (keys[slot] == 0) {
            keys[slot] = key + 1;
            size++;
        }
        columns[column][slot] += amount;
    }

    /** The key's slot, or {@link #ABSENT}; it holds until the next addition. */
    int slot(long key) {
        int slot = probe(key);
        return keys[slot] == 0 ? ABSENT : slot;
    }

    /** What a column holds in a slot; 0 where the slot is {@link #ABSENT}. */
    int count(int slot, int column) {
        return slot == ABSENT ? 0 : columns[column][slot];
    }

    int size() {
        return size;
    }

    void forEach(Visitor visitor) {
        for (int slot = 0; slot < keys.length; slot++) {
            if (keys[slot] != 0) {
                visitor.visit(keys[slot] - 1, slot);
            }
        }
    }

    /** Sees each entry once, in no order. */
    interface Visitor {
        void visit(long key, int slot);
    }

    private int probe(long key) {
        int mask = keys.length - 1;
        // Fibonacci hashing; the product's high bits are the mixed ones.
        int slot = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (keys[slot] != 0 && keys[slot] != key + 1) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[][] oldColumns = Arrays.copyOf(columns, columns.length);
        keys = new long[oldKeys.length * 2];
        for (int column = 0; column < columns.length; column++) {
            columns[column] = new int[keys.length];
        }
        for (int old = 0; old < oldKeys.length; old++) {
            if (oldKeys[old] != 0) {
                int slot = probe(oldKeys[old] - 1);
                keys[slot] = oldKeys[old];
                for (int column = 0; column < columns.length; column++) {
                    columns[column][slot] = oldColumns[column][old];
                }
            }
        }
    }
}
