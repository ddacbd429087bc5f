package dev.cria.generate;

import dev.cria.data.Mix64;

/**
 * A random stream whose whole state is one number, so that samples can be repeated and checkpoints stay small. The
 * streams of one seed are independent of each other: sample 3 of 4 is sample 3 of 100.
 *
 * @see "Steele, Lea and Flood 2014, Fast Splittable Pseudorandom Number Generators"
 */
final class SplitMix {
    private static final double UNIT = 0x1.0p-53;

    private long state;

    SplitMix(long state) {
        this.state = state;
    }

    /** Stream number {@code index} of a seed. */
    static SplitMix stream(long seed, long index) {
        return new SplitMix(Mix64.finalised(seed) ^ Mix64.finalised(Mix64.finalised(index + Mix64.GOLDEN_GAMMA)));
    }

    /** All that decides the numbers to come. */
    long state() {
        return state;
    }

    /** The next number, from 0 to below 1. */
    double nextDouble() {
        state += Mix64.GOLDEN_GAMMA;
        return (Mix64.finalised(state) >>> 11) * UNIT;
    }
}
