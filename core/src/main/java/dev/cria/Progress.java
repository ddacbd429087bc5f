package dev.cria;

/**
 * Where long work says what it is doing. The command line shows it on standard error; tests and {@code --quiet} use
 * {@link #silent()}. Implementations are safe for use by many threads.
 */
public interface Progress {

    /**
     * Begins a piece of work whose size is known, or -1 where it isn't.
     *
     * @param name what is done, such as {@code tokenize}
     * @param unit what is counted, such as {@code documents}
     */
    Task begin(String name, String unit, long total);

    /** A line that stays, such as a decision taken or a warning. */
    void say(String line);

    static Progress silent() {
        return Silent.INSTANCE;
    }

    /** A piece of work under way; closing it ends its display. */
    interface Task extends AutoCloseable {
        /** Counts {@code amount} more units as done. */
        void advance(long amount);

        /** Words shown behind the bar, such as {@code loss 3.21}. */
        void note(String words);

        @Override
        void close();
    }
}
