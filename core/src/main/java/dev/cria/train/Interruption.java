package dev.cria.train;

import dev.cria.Progress;
import dev.cria.parallel.Launched;
import dev.cria.parallel.Ranks;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** Asks a training to finish its step and write a checkpoint. By signals, the first one asks and the second ends it. */
public final class Interruption {
    private static final int INTERRUPTED = 130;

    private final AtomicBoolean requested = new AtomicBoolean();

    /** An interruption that nobody can request. */
    public static Interruption never() {
        return new Interruption();
    }

    /**
     * One that the process's signals request.
     *
     * @param parent a launcher passes every signal on as SIGTERM; Ctrl-C, which a terminal sends to all its processes,
     *     would else count twice
     */
    public static Interruption bySignals(Progress progress, Launched.Parent parent) {
        Interruption made = new Interruption();
        SignalHandler request = _ -> made.signalled(progress);
        Signal.handle(new Signal("TERM"), request);
        Signal.handle(new Signal("INT"), parent == Launched.Parent.LAUNCHER ? SignalHandler.SIG_IGN : request);
        return made;
    }

    /** One that another part of this program requests. */
    public static Interruption byRequest() {
        return new Interruption();
    }

    /** Asks the training to stop; from any thread, and as often as one likes. */
    public void request() {
        requested.set(true);
    }

    /** True as soon as it was requested here. */
    public boolean isRequested() {
        return requested.get();
    }

    private void signalled(Progress progress) {
        if (requested.getAndSet(true)) {
            Runtime.getRuntime().halt(INTERRUPTED);
        }
        progress.say("interrupted: finishing the step and writing a checkpoint (again to stop at once)");
    }

    /** True on every rank if any of them was asked. */
    boolean isRequested(Ranks ranks) {
        boolean here = isRequested();
        return ranks.size() == 1 ? here : ranks.sum(here ? 1 : 0) > 0;
    }
}
