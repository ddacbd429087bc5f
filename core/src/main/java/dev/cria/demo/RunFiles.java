package dev.cria.demo;

import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads back what the stages have left in a run's directory. */
record RunFiles(Path run) {
    private static final JsonMapper JSON = new JsonMapper();

    JsonNode tree(String file) {
        return JSON.readTree(run.resolve(file));
    }

    List<JsonNode> lines(String file) {
        Path path = run.resolve(file);
        try {
            return Files.readAllLines(path).stream().map(JSON::readTree).toList();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(path, e);
        }
    }

    /** A number of the step lines by step. */
    Map<Long, Double> bySteps(String name) {
        Map<Long, Double> values = new LinkedHashMap<>();
        for (JsonNode line : lines("metrics.jsonl")) {
            if (line.path(name).isNumber()) {
                values.put(line.path("step").asLong(), line.path(name).asDouble());
            }
        }
        return values;
    }
}
