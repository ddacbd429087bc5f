package dev.cria.data;

/**
 * A permutation of 0 … size − 1 chosen by a key, computed element by element without a table.
 *
 * @param seed first part of the key
 * @param epoch second part of the key
 * @param size how many elements there are, at least 1
 */
public record KeyedPermutation(long seed, long epoch, long size) {
    // A Feistel network permutes the numbers of an even count of bits; numbers that fall outside of the size are sent
    // through again until they fall inside ("cycle walking": Black and Rogaway 2002, Ciphers with arbitrary finite
    // domains, method 2). The network's domain is less than four times the size, so that takes less than four walks
    // on average. A shuffled table would need 8 bytes a window and could not be sought in by a resumed run.

    /** Luby and Rackoff 1988 need four rounds for an ideal round function; small domains like more. */
    private static final int ROUNDS = 8;

    /** Where an element goes. */
    public long apply(long element) {
        if (size == 1) {
            return 0;
        }
        int half = (Long.SIZE - Long.numberOfLeadingZeros(size - 1) + 1) / 2;
        long key = Mix64.next(Mix64.next(seed) + epoch);
        long walked = element;
        do {
            walked = network(walked, half, key);
        } while (walked >= size);
        return walked;
    }

    private static long network(long number, int half, long key) {
        long mask = (1L << half) - 1;
        long left = number >>> half;
        long right = number & mask;
        for (int round = 0; round < ROUNDS; round++) {
            long next = left ^ (Mix64.next(key + right * ROUNDS + round) & mask);
            left = right;
            right = next;
        }
        return left << half | right;
    }
}
