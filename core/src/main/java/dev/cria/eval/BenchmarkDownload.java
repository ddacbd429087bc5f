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
        Benchmark.Place place = benchmark.place();
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
