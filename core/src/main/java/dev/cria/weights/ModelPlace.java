package dev.cria.weights;

import dev.cria.RequestException;
import dev.cria.run.RunFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
        if (GgufImport.isOne(runOrModel)) {
            throw new RequestException(
                    runOrModel + " is a GGUF file, and a directory is needed that stays",
                    "./cria import " + runOrModel + " --out DIR, and name DIR");
        }
        return newestCheckpoint(runOrModel)
                .orElseThrow(() -> new RequestException(
                        runOrModel + " is neither a model directory nor a run: config.json and checkpoints are missing",
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
        return new RunFiles(run)
                .checkpoints().reversed().stream()
                        .filter(entry -> Files.isRegularFile(entry.resolve(CONFIG)))
                        .toList();
    }
}
