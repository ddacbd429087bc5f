package dev.cria.report;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.model.HuggingFaceKeys;
import dev.cria.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Reads run directories as the file contract describes them. */
final class RunReader {
    private RunReader() {}

    /**
     * The runs in the order given, each with a name of its own.
     *
     * @throws RequestException if a directory is no run or has not made a step yet
     */
    static List<Run> readAll(List<Path> directories) {
        if (directories.isEmpty()) {
            throw new RequestException("no run is given", "cria report runs/dmas-1.7b");
        }
        Set<String> names = new HashSet<>();
        List<Run> runs = new ArrayList<>();
        for (Path directory : directories) {
            String name = name(directory);
            for (int again = 2; !names.add(name); again++) {
                name = name(directory) + " (" + again + ")";
            }
            require(directory, "metrics.jsonl");
            Run run = read(name, directory);
            if (run.steps().isEmpty()) {
                throw new RequestException(
                        directory.resolve("metrics.jsonl") + " has no step yet",
                        "wait for the first step: cria watch " + directory);
            }
            runs.add(run);
        }
        return runs;
    }

    /** What the page calls the run: its directory's own name. */
    static String name(Path directory) {
        return String.valueOf(directory.toAbsolutePath().normalize().getFileName());
    }

    /** What the directory holds so far, which may be no step at all. */
    static Run read(String name, Path directory) {
        require(directory, "config.yaml");
        List<JsonNode> metrics = JsonFiles.linesIfPresent(directory.resolve("metrics.jsonl"));
        List<StepLine> steps = steps(metrics);
        JsonNode config = JsonFiles.yaml(directory.resolve("config.yaml"));
        Optional<JsonNode> model = newestCheckpoint(directory)
                .or(() -> tunedModel(config))
                .flatMap(c -> JsonFiles.treeIfPresent(c.resolve("config.json")));
        return new Run(
                name,
                directory,
                config,
                steps,
                validation(metrics),
                evaluations(metrics),
                Event.timeline(JsonFiles.linesIfPresent(directory.resolve("events.jsonl"))),
                JsonFiles.linesIfPresent(directory.resolve("samples.jsonl")).stream()
                        .map(Sample::of)
                        .toList(),
                model,
                model.map(m -> ModelConfig.ofHuggingFace(
                        new HuggingFaceKeys(directory.resolve("checkpoints") + ": config.json", JsonFiles.map(m)))));
    }

    private static void require(Path directory, String file) {
        if (!Files.isDirectory(directory)) {
            throw new RequestException(
                    "run " + directory + " is not a directory", "give what pretrain wrote, such as runs/dmas-1.7b");
        }
        if (!Files.isRegularFile(directory.resolve(file))) {
            throw new RequestException("run " + directory + " has no " + file, hint(directory));
        }
    }

    private static String hint(Path directory) {
        Path inside = directory.resolve("pretrain");
        return Files.isRegularFile(inside.resolve("metrics.jsonl"))
                ? "did you mean " + inside + "?"
                : "give the directory that pretrain --out made; it holds config.yaml and metrics.jsonl";
    }

    private static List<StepLine> steps(List<JsonNode> metrics) {
        Map<Long, StepLine> steps = new TreeMap<>();
        metrics.stream().filter(m -> m.has("loss")).map(StepLine::of).forEach(s -> steps.put(s.step(), s));
        return List.copyOf(steps.values());
    }

    private static List<Point> validation(List<JsonNode> metrics) {
        Map<Long, Point> points = new TreeMap<>();
        for (JsonNode line : metrics) {
            Fields.number(line, "val_loss").ifPresent(loss -> {
                long step = line.path("step").asLong(0);
                points.put(step, new Point(step, loss));
            });
        }
        return List.copyOf(points.values());
    }

    private static List<Evaluation> evaluations(List<JsonNode> metrics) {
        Map<Long, Evaluation> evaluations = new TreeMap<>();
        for (JsonNode line : metrics) {
            if (line.path("benchmarks").isObject()) {
                long step = line.path("step").asLong(0);
                evaluations.put(step, Evaluation.of(step, line.path("benchmarks")));
            }
        }
        return List.copyOf(evaluations.values());
    }

    /** The model that a tuning puts its adapters on, which is a directory or a run, if it is still there. */
    private static Optional<Path> tunedModel(JsonNode config) {
        return Fields.text(config, "model")
                .map(Path::of)
                .flatMap(model -> Files.isRegularFile(model.resolve("config.json"))
                        ? Optional.of(model)
                        : newestCheckpoint(model));
    }

    private static Optional<Path> newestCheckpoint(Path run) {
        Path checkpoints = run.resolve("checkpoints");
        if (!Files.isDirectory(checkpoints)) {
            return Optional.empty();
        }
        try (Stream<Path> entries = Files.list(checkpoints)) {
            return entries.filter(c -> c.getFileName().toString().startsWith("step-"))
                    .filter(c -> Files.isRegularFile(c.resolve("config.json")))
                    .max(Comparator.comparing(Path::getFileName));
        } catch (IOException e) {
            throw new WorkException(
                    checkpoints + " cannot be listed: " + e.getMessage(), "see whether it is readable", e);
        }
    }
}
