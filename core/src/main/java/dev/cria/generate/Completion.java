package dev.cria.generate;

import java.util.Arrays;

/**
 * What a model wrote after a prompt.
 *
 * @param ids without the prompt and without the end token
 */
public record Completion(int[] ids, Stop stop) {

    /** Why it ends. */
    public enum Stop {
        END_TOKEN,
        LENGTH,
        CANCELLED
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Completion c && stop == c.stop && Arrays.equals(ids, c.ids);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + stop.hashCode();
    }

    @Override
    public String toString() {
        return Arrays.toString(ids) + " " + stop;
    }
}
