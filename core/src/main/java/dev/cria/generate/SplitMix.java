package dev.cria.generate;

/**
 * A random stream whose whole state is one number, so that samples can be repeated and checkpoints stay small. The
 * streams of one seed are independent of each other: sample 3 of 4 is sample 3 of 100.
 *
 * @see "Steele, Lea and Flood 2014, Fast Splittable Pseudorandom Number Generators"
 */
final class SplitMix {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1.0p-53;

    private long state;

    SplitMix(long state) {
        this.state = state;
    }

    /** Stream number {@code index} of a seed. */
    static SplitMix stream(long seed, long index) {
        return new SplitMix(mixed(seed) ^ mixed(mixed(index + GOLDEN_GAMMA)));
    }

    /** All that decides the numbers to come. */
    long state() {
        return state;
    }

    /** The next number, from 0 to below 1. */
    double nextDouble() {
        state += GOLDEN_GAMMA;
        return (mixed(state) >>> 11) * UNIT;
    }

    private static long mixed(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
