package dev.cria.eval;

import java.util.Arrays;

/**
 * One log-likelihood to compute: of the continuation's tokens, each given all before it.
 *
 * @param context token ids, at least one, so that the first token of the continuation has something before it
 * @param continuation token ids, at least one
 */
public record Request(int[] context, int[] continuation) {

    public Request {
        if (context.length == 0 || continuation.length == 0) {
            throw new IllegalArgumentException("a request of %d context and %d continuation tokens"
                    .formatted(context.length, continuation.length));
        }
    }

    public int length() {
        return context.length + continuation.length;
    }

    /** True where the tokens don't fit a model of so many positions, which never sees the last token. */
    boolean isCutAt(int positions) {
        return length() > positions + 1;
    }

    /**
     * What a model of so many positions is given: (context + continuation)[-(positions + 1):][:-1], the left cut. Its
     * positions start at 0 after cutting.
     */
    int[] input(int positions) {
        int[] all = Arrays.copyOf(context, length());
        System.arraycopy(continuation, 0, all, context.length, continuation.length);
        return Arrays.copyOfRange(all, Math.max(0, all.length - positions - 1), all.length - 1);
    }

    /** The continuation's tokens that are scored: all of them, or the last ones where they alone exceed the input. */
    int[] targets(int positions) {
        int scored = Math.min(continuation.length, positions);
        return Arrays.copyOfRange(continuation, continuation.length - scored, continuation.length);
    }
}
