package dev.cria.bench;

import com.github.luben.zstd.ZstdOutputStream;
import com.jerolba.carpet.CarpetWriter;
import dev.cria.Progress;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.filter.FilterChain;
import dev.cria.data.filter.FilterFile;
import dev.cria.data.prepare.BadRows;
import dev.cria.data.prepare.Prepare;
import dev.cria.data.prepare.PrepareRequest;
import dev.cria.data.source.Blocks;
import dev.cria.data.source.Row;
import dev.cria.data.source.Sources;
import dev.cria.data.source.Texts;
import dev.cria.format.AtomicFiles;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import tools.jackson.databind.json.JsonMapper;

/**
 * Prints how fast each part of the curation is on one core, {@code prepare} as a whole on one worker and on one a core,
 * and what that means for the 100 billion tokens of FineWeb-Edu's larger sample. A speed is that of the text in UTF-8,
 * whatever it is packed in: the median of {@value #ROUNDS} passes over the same documents after one to warm up.
 *
 * <pre>{@code
 * mvn -q -B -pl bench -am package -Dquick -Dmaven.test.skip=true dependency:build-classpath -Dmdep.outputFile=target/cp
 * java -Xmx3g -XX:+UseParallelGC -cp "bench/target/classes:$(cat bench/target/cp)" dev.cria.bench.CurationThroughput [FILE…]
 * }</pre>
 *
 * <p>Without files the documents are made of WordNet's sentences.
 */
public final class CurationThroughput {
    private static final int ROUNDS = 3;
    private static final long CHARS = 48_000_000;
    /** As many documents of them are enough for the parts. */
    private static final int FOR_PARTS = 2_400;

    private static final double MEGA = 1e6;
    private static final double SAMPLE_TOKENS = 100e9;
    private static final List<String> FILTERS =
            List.of("language", "gopher_repetition", "gopher_quality", "c4_lines", "fineweb_quality");

    private final Path directory;
    private final List<Row.Document> all;
    private final List<Row.Document> documents;

    private CurationThroughput(Path directory, List<Row.Document> all) {
        this.directory = directory;
        this.all = all;
        this.documents = all.subList(0, Math.min(FOR_PARTS, all.size()));
    }

    private static double megabytes(List<Row.Document> documents) {
        return documents.stream()
                        .mapToLong(d -> d.text().getBytes(StandardCharsets.UTF_8).length)
                        .sum()
                / MEGA;
    }

    /** A row as FineWeb-Edu has it, as far as it is read. */
    public record Page(String text, String id, String dump, double score) {}

