package dev.cria.data;

/**
 * SplitMix64's way to make numbers without a pattern from numbers with one.
 *
 * @see "Steele, Lea and Flood 2014, Fast Splittable Pseudorandom Number Generators"
 */
public final class Mix64 {
    /** What the generator's state grows by from one number to the next. */
    public static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private Mix64() {}

    /** The number that the generator draws in a state: a permutation of the longs. */
    public static long next(long state) {
        return finalised(state + GOLDEN_GAMMA);
    }

    /** The finaliser alone; it leaves 0 as it is. */
    public static long finalised(long number) {
        long z = (number ^ (number >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
