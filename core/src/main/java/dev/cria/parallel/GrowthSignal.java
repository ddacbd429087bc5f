package dev.cria.parallel;

import java.util.Optional;
import java.util.function.Supplier;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** SIGUSR1 to the launcher: what kept ranks from being started, such as a GPU, is there again. */
final class GrowthSignal implements AutoCloseable {
    private static final String NAME = "USR1";

    private final Optional<SignalHandler> before;
    private boolean pending;
    private Optional<Runnable> reaction = Optional.empty();

    private GrowthSignal(boolean listens) {
        before = listens ? Optional.of(Signal.handle(new Signal(NAME), _ -> arrived())) : Optional.empty();
    }

    /** Takes the signal from now on. */
    static GrowthSignal listen() {
        return new GrowthSignal(isKnown());
    }

    /** Leaves the signal what it was. */
    static GrowthSignal none() {
        return new GrowthSignal(false);
    }

    /** Windows has no such signal; there the number of ranks grows after a failure alone. */
    private static boolean isKnown() {
        try {
            return new Signal(NAME).getNumber() > 0;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private synchronized void arrived() {
        pending = reaction.isEmpty();
        reaction.ifPresent(Runnable::run);
    }

    /**
     * Does something.
     *
     * @param action what is done when the signal comes, and at once if it came while nobody listened
     */
    <T> T whileListening(Runnable action, Supplier<T> work) {
        listen(action);
        try {
            return work.get();
        } finally {
            forget();
        }
    }

    private synchronized void listen(Runnable action) {
        reaction = Optional.of(action);
        if (pending) {
            arrived();
        }
    }

    /** Whether it came and nothing was done about it yet. */
    synchronized boolean isPending() {
        return pending;
    }

    private synchronized void forget() {
        reaction = Optional.empty();
    }

    @Override
    public void close() {
        before.ifPresent(handler -> Signal.handle(new Signal(NAME), handler));
    }
}