    /** Prints the table. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory("curation");
        try {
            List<String> texts = arguments.length == 0
                    ? WordNetText.documents(CHARS)
                    : Texts.of(Sources.find(List.of(arguments), "text")).toList();
            List<Row.Document> documents = new ArrayList<>();
            for (String text : texts) {
                documents.add(new Row.Document(
                        "memory",
                        documents.size(),
                        Optional.empty(),
                        text,
                        Row.Encoding.SOUND,
                        Optional.empty(),
                        OptionalDouble.of(3)));
            }
            new CurationThroughput(directory, documents).run();
        } finally {
            delete(directory);
        }
    }

    private void run() throws IOException {
        System.out.printf(
                Locale.ROOT,
                "parts: %d documents, %.1f MB of text; prepare: %d, %.1f MB%n",
                documents.size(),
                megabytes(documents),
                all.size(),
                megabytes(all));
        Files.createDirectories(directory.resolve("in"));
        for (CompressionCodecName codec : List.of(CompressionCodecName.ZSTD, CompressionCodecName.SNAPPY)) {
            print("read parquet " + codec.name().toLowerCase(Locale.ROOT), seconds(read(parquet(codec, documents))));
        }
        for (String ending : List.of(".jsonl", ".jsonl.gz", ".jsonl.zst")) {
            print("read " + ending.substring(1), seconds(read(jsonLines(ending))));
        }
        for (String name : FILTERS) {
            print("filter " + name, seconds(filter(chain("- " + name))));
        }
        print("filter, all of fineweb", seconds(filter(FilterFile.named("fineweb"))));
        print("keys exact", seconds(keys(Dedup.EXACT)));
        print("keys minhash", seconds(keys(Dedup.MINHASH)));
        Tokenizer tokenizer = Tokenizers.gpt2();
        print("tokenise", seconds(() -> documents.forEach(d -> tokenizer.encode(d.text()))));
        long tokens = documents.stream()
                .mapToLong(d -> tokenizer.encode(d.text()).length + 1)
                .sum();
        wholes(megabytes(documents) * MEGA / tokens);
    }

    private void wholes(double bytesPerToken) throws IOException {
        Path file = parquet(CompressionCodecName.ZSTD, all);
        int cores = Runtime.getRuntime().availableProcessors();
        System.out.printf(Locale.ROOT, "%n%.3f bytes a token%n", bytesPerToken);
        for (String filters : List.of("none", "fineweb")) {
            Dedup dedup = filters.equals("none") ? Dedup.NONE : Dedup.MINHASH;
            String name = "prepare, filters %s, dedup %s"
                    .formatted(filters, dedup.name().toLowerCase(Locale.ROOT));
            double one = seconds(() -> prepare(file, filters, dedup, 1));
            print(name + ", 1 worker", all, one);
            double many = seconds(() -> prepare(file, filters, dedup, cores));
            print("%s, %d workers".formatted(name, cores), all, many);
            double perCore = megabytes(all) / many / cores;
            System.out.printf(Locale.ROOT, "  %.1f MB/s a core; 100 billion tokens:", perCore);
            for (int machineCores : new int[] {2, 32, 16 * 32}) {
                double hours = SAMPLE_TOKENS * bytesPerToken / MEGA / perCore / machineCores / 3600;
                System.out.printf(Locale.ROOT, "  %.2f h on %d cores", hours, machineCores);
            }
            System.out.println();
        }
    }

    private void print(String what, double seconds) {
        print(what, documents, seconds);
    }

    private static void print(String what, List<Row.Document> documents, double seconds) {
        System.out.printf(Locale.ROOT, "%-54s %8.1f MB/s%n", what, megabytes(documents) / seconds);
    }

    @FunctionalInterface
    private interface Pass {
        void run() throws IOException;
    }

    private static double seconds(Pass pass) throws IOException {
        pass.run();
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            pass.run();
            seconds.add((System.nanoTime() - start) / 1e9);
        }
        seconds.sort(Comparator.naturalOrder());
        return seconds.get(ROUNDS / 2);
    }

    private static Pass read(Path file) {
        return () -> {
            long[] rows = {0};
            try (Blocks blocks = Sources.find(List.of(file.toString()), "text").blocks()) {
                while (blocks.hasNext()) {
                    blocks.next().reader().read(_ -> rows[0]++);
                }
            }
        };
    }

    private Pass filter(FilterChain chain) {
        return () -> documents.forEach(chain::judge);
    }

    private FilterChain chain(String yaml) throws IOException {
        return FilterFile.named(
                Files.writeString(directory.resolve("filters.yaml"), yaml).toString());
    }

    private Pass keys(Dedup dedup) {
        return () -> documents.forEach(d -> dedup.keysOf(d, Dedup.Scope.GLOBAL));
    }

    private void prepare(Path file, String filters, Dedup dedup, int workers) throws IOException {
        Path out = directory.resolve("out");
        Prepare.run(
                new PrepareRequest(
                        Sources.find(List.of(file.toString()), "text"),
                        out,
                        Tokenizers.gpt2(),
                        "gpt2",
                        "shard",
                        1_000_000,
                        FilterFile.named(filters),
                        dedup,
                        Dedup.Scope.GLOBAL,
                        workers,
                        OptionalLong.empty(),
                        BadRows.REFUSE,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                Progress.silent());
        delete(out);
    }

    private Path parquet(CompressionCodecName codec, List<Row.Document> rows) throws IOException {
        Path file = directory.resolve("in").resolve(codec.name() + ".parquet");
        try (OutputStream out = Files.newOutputStream(file);
                CarpetWriter<Page> writer = new CarpetWriter.Builder<>(out, Page.class)
                        .withCompressionCodec(codec)
                        // Row groups of some hundred documents: FineWeb-Edu's thousand, as this corpus is smaller.
                        .withRowGroupSize(1L << 20)
                        .build()) {
            for (Row.Document document : rows) {
                writer.write(new Page(document.text(), "<urn:uuid:" + document.row() + ">", "CC-MAIN-2024-10", 3));
            }
        }
        return file;
    }

    private Path jsonLines(String ending) throws IOException {
        Path file = directory.resolve("in").resolve("pages" + ending);
        JsonMapper json = new JsonMapper();
        try (OutputStream raw = Files.newOutputStream(file);
                OutputStream out = ending.endsWith(".gz")
                        ? new GZIPOutputStream(raw)
                        : ending.endsWith(".zst") ? new ZstdOutputStream(raw) : raw) {
            for (Row.Document document : documents) {
                out.write(json.writeValueAsBytes(Map.of("text", document.text())));
                out.write('\n');
            }
        }
        return file;
    }

    private static void delete(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(root, e);
        }
    }
}
