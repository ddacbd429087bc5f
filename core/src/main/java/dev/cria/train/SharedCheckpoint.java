package dev.cria.train;

import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.SafetensorsWriter;
import dev.cria.format.TensorSource;
import dev.cria.nn.Parameter;
import dev.cria.optim.Optimizer;
import dev.cria.parallel.Ranks;
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
import java.util.function.UnaryOperator;

/**
 * A checkpoint that ranks write together, each the parameters and moments that it has. The first makes the files with room
 * for all tensors and shows where they are; each rank fills in its own at their places, and says so; then the first hashes
 * and renames. Files are the same whatever number of ranks has written them.
 *
 * @param average of the weights, as far as this rank has it
 */
record SharedCheckpoint(Objective objective, Optimizer optimizer, Optional<WeightAverage> average, Ranks ranks) {
    private static final String FAILED = "";

    /** Whether ranks have parts of the parameters. */
    boolean isShared() {
        return objective.parameters().storage().sharing().isShared();
    }

    /** A copy in the host's memory of all that this rank writes. */
    Snapshot snapshot() {
        Snapshot snapshot = new Snapshot();
        for (Parameter parameter : objective.parameters().own()) {
            snapshot.take(weights(parameter));
            average.ifPresent(a -> snapshot.take(a.of(parameter)));
        }
        optimizer.sources(snapshot::take);
        return snapshot;
    }

    /** The first rank's part: the files that are written. */
    List<Path> lead(Path directory, int number, UnaryOperator<Tensor> held) {
        List<Path> files = new ArrayList<>(objective.write(directory, p -> held.apply(weights(p))));
        average.ifPresent(a -> files.addAll(write(a, directory.resolve(WeightAverage.FOLDER), held)));
        List<TensorSource> moments = optimizer.sources(held);
        if (!isShared()) {
            files.addAll(SafetensorsWriter.writeDirectory(
                    directory, Checkpoints.MOMENTS, moments, Map.of(), SafetensorsWriter.SHARD_BYTES));
            return files;
        }
        files.addAll(SafetensorsWriter.makeRoom(
                directory, Checkpoints.MOMENTS, moments, Map.of(), SafetensorsWriter.SHARD_BYTES));
        ranks.post(place(number), directory.toAbsolutePath().toString());
        fill(directory, held);
        for (int rank = 1; rank < ranks.size(); rank++) {
            String failure = ranks.posted(done(number, rank));
            if (!failure.isEmpty()) {
                throw new WorkException("rank " + rank + ": " + failure, "free some space");
            }
        }
        return files;
    }

    /** A model directory of the average. */
    private List<Path> write(WeightAverage average, Path folder, UnaryOperator<Tensor> held) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(folder, e);
        }
        List<Path> files = objective.write(folder, p -> held.apply(average.of(p)));
        AtomicFiles.force(folder);
        return files;
    }

    /** Says that there will be no files: the others wait for none. */
    void giveUp(int number) {
        if (isShared()) {
            ranks.post(place(number), FAILED);
        }
    }

    /** Another rank's part. */
    void follow(int number, UnaryOperator<Tensor> held) {
        String directory = ranks.posted(place(number));
        if (directory.equals(FAILED)) {
            return;
        }
        String failure = "";
        try {
            fill(Path.of(directory), held);
        } catch (RuntimeException e) {
            failure = String.valueOf(e.getMessage());
        }
        ranks.post(done(number, ranks.rank()), failure);
    }

    private void fill(Path directory, UnaryOperator<Tensor> held) {
        objective.fill(directory, p -> held.apply(weights(p)));
        average.ifPresent(a -> objective.fill(directory.resolve(WeightAverage.FOLDER), p -> held.apply(a.of(p))));
        SafetensorsWriter.fill(directory, Checkpoints.MOMENTS, optimizer.sources(held), SafetensorsWriter.SHARD_BYTES);
    }

    private static String place(int number) {
        return "checkpoint-" + number;
    }

    private static String done(int number, int rank) {
        return place(number) + "-by-" + rank;
    }

    private static Tensor weights(Parameter parameter) {
        return parameter.master().orElse(parameter.value());
    }

    /** Copies of tensors in the host's memory. */
    static final class Snapshot implements AutoCloseable {
        private final Map<Tensor, Tensor> copies = new IdentityHashMap<>();

        private Tensor take(Tensor tensor) {
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
