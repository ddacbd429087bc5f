package dev.cria.tensor;

/**
 * An optimizer's moments in 8 bits each, in blocks that have a scale: the largest magnitude of the block. Codes are not
 * linear in the number: a signed one x has code 127·√(|x|/scale) with x's sign, a square 255·(x/scale)^¼ − 128, so that
 * numbers much smaller than the block's largest keep some digits. A square above zero never gets the code of zero, for
 * Adam divides by its root.
 *
 * @param codes [elements] int8
 * @param scales [⌈elements / {@value #BLOCK}⌉] float32
 */
public record QuantizedMoments(Tensor codes, Tensor scales) {
    /** Elements that share a scale. */
    public static final int BLOCK = 256;

    public static long blocks(long elements) {
        return (elements + BLOCK - 1) / BLOCK;
    }
}
