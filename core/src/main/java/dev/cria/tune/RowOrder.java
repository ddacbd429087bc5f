package dev.cria.tune;

import dev.cria.data.KeyedPermutation;

/**
 * Which row stands at which place of an endless sequence: the file's order again and again, or a permutation of its own
 * for each round. A place is a number, so a resumed run goes on where it was.
 */
record RowOrder(int rows, boolean shuffled, long seed) {

    int at(long place) {
        long round = place / rows;
        long within = place % rows;
        return (int) (shuffled ? new KeyedPermutation(seed, round, rows).apply(within) : within);
    }
}
