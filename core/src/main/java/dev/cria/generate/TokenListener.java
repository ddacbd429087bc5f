package dev.cria.generate;

/** Sees each token as it is chosen. */
@FunctionalInterface
public interface TokenListener {

    /** What happens after a token. */
    enum Next {
        CONTINUE,
        STOP
    }

    /** @param row which of the completions, from 0 */
    Next accept(int row, int id);

    /** What a forward reads. */
    enum Reading {
        PROMPT,
        /** The token that was chosen last, of each row. */
        CHOSEN
    }

    /** The model has read tokens, in so long from the end of the reading before, the choosing in between included. */
    default void read(Reading what, int tokens, long nanos) {}

    static TokenListener none() {
        return (_, _) -> Next.CONTINUE;
    }
}
