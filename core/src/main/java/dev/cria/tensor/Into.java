package dev.cria.tensor;

/** What becomes of the numbers that an output already holds. */
public enum Into {
    OVERWRITE,
    ACCUMULATE
}
