package dev.cria.train;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.run.Event;
import dev.cria.run.MetricSink;
import dev.cria.run.RunLog;
import dev.cria.tensor.Tensor;
import dev.cria.train.SharedCheckpoint.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Writes checkpoints, either while the training waits or while it goes on: then it waits only for a copy of weights and
 * moments in memory. A checkpoint that cannot be written is told and does not stop the training, since the earlier ones
 * are whole. Older ones are removed when the newest has proved good.
 */
final class CheckpointWriter implements AutoCloseable {
    private final Checkpoints checkpoints;
    private final Recipe.Checkpoint settings;
    private final SharedCheckpoint shared;
    private final RunLog log;
    private final MetricSink sink;
    private final Progress progress;
    private CompletableFuture<Void> writing = CompletableFuture.completedFuture(null);
    private volatile Optional<String> failure = Optional.empty();

    /** Of the next checkpoint that this process writes. */
    private int number;

    /** The last step whose gradient was finite. */
    private volatile long good;

    /** The newest checkpoint, which may turn out to be no good. */
    private volatile long written = -1;

    CheckpointWriter(
            Checkpoints checkpoints,
            Recipe.Checkpoint settings,
            SharedCheckpoint shared,
            RunLog log,
            MetricSink sink,
            Progress progress,
            TrainerState state) {
        this.checkpoints = checkpoints;
        this.settings = settings;
        this.shared = shared;
        this.log = log;
        this.sink = sink;
        this.good = state.step() - state.guard().skippedInARow() - 1;
        this.progress = progress;
    }

    /** Begins to write; waits for an earlier one to be done first. */
    void write(TrainerState state) {
        finish();
        long begun = System.nanoTime();
        int mine = number++;
        if (!settings.async()) {
            write(state, mine, UnaryOperator.identity(), begun, OptionalDouble.empty());
            return;
        }
        Snapshot snapshot = shared.snapshot();
        double pause = secondsSince(begun);
        writing = CompletableFuture.runAsync(
                () -> {
                    try (snapshot) {
                        write(state, mine, snapshot::of, begun, OptionalDouble.of(pause));
                    }
                },
                task -> Thread.ofPlatform().name("checkpoint").start(task));
    }

    /** Whether the run has a checkpoint of a step; a fork has none at its beginning. */
    boolean has(long step) {
        return checkpoints.has(step);
    }

    /** The newest checkpoint from which a step was taken whose gradient was finite. */
    Optional<Path> newestGood() {
        return checkpoints.newest(good);
    }

    /** Says that a step's gradient was finite: the checkpoint before it is good, and older ones may go. */
    void isGood(long step) {
        boolean waiting = good < written && written <= step;
        good = step;
        if (waiting && writing.isDone()) {
            checkpoints.removeOld(step);
        }
    }

    /** @param pause that the training has waited, if not until now */
    private void write(TrainerState state, int number, UnaryOperator<Tensor> held, long begun, OptionalDouble pause) {
        try {
            log.force();
            Path path = checkpoints.write(state.step(), directory -> files(directory, state, number, held));
            double seconds = secondsSince(begun);
            written = state.step();
            sink.take(new Event.Checkpoint(state.step(), path.toString(), bytes(path), seconds, pause.orElse(seconds)));
            failure = Optional.empty();
            checkpoints.removeOld(good);
        } catch (RuntimeException e) {
            shared.giveUp(number);
            String why = String.valueOf(e.getMessage());
            String others =
                    checkpoints.newest().isPresent() ? "earlier checkpoints are whole" : "there is no earlier one";
            progress.say("warning: the checkpoint of step " + state.step() + " could not be written (" + why
                    + "); the run continues, and " + others);
            sink.take(new Event.CheckpointFailed(state.step(), why));
            failure = Optional.of("the last checkpoint, of step " + state.step() + ", could not be written: " + why);
        }
    }

    private List<Path> files(Path directory, TrainerState state, int number, UnaryOperator<Tensor> held) {
        List<Path> files = new ArrayList<>(shared.lead(directory, number, held));
        files.add(state.write(directory));
        return files;
    }

    private static double secondsSince(long nanos) {
        return Math.round((System.nanoTime() - nanos) / 1e6) / 1e3;
    }

    private static long bytes(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(f -> f.toFile().length())
                    .sum();
        } catch (IOException _) {
            return 0;
        }
    }

    /** Waits until what was begun is written; a training whose last state is not on the disk has failed. */
    void finishLast(Guard.Memory guard) {
        finish();
        if (failure.isPresent()) {
            throw new WorkException(
                    failure.get()
                            + checkpoints
                                    .newest()
                                    .map(p -> "; the newest is " + p.getFileName())
                                    .orElse("; the run has none"),
                    checkpoints.newest().isPresent()
                            ? "free some space, then --resume does the missing steps again"
                            : "free some space, then start again");
        }
        if (guard.skippedInARow() == 0) {
            checkpoints.removeOld(Long.MAX_VALUE);
        }
    }

    /** Waits until what was begun is written. */
    void finish() {
        try {
            writing.join();
        } catch (CompletionException e) {
            throw new IllegalStateException("the checkpoint's thread failed", e.getCause());
        }
    }

    @Override
    public void close() {
        finish();
    }
}
