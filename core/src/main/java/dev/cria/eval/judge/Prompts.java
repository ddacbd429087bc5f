package dev.cria.eval.judge;

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

/** What models are given to go on from. */
public final class Prompts {
    /** Those of the paper's Table III. */
    public static final List<String> OF_THE_PAPER = List.of(
            "The Pyramids of Giza in Egypt are some of the oldest man-made structures in the world. Visitors often"
                    + " note",
            "The Mona Lisa, painted by Leonardo da Vinci, is one of the most famous artworks in the world. It is"
                    + " notable for",
            "The Battle of Hastings, a key event in English history, occurred in the year 1066. It resulted in"
                    + " significant changes to the ruling class of England. Following this battle");

    private Prompts() {}

    /** A prompt a line, blank lines left out; of a file named {@code .jsonl}, the field {@code prompt} of each line. */
    public static List<String> read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new RequestException("there is no file " + file, "--prompts FILE with a prompt a line");
        }
        List<String> prompts = new ArrayList<>();
        try {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                if (!line.isBlank()) {
                    prompts.add(file.toString().endsWith(".jsonl") ? field(file, number, line) : line.stripTrailing());
                }
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
        if (prompts.isEmpty()) {
            throw new RequestException(file + " has no prompts", "write one a line");
        }
        return prompts;
    }

    private static String field(Path file, int number, String line) {
        try {
            JsonNode prompt = JsonMapper.shared().readTree(line).path("prompt");
            if (prompt.isString()) {
                return prompt.stringValue();
            }
        } catch (JacksonException e) {
            throw new RequestException(
                    "%s, line %d: not JSON: %s".formatted(file, number, e.getOriginalMessage()),
                    "every line is one JSON object");
        }
        throw new RequestException(
                "%s, line %d: field prompt is not text".formatted(file, number), "{\"prompt\": \"A llama is\"}");
    }
}
