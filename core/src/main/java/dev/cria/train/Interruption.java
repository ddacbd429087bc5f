package dev.cria.train;

import dev.cria.Progress;
import dev.cria.parallel.Ranks;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/** Ctrl-C and SIGTERM: the first asks the training to finish its step and write a checkpoint, the second ends it. */
public final class Interruption {
    private static final int INTERRUPTED = 130;

    private final AtomicBoolean requested = new AtomicBoolean();

    /** An interruption that nobody can request. */
    public static Interruption never() {
        return new Interruption();
    }

    /** One that the process's signals request. */
    public static Interruption bySignals(Progress progress) {
        Interruption made = new Interruption();
        for (String name : new String[] {"INT", "TERM"}) {
            Signal.handle(new Signal(name), _ -> made.request(progress));
        }
        return made;
    }

    private void request(Progress progress) {
        if (requested.getAndSet(true)) {
            Runtime.getRuntime().halt(INTERRUPTED);
        }
        progress.say("interrupted: finishing the step and writing a checkpoint (again to stop at once)");
    }

    /** True on every rank if any of them was asked. */
    boolean isRequested(Ranks ranks) {
        boolean here = requested.get();
        return ranks.size() == 1 ? here : ranks.sum(here ? 1 : 0) > 0;
    }
}
