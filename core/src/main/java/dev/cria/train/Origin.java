package dev.cria.train;

import java.nio.file.Path;
import java.util.Optional;

/** Where the state that a training begins with comes from. */
public sealed interface Origin {

    /** Nowhere: step 0 and no moments. */
    record Beginning() implements Origin {}

    /** A checkpoint, with all that it holds. */
    record Checkpoint(Path directory, TrainerState state) implements Origin {

        /** All of the checkpoint that lies in a directory. */
        public static Checkpoint in(Path directory) {
            return new Checkpoint(directory, TrainerState.read(directory));
        }
    }

    /** A checkpoint without its moments, as the paper's restarts were: zero moments and t = 1, the schedule goes on. */
    record WithoutMoments(Path directory, TrainerState state) implements Origin {}

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
}
