package dev.cria.run;

import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which weights a directory holds, so that what was found out about them can be matched with them later.
 *
 * @param step of the checkpoint, where it is one
 * @param sha256 of the file of weights; of several, that of their hashes
 */
public record WeightsId(OptionalLong step, String sha256) {
    private static final JsonMapper JSON = new JsonMapper();

    /** That of a model's or adapter's directory; empty where it holds no weights. */
    public static Optional<WeightsId> of(Path directory) {
        List<Path> files = files(directory);
        if (files.isEmpty()) {
            return Optional.empty();
        }
        JsonNode manifest = manifest(directory.resolve("manifest.json"));
        List<String> hashes = files.stream()
                .map(file -> manifest.path("files")
                        .path(file.getFileName().toString())
                        .path("sha256")
                        .asStringOpt()
                        .orElseGet(() -> AtomicFiles.sha256(file)))
                .toList();
        return Optional.of(
                new WeightsId(RunFiles.step(directory.toAbsolutePath().normalize()), ofFiles(hashes)));
    }

    /** The hash of weights in files of these hashes, in the order of their names. */
    public static String ofFiles(List<String> hashes) {
        return hashes.size() == 1 ? hashes.getFirst() : together(hashes);
    }

    /** Adds step and hash to what is said about the weights. */
    public void putInto(Map<String, Object> keys) {
        step.ifPresent(s -> keys.put("step", s));
        keys.put("weights_sha256", sha256);
    }

    /** The files of weights that a directory holds, by name. */
    public static List<Path> files(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(f -> f.getFileName().toString().matches("(adapter_)?model.*\\.safetensors"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(directory, e);
        }
    }

    private static JsonNode manifest(Path file) {
        try {
            return Files.isRegularFile(file) ? JSON.readTree(file) : JSON.createObjectNode();
        } catch (JacksonException _) {
            return JSON.createObjectNode();
        }
    }

    private static String together(List<String> hashes) {
        byte[] text = String.join("\n", hashes).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(AtomicFiles.sha256().digest(text));
    }
}
