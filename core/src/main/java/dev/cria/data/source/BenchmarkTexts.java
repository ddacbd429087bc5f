package dev.cria.data.source;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The texts in benchmarks' rows, whatever their schema: every string of every row. */
public final class BenchmarkTexts {
    private static final JsonMapper JSON = new JsonMapper();

    private BenchmarkTexts() {}

    /** The texts of each {@code .jsonl} file of a directory, by the file's name without its ending. */
    public static Map<String, List<String>> read(Path directory) {
        Map<String, List<String>> textsOf = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".jsonl")) {
                    textsOf.put(name.substring(0, name.length() - ".jsonl".length()), texts(file));
                }
            }
        } catch (IOException _) {
            throw new RequestException(directory + " is no directory of benchmarks", "ls " + directory);
        }
        return textsOf;
    }

    private static List<String> texts(Path file) {
        List<String> texts = new ArrayList<>();
        try (Stream<String> lines = Files.lines(file)) {
            lines.filter(line -> !line.isBlank()).forEach(line -> collect(JSON.readTree(line), texts));
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        } catch (JacksonException e) {
            throw new WorkException(
                    file + " has a line that is not JSON: " + e.getOriginalMessage(), "fetch the file again", e);
        }
        return texts;
    }

    private static void collect(JsonNode node, List<String> texts) {
        if (node.isString()) {
            texts.add(node.asString());
        } else {
            node.forEach(child -> collect(child, texts));
        }
    }
}
