package dev.cria.tensor;

/**
 * The sizes of a causal attention. Query i of a row stands at position {@code keys − queries + i} and sees the keys up
 * to its own position; query head h reads key-value head {@code h / (heads / kvHeads)}.
 *
 * @param queries query positions of a row; equal to {@code keys} in training, fewer when a cache holds earlier keys
 */
public record AttentionShape(int batch, int queries, int keys, int heads, int kvHeads, int headDim) {

    public AttentionShape {
        if (batch < 1 || queries < 1 || keys < queries || headDim < 1 || kvHeads < 1 || heads % kvHeads != 0) {
            throw new ShapeException("no attention has batch " + batch + ", " + queries + " queries, " + keys
                    + " keys, " + heads + " heads on " + kvHeads + " of " + headDim);
        }
    }

    /** Query heads that share one key-value head. */
    public int group() {
        return heads / kvHeads;
    }

    long queryElements() {
        return (long) batch * queries * heads * headDim;
    }

    long keyElements() {
        return (long) batch * keys * kvHeads * headDim;
    }

    /** Operations of one product over all pairs of a query and a key that it sees, as if each row were one document. */
    double productOperations() {
        double pairs = (double) queries * (keys - queries) + queries * (queries + 1.0) / 2;
        return 2.0 * batch * heads * headDim * pairs;
    }

    public double scale() {
        return 1 / Math.sqrt(headDim);
    }
}
