package dev.cria.eval;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.hub.Hub;
import dev.cria.format.hub.HubAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Brings the rows of the seven benchmarks from the hub into a directory, as {@code {task}.parquet}: of each data set the
 * split that is reported, from the branch where the hub keeps every data set as Parquet.
 */
public final class BenchmarkDownload {
    private static final String PARQUET_BRANCH = "refs/convert/parquet";

    private BenchmarkDownload() {}

    /** A split of a data set's configuration. */
    private record Place(String repository, String configuration, String split) {
        String folder() {
            return configuration + "/" + split;
        }
    }

    private static Place place(Benchmark benchmark) {
        return switch (benchmark) {
            case HELLASWAG -> new Place("Rowan/hellaswag", "default", "validation");
            case ARC_EASY -> new Place("allenai/ai2_arc", "ARC-Easy", "test");
            case ARC_CHALLENGE -> new Place("allenai/ai2_arc", "ARC-Challenge", "test");
            case OPENBOOKQA -> new Place("allenai/openbookqa", "main", "test");
            case PIQA -> new Place("ybisk/piqa", "plain_text", "validation");
            case BOOLQ -> new Place("google/boolq", "default", "validation");
            case WINOGRANDE -> new Place("allenai/winogrande", "winogrande_xl", "validation");
        };
    }

    /**
     * Downloads what the directory has no rows of.
     *
     * @param tasks names of benchmarks; none for all seven
     */
    public static void fetch(Hub hub, Path directory, List<String> tasks) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(directory, e);
        }
        List<Benchmark> there = BenchmarkRows.found(directory);
        Stream<Benchmark> wanted =
                tasks.isEmpty() ? Stream.of(Benchmark.values()) : tasks.stream().map(Benchmark::named);
        wanted.filter(benchmark -> !there.contains(benchmark)).forEach(benchmark -> fetch(hub, directory, benchmark));
    }

    private static void fetch(Hub hub, Path directory, Benchmark benchmark) {
        Place place = place(benchmark);
        var address = new HubAddress(HubAddress.Kind.DATASETS, place.repository(), PARQUET_BRANCH, place.folder());
        List<Hub.Cached> files =
                hub.fetch(address, path -> path.contains(place.folder() + "/") && path.endsWith(".parquet"));
        if (files.size() > 1) {
            throw new RequestException(
                    address + " has " + files.size() + " files, and one was expected",
                    "put a file " + benchmark.id() + ".parquet into " + directory);
        }
        AtomicFiles.copy(files.getFirst().path(), directory.resolve(benchmark.id() + ".parquet"));
    }
}
