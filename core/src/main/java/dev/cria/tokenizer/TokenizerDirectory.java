package dev.cria.tokenizer;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the tokenizer of a Hugging Face model directory, and which of its tokens ends a text. */
final class TokenizerDirectory {
    private static final long LARGEST_FILE = 128L << 20;

    private static final List<String> COMPANIONS =
            List.of(TokenizerJson.CONFIG, TokenizerJson.SPECIAL_TOKENS, "chat_template.jinja");

    /** Literals that end a text in known families, for files that don't say which does. */
    private static final List<String> USUAL_ENDS = List.of("<|endoftext|>", "<|end_of_text|>", "</s>");

    private static final JsonMapper MAPPER = new JsonMapper();

    private TokenizerDirectory() {}

    static Tokenizer load(Path directoryOrFile) {
        Path file = Files.isDirectory(directoryOrFile) ? directoryOrFile.resolve(TokenizerJson.FILE) : directoryOrFile;
        if (!Files.isRegularFile(file)) {
            throw new RequestException(
                    "there is no tokenizer at " + directoryOrFile,
                    "name gpt2, or a directory that holds a " + TokenizerJson.FILE);
        }
        Map<String, byte[]> files = new LinkedHashMap<>();
        byte[] content = read(file);
        files.put(TokenizerJson.FILE, content);
        Map<String, JsonNode> companions = new LinkedHashMap<>();
        for (String name : COMPANIONS) {
            Path companion = file.resolveSibling(name);
            if (Files.isRegularFile(companion)) {
                files.put(name, read(companion));
                if (name.endsWith(".json")) {
                    companions.put(name, parsed(companion, () -> MAPPER.readTree(files.get(name))));
                }
            }
        }
        BpeModel model = parsed(file, () -> new TokenizerJsonReader(file).model(content));
        return new ByteLevelBpe(model, endOfText(model, companions), () -> new LinkedHashMap<>(files));
    }

    private static byte[] read(Path file) {
        try {
            long size = Files.size(file);
            if (size > LARGEST_FILE) {
                throw new RequestException(
                        file + " has " + size + " bytes; a tokenizer's file has at most " + LARGEST_FILE,
                        "name the directory of a byte-level BPE tokenizer");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new WorkException(file + " cannot be read: " + e.getMessage(), "see whether the disk is well", e);
        }
    }

    private static <T> T parsed(Path file, Supplier<T> parse) {
        try {
            return parse.get();
        } catch (JacksonException e) {
            throw new RequestException(
                    file + " is not JSON: " + e.getOriginalMessage() + " at line "
                            + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr(),
                    "download the file again");
        }
    }

    private static OptionalInt endOfText(BpeModel model, Map<String, JsonNode> companions) {
        Stream<String> stated = companions.values().stream()
                .map(file -> file.path("eos_token"))
                .map(eos -> eos.isObject() ? eos.path("content") : eos)
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue);
        Optional<AddedToken> end = Stream.concat(stated, USUAL_ENDS.stream())
                .flatMap(literal ->
                        model.added().stream().filter(token -> token.content().equals(literal)))
                .findFirst();
        return end.isPresent() ? OptionalInt.of(end.get().id()) : OptionalInt.empty();
    }
}
