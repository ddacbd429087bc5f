package dev.cria.tune;

import dev.cria.tensor.HeadLoss;
import java.util.Arrays;

/**
 * A row as the model is tuned on it.
 *
 * @param labels as many as ids and aligned with them: the id itself where its loss counts, else {@link #IGNORED}
 */
record Example(int[] ids, int[] labels) {
    static final int IGNORED = (int) HeadLoss.IGNORED;

    Example {
        if (ids.length != labels.length) {
            throw new IllegalArgumentException(ids.length + " ids and " + labels.length + " labels");
        }
    }

    /** Tokens that have a loss; the first token has none, for nothing predicts it. */
    int targets() {
        return (int)
                Arrays.stream(labels).skip(1).filter(label -> label != IGNORED).count();
    }

    int length() {
        return ids.length;
    }

    /** The first tokens only. */
    Example cut(int length) {
        return new Example(Arrays.copyOf(ids, length), Arrays.copyOf(labels, length));
    }

    /** The same with a loss on every token. */
    Example onAll() {
        return new Example(ids, ids);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Example e && Arrays.equals(ids, e.ids) && Arrays.equals(labels, e.labels);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + Arrays.hashCode(labels);
    }

    @Override
    public String toString() {
        return Arrays.toString(ids) + " " + Arrays.toString(labels);
    }
}
