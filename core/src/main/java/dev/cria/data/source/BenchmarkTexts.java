package dev.cria.data.source;

import com.jerolba.carpet.CarpetReader;
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
    private static final String JSON_LINES = ".jsonl";
    private static final String PARQUET = ".parquet";
    private static final JsonMapper JSON = new JsonMapper();

    private BenchmarkTexts() {}

    /** The texts of each {@code .jsonl} or {@code .parquet} file of a directory, by the file's name without its ending. */
    public static Map<String, List<String>> read(Path directory) {
        Map<String, List<String>> textsOf = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(JSON_LINES)) {
                    add(textsOf, name, JSON_LINES, jsonLines(file));
                } else if (name.endsWith(PARQUET)) {
                    add(textsOf, name, PARQUET, parquet(file));
                }
            }
        } catch (IOException _) {
            throw new RequestException(
                    directory + " is no directory of benchmarks", "name a directory of .jsonl or .parquet files");
        }
        return textsOf;
    }

    private static void add(Map<String, List<String>> textsOf, String name, String ending, List<String> texts) {
        textsOf.computeIfAbsent(name.substring(0, name.length() - ending.length()), _ -> new ArrayList<>())
                .addAll(texts);
    }

    private static List<String> parquet(Path file) {
        List<String> texts = new ArrayList<>();
        // Benchmarks nest lists and records; as maps they are what the lines of JSON are.
        @SuppressWarnings("rawtypes")
        CarpetReader<Map> reader = new CarpetReader<>(file.toFile(), Map.class);
        try (Stream<?> rows = reader.stream()) {
            rows.forEach(row -> collect(JSON.valueToTree(row), texts));
        } catch (RuntimeException e) {
            throw new WorkException(file + " is no sound Parquet file: " + e.getMessage(), "fetch the file again", e);
        }
        return texts;
    }

    private static List<String> jsonLines(Path file) {
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
