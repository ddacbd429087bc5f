package dev.cria.model;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
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

    /** The model itself, or every checkpoint of a run, oldest first. */
    public static List<Path> allOf(Path runOrModel) {
        List<Path> checkpoints = Files.isRegularFile(runOrModel.resolve(CONFIG)) ? List.of() : checkpoints(runOrModel);
        return checkpoints.isEmpty() ? List.of(of(runOrModel)) : checkpoints;
    }

    private static Optional<Path> newestCheckpoint(Path run) {
        List<Path> all = checkpoints(run);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    private static List<Path> checkpoints(Path run) {
        Path checkpoints = run.resolve("checkpoints");
        if (!Files.isDirectory(checkpoints)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(checkpoints)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith("step-"))
                    .filter(entry -> Files.isRegularFile(entry.resolve(CONFIG)))
                    .sorted(Comparator.comparing(entry -> entry.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new WorkException("cannot list " + checkpoints + ": " + e.getMessage(), "ls -l " + checkpoints, e);
        }
    }
}
