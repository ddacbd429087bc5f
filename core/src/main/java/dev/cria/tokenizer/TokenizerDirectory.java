package dev.cria.tokenizer;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the tokenizer of a Hugging Face model directory, and which of its tokens begin and end a text. */
final class TokenizerDirectory {
    private static final long LARGEST_FILE = 128L << 20;

    private static final List<String> COMPANIONS =
            List.of(TokenizerJson.CONFIG, TokenizerJson.SPECIAL_TOKENS, "chat_template.jinja");

    private static final JsonMapper MAPPER = new JsonMapper();

    private TokenizerDirectory() {}

    static Tokenizer load(Path directoryOrFile) {
        Path file = Files.isDirectory(directoryOrFile) ? directoryOrFile.resolve(TokenizerJson.FILE) : directoryOrFile;
        if (!Files.isRegularFile(file)) {
            throw new RequestException(
                    "there is no tokenizer at " + directoryOrFile,
                    Tokenizers.conversion(directoryOrFile)
                            .orElse("name gpt2, or a directory that holds a " + TokenizerJson.FILE));
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
        var config = new TokenizerConfig(file.resolveSibling("").normalize(), companions);
        config.check();
        TokenizerJsonReader.Contents read =
                parsed(file, () -> new TokenizerJsonReader(file).read(content, config.named()));
        return new BpeTokenizer(
                read.rules(),
                read.normalizer(),
                config.roles(read.rules(), read.frame()),
                () -> new LinkedHashMap<>(files));
    }

    private static byte[] read(Path file) {
        try {
            long size = Files.size(file);
            if (size > LARGEST_FILE) {
                throw new RequestException(
                        file + " has " + size + " bytes; a tokenizer's file has at most " + LARGEST_FILE,
                        "name the directory of a BPE tokenizer");
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
}
