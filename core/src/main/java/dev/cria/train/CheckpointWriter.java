package dev.cria.train;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.format.SafetensorsWriter;
import dev.cria.format.TensorSource;
import dev.cria.nn.Parameter;
import dev.cria.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Writes checkpoints, either while the training waits or while it goes on: then it waits only for a copy of weights and
 * moments in memory. A checkpoint that cannot be written is told and does not stop the training, since the earlier ones
 * are whole.
 */
final class CheckpointWriter implements AutoCloseable {
    private final Checkpoints checkpoints;
    private final Recipe.Checkpoint settings;
    private final Objective objective;
    private final AdamW optimizer;
    private final RunLog log;
    private final Progress progress;
    private CompletableFuture<Void> writing = CompletableFuture.completedFuture(null);
    private volatile Optional<String> failure = Optional.empty();

    CheckpointWriter(
            Checkpoints checkpoints,
            Recipe.Checkpoint settings,
            Objective objective,
            AdamW optimizer,
            RunLog log,
            Progress progress) {
        this.checkpoints = checkpoints;
        this.settings = settings;
        this.objective = objective;
        this.optimizer = optimizer;
        this.log = log;
        this.progress = progress;
    }

    /** Begins to write; waits for an earlier one to be done first. */
    void write(TrainerState state) {
        finish();
        long begun = System.nanoTime();
        if (!settings.async()) {
            write(state, UnaryOperator.identity(), begun, OptionalDouble.empty());
            return;
        }
        Snapshot snapshot = new Snapshot();
        objective.parameters().list().forEach(p -> snapshot.take(weights(p)));
        optimizer.moments().sources(snapshot::take);
        double pause = secondsSince(begun);
        writing = CompletableFuture.runAsync(
                () -> {
                    try (snapshot) {
                        write(state, snapshot::of, begun, OptionalDouble.of(pause));
                    }
                },
                task -> Thread.ofPlatform().name("checkpoint").start(task));
    }

    /** Writes where the run has no checkpoint of this step, as a fork at its beginning. */
    void writeUnlessThere(TrainerState state) {
        if (!checkpoints.has(state.step())) {
            write(state);
        }
    }

    /** The newest checkpoint. */
    Optional<Path> newest() {
        return checkpoints.newest();
    }

    /** @param pause that the training has waited, if not until now */
    private void write(TrainerState state, UnaryOperator<Tensor> held, long begun, OptionalDouble pause) {
        try {
            log.force();
            Path written = checkpoints.write(state.step(), directory -> files(directory, state, held));
            double seconds = secondsSince(begun);
            log.event(
                    "checkpoint",
                    state.step(),
                    "path",
                    written.toString(),
                    "bytes",
                    bytes(written),
                    "seconds",
                    seconds,
                    "pause_s",
                    pause.orElse(seconds));
            failure = Optional.empty();
        } catch (RuntimeException e) {
            String why = String.valueOf(e.getMessage());
            progress.say("warning: the checkpoint of step " + state.step() + " could not be written (" + why
                    + "); the run goes on, and earlier checkpoints are whole");
            log.event("checkpoint_failed", state.step(), "reason", why);
            failure = Optional.of("the last checkpoint, of step " + state.step() + ", could not be written: " + why);
        }
    }

    private List<Path> files(Path directory, TrainerState state, UnaryOperator<Tensor> held) {
        List<Path> files = new ArrayList<>(objective.write(directory, p -> held.apply(weights(p))));
        List<TensorSource> moments = optimizer.moments().sources(held);
        files.addAll(SafetensorsWriter.writeDirectory(
                directory, "optimizer", moments, Map.of(), SafetensorsWriter.SHARD_BYTES));
        files.add(state.write(directory));
        return files;
    }

    private static Tensor weights(Parameter parameter) {
        return parameter.master().orElse(parameter.value());
    }

    private static double secondsSince(long nanos) {
        return Math.round((System.nanoTime() - nanos) / 1e6) / 1e3;
    }

    private static long bytes(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(f -> f.toFile().length()).sum();
        } catch (IOException _) {
            return 0;
        }
    }

    /** Waits until what was begun is written; a training whose last state is not on the disk has failed. */
    void finishLast() {
        finish();
        failure.ifPresent(why -> {
            String from =
                    newest().map(p -> "; the newest is " + p.getFileName()).orElse("");
            throw new WorkException(why + from, "free some space, then --resume does the missing steps again");
        });
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

    /** Copies of tensors in the host's memory. */
    private static final class Snapshot implements AutoCloseable {
        private final Map<Tensor, Tensor> copies = new IdentityHashMap<>();

        Tensor take(Tensor tensor) {
            return copies.computeIfAbsent(tensor, Tensor::toHost);
        }

        Tensor of(Tensor tensor) {
            return Objects.requireNonNull(copies.get(tensor));
        }

        @Override
        public void close() {
            copies.values().forEach(Tensor::close);
        }
    }
}
