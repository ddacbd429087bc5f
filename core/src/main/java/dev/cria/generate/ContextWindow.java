package dev.cria.generate;

/**
 * Which part of a long text a model with few positions still sees: all of it while it fits, then, each time it is
 * full, the later half. Moving by halves costs one new reading for every half window, where moving token by token
 * would cost one for each token; and the window depends on the text's length alone, not on how the text came about.
 *
 * @param positions tokens that the model can see
 */
record ContextWindow(int positions) {

    /** The first token that is still seen when the text has {@code length} tokens. */
    int start(int length) {
        if (length <= positions) {
            return 0;
        }
        int stride = Math.max(1, positions / 2);
        return Math.ceilDiv(length - positions, stride) * stride;
    }
}
