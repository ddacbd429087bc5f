package dev.cria.data;

/** In which order an epoch's windows are used. Both orders find the window at any position in constant time. */
public sealed interface WindowOrder {

    /**
     * The window used at a position of the endless run over the data.
     *
     * @param position 0 for the first window ever used; positions from {@code count} on are later epochs
     * @param count how many windows there are
     */
    long windowAt(long position, long count);

    /** As the windows lie in the shards, the same in every epoch. */
    record Sequential() implements WindowOrder {
        @Override
        public long windowAt(long position, long count) {
            return position % count;
        }
    }

    /** Another permutation of all windows in every epoch, decided by the seed alone. */
    record Shuffled(long seed) implements WindowOrder {
        @Override
        public long windowAt(long position, long count) {
            return new KeyedPermutation(seed, position / count, count).apply(position % count);
        }
    }
}
