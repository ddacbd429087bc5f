package dev.cria.data;

import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code manifest.json} beside prepared shards says of them. It holds no clock, host or user: the same input gives
 * the same bytes.
 *
 * @param tokenizer the tokenizer that made the ids
 * @param request all that decided the shards: sources, filters, deduplication
 * @param documents how many were read
 * @param keptDocuments how many stand in the shards
 * @param keptBytes of their texts in UTF-8
 * @param tokens in all shards
 */
public record ShardManifest(
        TokenizerInfo tokenizer,
        Map<String, Object> request,
        long documents,
        long keptDocuments,
        long keptBytes,
        long tokens,
        List<ShardInfo> shards) {
    /** The name of the file. */
    public static final String NAME = "manifest.json";

    private static final JsonMapper JSON = new JsonMapper();

    /**
     * A tokenizer, so that a model and its data can be matched.
     *
     * @param name as the user named it: {@code gpt2} or a directory
     */
    public record TokenizerInfo(String name, String fingerprint, int vocabularySize, int endOfText) {}

    /** A shard and its SHA-256. */
    public record ShardInfo(String name, String split, long tokens, String sha256) implements Serializable {}

    /** Reads a directory's manifest; plain directories of shards have none. */
    public static Optional<ShardManifest> read(Path directory) {
        Path file = directory.resolve(NAME);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(file.toString(), Files.readAllBytes(file)));
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }

    /**
     * Reads a manifest.
     *
     * @param name of the file, for refusals
     */
    public static ShardManifest parse(String name, byte[] json) {
        try {
            return JSON.readValue(json, ShardManifest.class);
        } catch (JacksonException e) {
            throw new WorkException(
                    name + " is not a manifest of shards: " + e.getOriginalMessage(),
                    "remove it; the shards load without",
                    e);
        }
    }

    /** Writes the manifest into a directory. */
    public void write(Path directory) {
        AtomicFiles.write(directory.resolve(NAME), json());
    }

    /** Whether the shards are what such a request asks for. */
    public boolean answers(Map<String, Object> asked) {
        // Compared as JSON, in which numbers have no Java type.
        return JSON.readTree(JSON.writeValueAsString(request)).equals(JSON.readTree(JSON.writeValueAsString(asked)));
    }

    /** The file's text. */
    public String json() {
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this).replace("\r\n", "\n") + "\n";
    }
}
