package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Questions from a file: one a line, or JSON lines with {@code prompt} or {@code instruction}. */
public final class Questions {
    /** Those of the paper's Table V. */
    public static final List<String> OF_THE_PAPER =
            List.of("Who invented the first practical light bulb?", "What are the Pyramids of Giza known for?");

    private static final JsonMapper JSON = new JsonMapper();

    private Questions() {}

    public static List<String> read(Path file) {
        List<String> questions = new ArrayList<>();
        try {
            for (String line : Files.readString(file).split("\\R")) {
                if (!line.isBlank()) {
                    questions.add(line.startsWith("{") ? question(line, file) : line.strip());
                }
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
        if (questions.isEmpty()) {
            throw new RequestException(file + " holds no questions", "write one a line");
        }
        return questions;
    }

    private static String question(String line, Path file) {
        try {
            JsonNode row = JSON.readTree(line);
            JsonNode prompt = row.has("prompt") ? row.path("prompt") : row.path("instruction");
            if (prompt.isString()) {
                return prompt.stringValue();
            }
        } catch (JacksonException e) {
            throw new RequestException(
                    file + " is not JSON: " + e.getOriginalMessage(), "write a question a line, or JSON lines");
        }
        throw new RequestException(file + " has a line without \"prompt\"", "{\"prompt\": \"Who was Ada Lovelace?\"}");
    }
}
