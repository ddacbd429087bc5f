package dev.cria.report;

import dev.cria.RequestException;
import dev.cria.eval.series.ScoreLog;
import dev.cria.eval.series.ScoreSeries;
import dev.cria.model.HuggingFaceKeys;
import dev.cria.model.ModelConfig;
import dev.cria.page.Point;
import dev.cria.run.Event;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
        List<Line.Step> steps = steps(metrics);
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
                metrics.stream()
                        .filter(line -> line.has("val_loss")
                                && Fields.number(line, "val_loss").isEmpty())
                        .map(line -> line.path("step").asLong(0))
                        .toList(),
                evaluations(directory, metrics),
                ScoreSeries.references(new ScoreLog(directory).references()),
                Event.timeline(JsonFiles.linesIfPresent(directory.resolve("events.jsonl")).stream()
                        .map(Event::of)
                        .toList()),
                new RunFiles(directory).samples(),
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

    private static List<Line.Step> steps(List<JsonNode> metrics) {
        Map<Long, Line.Step> steps = new TreeMap<>();
        for (JsonNode line : metrics) {
            if (Line.of(line).orElse(null) instanceof Line.Step step) {
                steps.put(step.step(), step);
            }
        }
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

    /** Of each task the series that has most steps: {@code evaluations.jsonl}'s, or what the loop wrote of it. */
    private static List<Evaluation> evaluations(Path directory, List<JsonNode> metrics) {
        Map<Long, Map<String, Map<String, Double>>> byStep = new TreeMap<>();
        for (JsonNode line : metrics) {
            if (line.path("benchmarks").isObject()) {
                long step = line.path("step").asLong(0);
                byStep.put(
                        step,
                        new LinkedHashMap<>(
                                Evaluation.of(step, line.path("benchmarks")).tasks()));
            }
        }
        ScoreSeries.ofEach(new ScoreLog(directory).checkpoints()).forEach((task, lines) -> {
            long inLoop = byStep.values().stream()
                    .filter(tasks -> tasks.containsKey(task))
                    .count();
            if (lines.size() >= inLoop) {
                byStep.values().forEach(tasks -> tasks.remove(task));
                lines.forEach(line -> byStep.computeIfAbsent(line.step(), _ -> new LinkedHashMap<>())
                        .put(task, line.metrics()));
            }
        });
        return byStep.entrySet().stream()
                .map(e -> new Evaluation(e.getKey(), e.getValue()))
                .toList();
    }

    /** The model that a tuning puts its adapters on, which is a directory or a run, if it is still there. */
    private static Optional<Path> tunedModel(JsonNode config) {
        return Fields.text(config, "model")
                .filter(model -> model.indexOf('\0') < 0)
                .map(Path::of)
                .flatMap(model -> Files.isRegularFile(model.resolve("config.json"))
                        ? Optional.of(model)
                        : newestCheckpoint(model));
    }

    private static Optional<Path> newestCheckpoint(Path run) {
        return new RunFiles(run)
                .checkpoints().stream()
                        .filter(c -> Files.isRegularFile(c.resolve("config.json")))
                        .findFirst();
    }
}
