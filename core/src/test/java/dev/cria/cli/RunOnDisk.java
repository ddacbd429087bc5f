package dev.cria.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A run as its files tell. */
record RunOnDisk(Path path) {
    private static final JsonMapper JSON = new JsonMapper();

    private List<JsonNode> lines() throws IOException {
        Path file = path.resolve("metrics.jsonl");
        String text = Files.exists(file) ? Files.readString(file) : "";
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .map(JSON::readTree)
                .toList();
    }

    /** The lines of metrics.jsonl but for what a clock has measured. */
    List<JsonNode> figures() throws IOException {
        List<JsonNode> lines = lines();
        lines.forEach(l -> ((ObjectNode) l).remove(List.of("tokens_per_s", "mfu", "elapsed_s")));
        return lines;
    }

    long lastStep() throws IOException {
        return lines().stream().mapToLong(l -> l.get("step").asLong()).max().orElse(-1);
    }

    List<Path> checkpoints() throws IOException {
        Path directory = path.resolve("checkpoints");
        return names(directory).stream()
                .filter(n -> n.startsWith("step-"))
                .map(directory::resolve)
                .toList();
    }

    /** The directory of a checkpoint that is being written; one that is not there if none is. */
    Path unfinished() throws IOException {
        Path directory = path.resolve("checkpoints");
        return names(directory).stream()
                .filter(n -> n.startsWith(".step-"))
                .findFirst()
                .map(directory::resolve)
                .orElse(directory.resolve("none"));
    }

    String whatIsLeft() throws IOException {
        return "%s | %s | %s"
                .formatted(
                        lastStep() < 0 ? "none" : lastStep(),
                        checkpoints().isEmpty()
                                ? "none"
                                : checkpoints().getLast().getFileName(),
                        Files.isDirectory(unfinished()) ? names(unfinished()) : "none");
    }

    /** What is in a directory; nothing where there is none. */
    static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException _) {
            return List.of();
        }
    }
}
