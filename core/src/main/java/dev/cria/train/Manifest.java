package dev.cria.train;

import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A checkpoint's manifest.json: the sha256 and size of each file, written last, so that what has one is whole. */
final class Manifest {
    static final String FILE = "manifest.json";

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private record Entry(String sha256, long bytes) {}

    private Manifest() {}

    static void write(Path directory, List<Path> files) {
        Map<String, Entry> entries = new TreeMap<>();
        for (Path file : files) {
            String name = directory.relativize(file).toString().replace('\\', '/');
            entries.put(name, new Entry(AtomicFiles.sha256(file), size(file)));
        }
        AtomicFiles.write(directory.resolve(FILE), JSON.writeValueAsString(Map.of("files", entries)) + "\n");
    }

    /** The files that are listed; none where the manifest cannot be read. */
    static List<Path> files(Path directory) {
        try {
            return JSON.readTree(directory.resolve(FILE))
                    .path("files")
                    .propertyStream()
                    .map(e -> directory.resolve(e.getKey()))
                    .toList();
        } catch (JacksonException _) {
            return List.of();
        }
    }

    /** Lists some files no more, which may go then; a manifest that cannot be read is left as it is. */
    static void leaveOut(Path directory, Predicate<Path> left) {
        if (files(directory).stream().noneMatch(left)) {
            return;
        }
        JsonNode manifest = JSON.readTree(directory.resolve(FILE));
        manifest.path("files").properties().removeIf(e -> left.test(directory.resolve(e.getKey())));
        AtomicFiles.write(directory.resolve(FILE), JSON.writeValueAsString(manifest) + "\n");
    }

    /** What is wrong with a checkpoint, or nothing. */
    static Optional<String> damage(Path directory) {
        try {
            JsonNode files = JSON.readTree(directory.resolve(FILE)).path("files");
            if (!files.isObject() || files.isEmpty()) {
                return Optional.of("its " + FILE + " lists no files");
            }
            return files.propertyStream()
                    .map(e -> damage(directory.resolve(e.getKey()), e.getValue()))
                    .flatMap(Optional::stream)
                    .findFirst();
        } catch (JacksonException e) {
            return Optional.of("its " + FILE + " is missing or damaged");
        }
    }

    private static Optional<String> damage(Path file, JsonNode entry) {
        if (!Files.isRegularFile(file)) {
            return Optional.of("its " + file.getFileName() + " is missing");
        }
        if (size(file) != entry.path("bytes").asLong(-1)) {
            return Optional.of("its " + file.getFileName() + " has another size than when it was written");
        }
        boolean same = AtomicFiles.sha256(file).equals(entry.path("sha256").asString(""));
        return same ? Optional.empty() : Optional.of("its " + file.getFileName() + " has changed since it was written");
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }
}
