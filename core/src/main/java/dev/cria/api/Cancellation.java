package dev.cria.api;

import dev.cria.train.Interruption;

/** Stops a text or a training from another thread. One may stop several; a cancelled one stays so. */
public final class Cancellation {
    private final Interruption interruption = Interruption.byRequest();

    /** Asks to stop: a text ends after its next token, a training after its step, with a checkpoint to resume from. */
    public void cancel() {
        interruption.request();
    }

    public boolean isCancelled() {
        return interruption.isRequested();
    }

    Interruption interruption() {
        return interruption;
    }
}
