package dev.cria.report;

import dev.cria.WorkException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads the JSON, JSON-lines and YAML files of a run that may still be going on. */
final class JsonFiles {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
    private static final ObjectMapper YAML = YAMLMapper.builder().build();

    private JsonFiles() {}

    /**
     * The objects of a file with one a line. The last line may be half written, for the run may be writing it at this
     * moment; it is then left out.
     *
     * @throws WorkException if an earlier line is no JSON
     */
    static List<JsonNode> lines(Path file) {
        List<JsonNode> nodes = new ArrayList<>();
        List<String> lines = text(file).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isBlank()) {
                continue;
            }
            try {
                nodes.add(JSON.readTree(line));
            } catch (JacksonException e) {
                if (i < lines.size() - 1) {
                    throw new WorkException(
                            file + " line " + (i + 1) + " is not JSON: " + excerpt(line),
                            "sed -i '" + (i + 1) + "d' " + file,
                            e);
                }
            }
        }
        return nodes;
    }

    /** As {@link #lines}, nothing where there is no such file. */
    static List<JsonNode> linesIfPresent(Path file) {
        return Files.isRegularFile(file) ? lines(file) : List.of();
    }

    /** The file as one JSON value, empty where there is no such file. */
    static Optional<JsonNode> treeIfPresent(Path file) {
        return Files.isRegularFile(file) ? Optional.of(parse(JSON, file, text(file))) : Optional.empty();
    }

    static JsonNode yaml(Path file) {
        return parse(YAML, file, text(file));
    }

    static Map<String, Object> map(JsonNode object) {
        return JSON.convertValue(object, new TypeReference<Map<String, Object>>() {});
    }

    static JsonNode tree(Object value) {
        return JSON.valueToTree(value);
    }

    static String write(Object value) {
        return JSON.writeValueAsString(value);
    }

    private static JsonNode parse(ObjectMapper mapper, Path file, String text) {
        try {
            return mapper.readTree(text);
        } catch (JacksonException e) {
            throw new WorkException(
                    file + " cannot be read: " + e.getOriginalMessage(), "repair it or move it out of the run", e);
        }
    }

    static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new WorkException(
                    file + " cannot be read: " + e.getMessage(), "see whether it is there and readable", e);
        }
    }

    private static String excerpt(String line) {
        return line.length() <= 60 ? line : line.substring(0, 57) + "...";
    }
}
