package dev.cria.eval;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.data.source.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The rows of benchmarks in a directory: for each, the file {@code {task}.jsonl} or {@code {task}.parquet}, compressed or
 * not, or else the one whose name begins with the task's, or that one's numbered parts.
 */
final class BenchmarkRows {
    private BenchmarkRows() {}

    /** The benchmarks that the directory has rows of, in their own order. */
    static List<Benchmark> found(Path directory) {
        return Stream.of(Benchmark.values())
                .filter(benchmark -> !candidates(directory, benchmark).isEmpty())
                .toList();
    }

    /**
     * The first rows of a benchmark, in the file's order.
     *
     * @param limit how many, 0 for all
     * @throws RequestException where there is no file or several that could be meant, or a file is empty or damaged
     */
    static List<Row> read(Path directory, Benchmark benchmark, int limit) {
        List<Row> rows = new ArrayList<>();
        for (Path file : files(directory, benchmark)) {
            if (limit == 0 || rows.size() < limit) {
                rows.addAll(rows(file, limit == 0 ? Integer.MAX_VALUE : limit - rows.size()));
            }
        }
        return rows;
    }

    /** Every row of a JSONL file. */
    static List<Row> lines(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new RequestException(
                    "there is no file " + file, "ls " + file.toAbsolutePath().getParent());
        }
        return rows(file, Integer.MAX_VALUE);
    }

    private static List<Path> files(Path directory, Benchmark benchmark) {
        List<Path> candidates = candidates(directory, benchmark);
        if (candidates.isEmpty()) {
            throw new RequestException(
                    "%s has no rows of %s".formatted(directory, benchmark.id()),
                    "put a file %s*.jsonl or %s*.parquet there".formatted(benchmark.id(), benchmark.id()));
        }
        List<Path> exact = candidates.stream()
                .filter(file -> stem(file).equals(benchmark.id()))
                .toList();
        if (exact.size() == 1) {
            return exact;
        }
        // validation-00000-of-00002.parquet and its like are parts of one file.
        List<String> wholes = candidates.stream()
                .map(file -> stem(file).replaceFirst("-\\d+-of-\\d+$", ""))
                .distinct()
                .toList();
        if (candidates.size() > 1 && wholes.size() != 1 || exact.size() > 1) {
            throw new RequestException(
                    "%s has several files for %s: %s"
                            .formatted(
                                    directory,
                                    benchmark.id(),
                                    String.join(
                                            ", ",
                                            candidates.stream()
                                                    .map(file ->
                                                            file.getFileName().toString())
                                                    .toList())),
                    "keep one of them, or name one " + benchmark.id() + ".jsonl");
        }
        return candidates;
    }

    private static List<Path> candidates(Path directory, Benchmark benchmark) {
        if (!Files.isDirectory(directory)) {
            throw new RequestException(
                    "there is no directory " + directory, "--benchmarks DIR with the rows, a file {task}*.jsonl each");
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.startsWith(benchmark.id()) && Records.isNamedSo(name);
                    })
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new WorkException("cannot list " + directory + ": " + e, "is it readable?", e);
        }
    }

    private static String stem(Path file) {
        return Records.stem(file.getFileName().toString());
    }

    private static List<Row> rows(Path file, int limit) {
        List<Row> rows = new ArrayList<>();
        Records.read(file, limit, row -> rows.add(new Row(file, Math.toIntExact(row.place()), row.node())));
        if (rows.isEmpty()) {
            throw new RequestException(file + " has no rows", "put the data set's rows in it, one JSON object a line");
        }
        return rows;
    }
}
