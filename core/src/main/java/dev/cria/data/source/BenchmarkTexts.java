package dev.cria.data.source;

import dev.cria.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The texts in benchmarks' rows, whatever their schema: every string of every row. */
public final class BenchmarkTexts {
    private BenchmarkTexts() {}

    /** The texts of each file of JSON or Parquet in a directory, by the file's name without its endings. */
    public static Map<String, List<String>> read(Path directory) {
        Map<String, List<String>> textsOf = new TreeMap<>();
        for (Path file : files(directory)) {
            List<String> texts =
                    textsOf.computeIfAbsent(Records.stem(file.getFileName().toString()), _ -> new ArrayList<>());
            Records.read(file, Long.MAX_VALUE, row -> collect(row.node(), texts));
        }
        return textsOf;
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> Records.isNamedSo(file.getFileName().toString()))
                    .sorted()
                    .toList();
        } catch (IOException _) {
            throw new RequestException(
                    directory + " is not a directory of benchmarks", "name a directory of .jsonl or .parquet files");
        }
    }

    private static void collect(JsonNode node, List<String> texts) {
        if (node.isString()) {
            texts.add(node.asString());
        } else {
            node.forEach(child -> collect(child, texts));
        }
    }
}
