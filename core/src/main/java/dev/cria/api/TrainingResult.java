package dev.cria.api;

import java.nio.file.Path;

/**
 * How a training ended.
 *
 * @param end whether it took all its steps
 * @param run its directory, which {@link Model#open} opens
 * @param step that it would take next
 * @param checkpoint the newest one, of that step
 */
public record TrainingResult(End end, Path run, long step, Path checkpoint) {

    /** Whether a training took all its steps. */
    public enum End {
        FINISHED,
        /** It was cancelled; {@code resume} goes on from its checkpoint. */
        CANCELLED
    }
}
