package dev.cria.model;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the model that a path names: a Hugging Face directory, or a run, whose newest checkpoint is meant. */
public final class ModelPlace {
    private static final String CONFIG = "config.json";

    private ModelPlace() {}

    /**
     * The directory with config.json and the weights.
     *
     * @throws RequestException if there is none
     */
    public static Path of(Path runOrModel) {
        if (Files.isRegularFile(runOrModel.resolve(CONFIG))) {
            return runOrModel;
        }
        return newestCheckpoint(runOrModel)
                .orElseThrow(() -> new RequestException(
                        runOrModel + " is no model and no run: it has neither config.json nor checkpoints",
                        "name a run, a checkpoint such as RUN/checkpoints/step-0000100, or a Hugging Face directory"));
    }

    private static Optional<Path> newestCheckpoint(Path run) {
        Path checkpoints = run.resolve("checkpoints");
        if (!Files.isDirectory(checkpoints)) {
            return Optional.empty();
        }
        try (Stream<Path> entries = Files.list(checkpoints)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith("step-"))
                    .filter(entry -> Files.isRegularFile(entry.resolve(CONFIG)))
                    .max(Comparator.comparing(entry -> entry.getFileName().toString()));
        } catch (IOException e) {
            throw new WorkException("cannot list " + checkpoints + ": " + e.getMessage(), "ls -l " + checkpoints, e);
        }
    }
}
