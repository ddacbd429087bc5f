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

    static TokenListener none() {
        return (_, _) -> Next.CONTINUE;
    }
}
