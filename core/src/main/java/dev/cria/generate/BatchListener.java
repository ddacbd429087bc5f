package dev.cria.generate;

/** Hears how a request of a {@link ContinuousBatch} goes on; called by the batch's thread, so it must not wait. */
public interface BatchListener {
    /** A token of the prompt, in order, where its score was asked for. */
    default void prompt(Scored token) {}

    /** The prompt is read. @param cached how many of its tokens had been read before */
    default void begun(int cached) {}

    /** The next token. */
    TokenListener.Next chosen(Scored token);

    /** The last call, but for a failure. */
    void ended(Completion.Stop stop);

    /** The last call instead. */
    void failed(RuntimeException why);
}
