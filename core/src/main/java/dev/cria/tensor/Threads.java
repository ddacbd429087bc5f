package dev.cria.tensor;

import java.util.OptionalInt;

/** How many threads compute on the CPU: one a core that this process may use, unless another number is chosen. */
public final class Threads {
    private static final Threads OF_THIS_PROCESS =
            new Threads(Runtime.getRuntime().availableProcessors());

    private final int cores;
    private OptionalInt chosen = OptionalInt.empty();
    private boolean used;

    Threads(int cores) {
        this.cores = cores;
    }

    public static Threads ofThisProcess() {
        return OF_THIS_PROCESS;
    }

    /**
     * Chooses a number, before the first computation.
     *
     * @throws IllegalStateException if there was one with another number
     */
    public synchronized void choose(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", not at least 1");
        }
        if (used && threads != count()) {
            throw new IllegalStateException(count() + " threads have computed already; not " + threads);
        }
        chosen = OptionalInt.of(threads);
    }

    /** The number, which stays what it is from now on. */
    public synchronized int count() {
        used = true;
        return chosen.orElse(cores);
    }

    /** The number if it was chosen, for libraries that have their own ways to find one. */
    public synchronized OptionalInt chosen() {
        used = true;
        return chosen;
    }
}
