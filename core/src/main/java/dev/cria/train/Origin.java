package dev.cria.train;

import java.nio.file.Path;
import java.util.Optional;

/** Where the state that a training begins with comes from. */
public sealed interface Origin {

    /**
     * Step 0 and no moments.
     *
     * @param weights a model's or adapter's directory; new weights where there is none
     */
    record Beginning(Optional<Path> weights) implements Origin {}

    /** A checkpoint, with all that it holds. */
    record Checkpoint(Path directory, TrainerState state) implements Origin {}

    /** A checkpoint without its moments, as the paper's restarts were: zero moments and t = 1; the schedule continues. */
    record WithoutMoments(Path directory, TrainerState state) implements Origin {}

    /** The directory that weights are read from. */
    default Optional<Path> weights() {
        return from();
    }

    /** The checkpoint's directory. */
    default Optional<Path> from() {
        return switch (this) {
            case Beginning _ -> Optional.empty();
            case Checkpoint c -> Optional.of(c.directory());
            case WithoutMoments w -> Optional.of(w.directory());
        };
    }

    /** What the checkpoint says besides weights and moments. */
    default Optional<TrainerState> saved() {
        return switch (this) {
            case Beginning _ -> Optional.empty();
            case Checkpoint c -> Optional.of(c.state());
            case WithoutMoments w -> Optional.of(w.state());
        };
    }

    /** The step that runs first. */
    default long step() {
        return saved().map(TrainerState::step).orElse(0L);
    }
}
