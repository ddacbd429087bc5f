package dev.cria.train;

import dev.cria.train.SharedCheckpoint.Snapshot;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** Writes a rank's part of each checkpoint, as the first rank's {@link CheckpointWriter} writes its own. */
final class CheckpointFollower implements AutoCloseable {
    private final SharedCheckpoint checkpoint;
    private final Recipe.Checkpoint settings;
    private CompletableFuture<Void> writing = CompletableFuture.completedFuture(null);
    private int number;

    CheckpointFollower(SharedCheckpoint checkpoint, Recipe.Checkpoint settings) {
        this.checkpoint = checkpoint;
        this.settings = settings;
    }

    /** Begins to write; waits for an earlier one to be done first. */
    void write() {
        writing.join();
        int mine = number++;
        if (!settings.async()) {
            checkpoint.follow(mine, UnaryOperator.identity());
            return;
        }
        Snapshot snapshot = checkpoint.snapshot();
        writing = CompletableFuture.runAsync(
                () -> {
                    try (snapshot) {
                        checkpoint.follow(mine, snapshot::of);
                    }
                },
                task -> Thread.ofPlatform().name("checkpoint").start(task));
    }

    /** Waits until what was begun is written. */
    @Override
    public void close() {
        writing.join();
    }
}
