package dev.cria.tokenizer;

import java.util.Arrays;

/** A growing list of ids. */
final class IdBuffer {
    private int[] ids;
    private int size;

    IdBuffer(int capacity) {
        ids = new int[capacity];
    }

    void add(int id) {
        room(1);
        ids[size++] = id;
    }

    void add(int[] source, int from, int count) {
        room(count);
        if (count <= 8) {
            for (int i = 0; i < count; i++) {
                ids[size + i] = source[from + i];
            }
        } else {
            System.arraycopy(source, from, ids, size, count);
        }
        size += count;
    }

    /** The array behind this, with room for {@code more} ids from {@link #size} on; {@link #grow} counts them in. */
    int[] room(int more) {
        if (ids.length - size < more) {
            ids = Arrays.copyOf(ids, Math.max(2 * ids.length, size + more));
        }
        return ids;
    }

    void grow(int more) {
        size += more;
    }

    int get(int index) {
        return ids[index];
    }

    int size() {
        return size;
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }

    /** Empties this; what a huge text has made large is given back. */
    void clear(int capacityKept) {
        size = 0;
        if (ids.length > capacityKept) {
            ids = new int[capacityKept];
        }
    }
}
