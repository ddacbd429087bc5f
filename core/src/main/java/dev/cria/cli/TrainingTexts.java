package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The texts of some files, read as they are asked for. */
final class TrainingTexts {
    private static final JsonMapper MAPPER = new JsonMapper();

    private TrainingTexts() {}

    static Stream<String> of(List<Path> inputs, String textField) {
        for (Path input : inputs) {
            if (!Files.isRegularFile(input)) {
                throw new RequestException("there is no file " + input, "name text files or .jsonl files");
            }
        }
        return inputs.stream().flatMap(input -> texts(input, textField));
    }

    private static Stream<String> texts(Path input, String textField) {
        try {
            String content = Files.readString(input);
            if (!input.toString().endsWith(".jsonl")) {
                return Stream.of(content);
            }
            return Stream.of(content.split("\n"))
                    .filter(line -> !line.isBlank())
                    .map(line -> text(line, input, textField));
        } catch (IOException e) {
            throw new WorkException(input + " cannot be read as UTF-8: " + e.getMessage(), "leave the file out", e);
        }
    }

    private static String text(String line, Path input, String textField) {
        try {
            JsonNode text = MAPPER.readTree(line).path(textField);
            if (text.isString()) {
                return text.stringValue();
            }
        } catch (JacksonException e) {
            throw new WorkException(
                    input + " has a line that is not JSON: " + e.getOriginalMessage(), "mend or leave out the file", e);
        }
        throw new RequestException(
                input + " has a line without a text in \"" + textField + "\"", "--text-field NAME names another field");
    }
}
