package dev.cria.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.jerolba.carpet.CarpetWriter;
import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import dev.cria.format.SafetensorsFile;
import dev.cria.format.SafetensorsWriter;
import dev.cria.format.StorageType;
import dev.cria.format.TensorSource;
import dev.cria.tokenizer.BpeTrainer;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Damaged files of every kind: what comes out is right, or a refusal in words; never a bug's stack trace, never less than
 * there was without a word. A failure names the seed of its case. The long runs are those of the tag: {@code mvn -Pslow -pl
 * core test -Dtest=ReadersFuzzTest}.
 */
@Timeout(600)
final class ReadersFuzzTest {
    private static final int CASES = 2_000;
    private static final int MANY = 20_000;
    private static final Reading READING = new Reading("text", 5_000);
    private static final List<String> TEXTS = IntStream.range(0, 40)
            .mapToObj(i -> "document " + i + " of größe " + "word ".repeat(i % 13))
            .toList();

    @TempDir
    Path directory;

    /** A file and what damage to it may change. */
    private enum Kind {
        GZIP("a.jsonl.gz"),
        ZSTD("a.jsonl.zst"),
        BZIP2("a.jsonl.bz2"),
        XZ("a.jsonl.xz"),
        LZ4("a.jsonl.lz4"),
        LINES("a.jsonl"),
        ARRAY("a.json"),
        INDENTED("a.json"),
        TEXT("a.txt"),
        TEXT_GZIP("a.txt.gz"),
        PARQUET("a.parquet"),
        PARQUET_ZSTD("a.parquet");

        final String fileName;

        Kind(String fileName) {
            this.fileName = fileName;
        }

        /** Whether the format has checksums over all that it holds. */
        boolean isChecked() {
            return switch (this) {
                case GZIP, ZSTD, BZIP2, XZ, LZ4, TEXT_GZIP -> true;
                case LINES, ARRAY, INDENTED, TEXT, PARQUET, PARQUET_ZSTD -> false;
            };
        }

        boolean isParquet() {
            return this == PARQUET || this == PARQUET_ZSTD;
        }

        byte[] whole() {
            byte[] lines = lines();
            return switch (this) {
                case GZIP, ZSTD, BZIP2, XZ, LZ4 -> twoMembers(Packed.valueOf(name()), lines);
                case LINES -> lines;
                case ARRAY -> ("[" + String.join(",\n", objects()) + "]\n").getBytes(StandardCharsets.UTF_8);
                case INDENTED ->
                    String.join("\n", objects()).replace("{", "{\n  ").getBytes(StandardCharsets.UTF_8);
                case TEXT -> String.join("\n", TEXTS).getBytes(StandardCharsets.UTF_8);
                case TEXT_GZIP -> Packed.GZIP.pack(String.join("\n", TEXTS).getBytes(StandardCharsets.UTF_8));
                case PARQUET -> parquet(CompressionCodecName.UNCOMPRESSED);
                case PARQUET_ZSTD -> parquet(CompressionCodecName.ZSTD);
            };
        }
    }

    private static List<String> objects() {
        return TEXTS.stream()
                .map(text -> "{\"id\": 7, \"text\": \"" + text + "\", \"score\": \"3.5\", \"x\": [{}, NaN]}")
                .toList();
    }

    private static byte[] lines() {
        return (String.join("\n", objects()) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] twoMembers(Packed packed, byte[] lines) {
        int middle = new String(lines, StandardCharsets.ISO_8859_1).indexOf('\n', lines.length / 2) + 1;
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(packed.pack(Arrays.copyOf(lines, middle)));
        both.writeBytes(packed.pack(Arrays.copyOfRange(lines, middle, lines.length)));
        return both.toByteArray();
    }

    public record Document(String text, String id, Double score) {}

    private static byte[] parquet(CompressionCodecName codec) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CarpetWriter<Document> writer = new CarpetWriter.Builder<>(bytes, Document.class)
                .withCompressionCodec(codec)
                .withRowGroupSize(1_000)
                .build()) {
            writer.write(
                    TEXTS.stream().map(text -> new Document(text, "x", 3.5)).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @EnumSource
    void damagedDocumentsAreReadRightlyOrRefused(Kind kind) {
        fuzz(kind, 1, kind.isParquet() ? CASES / 2 : CASES);
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource
    void manyDamagedDocumentsAreReadRightlyOrRefused(Kind kind) {
        fuzz(kind, 1_000_000, MANY);
    }

    private static void fuzz(Kind kind, long firstSeed, int cases) {
        byte[] whole = kind.whole();
        List<Row> right = rows(kind, whole);
        assertThat(right).hasSize(kind == Kind.TEXT || kind == Kind.TEXT_GZIP ? 1 : TEXTS.size());
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        for (long seed = firstSeed; seed < firstSeed + cases; seed++) {
            byte[] damaged = Damage.of(whole, new Random(seed));
            try {
                boolean isBeginning = Arrays.mismatch(whole, damaged) == damaged.length;
                outcomes.merge(outcome(kind, isBeginning, right, rows(kind, damaged)), 1, Integer::sum);
            } catch (Throwable e) {
                throw new AssertionError(kind + ", seed " + seed, e);
            }
        }
        tell(cases, kind + ": " + outcomes);
    }

    private enum Outcome {
        AS_IF_WHOLE,
        OTHER_DOCUMENTS,
        REFUSED
    }

    private static Outcome outcome(Kind kind, boolean isBeginning, List<Row> right, List<Row> found) {
        List<Row.Unreadable> refused = found.stream()
                .filter(Row.Unreadable.class::isInstance)
                .map(Row.Unreadable.class::cast)
                .toList();
        refused.forEach(row -> assertInWords(row.refusal()));
        if (!refused.isEmpty()) {
            return Outcome.REFUSED;
        }
        if (texts(found).equals(texts(right))) {
            return Outcome.AS_IF_WHOLE;
        }
        if (kind.isChecked() && !isBeginning) {
            assertThat(texts(found)).as("documents lost without a word").isEqualTo(texts(right));
        }
        return Outcome.OTHER_DOCUMENTS;
    }

    private static List<String> texts(List<Row> rows) {
        return rows.stream()
                .map(row -> row instanceof Row.Document document ? document.text() : "none")
                .toList();
    }

    private static List<Row> rows(Kind kind, byte[] bytes) {
        List<Row> rows = new ArrayList<>();
        try (Blocks blocks = DocumentFile.open(kind.fileName, new InMemory(bytes), READING)) {
            while (blocks.hasNext()) {
                blocks.next().reader().read(rows::add);
            }
        }
        return rows;
    }

    /** Two lines at most, no class names, no settings of a library. */
    private static void assertInWords(RuntimeException refusal) {
        assertThat(refusal).isInstanceOfAny(RequestException.class, WorkException.class);
        assertThat(refusal.getMessage())
                .doesNotContain("\n")
                .doesNotContainPattern("[a-z]\\.[A-Z][a-z]+[A-Z]")
                .doesNotContain("Exception", "Feature", "java.", "org.", "null");
    }

    @Test
    void damagedShardsAreReadOrRefused() throws IOException {
        shards(1, CASES);
    }

    @Tag("slow")
    @Test
    void manyDamagedShardsAreReadOrRefused() throws IOException {
        shards(1_000_000, MANY);
    }

    private void shards(long seed, int cases) throws IOException {
        Path file = directory.resolve("a.npy");
        Npy.write(file, NpyType.UINT16, IntStream.range(0, 500).toArray());
        files(file, seed, cases, () -> {
            try (Arena arena = Arena.ofConfined()) {
                Npy npy = Npy.map(file, arena);
                for (long i = 0; i < npy.count() && npy.type() != NpyType.FLOAT32; i++) {
                    npy.tokenAt(i);
                }
            }
        });
    }

    @Test
    void damagedWeightsAreReadOrRefused() throws IOException {
        weights(1, CASES);
    }

    @Tag("slow")
    @Test
    void manyDamagedWeightsAreReadOrRefused() throws IOException {
        weights(1_000_000, MANY);
    }

    private void weights(long seed, int cases) throws IOException {
        Path file = directory.resolve("a.safetensors");
        SafetensorsWriter.write(
                file,
                List.of(
                        TensorSource.of(
                                "a", StorageType.F32, new long[] {2, 3}, () -> MemorySegment.ofArray(new float[6])),
                        TensorSource.of(
                                "b", StorageType.F32, new long[] {4}, () -> MemorySegment.ofArray(new float[4]))),
                Map.of("format", "pt"));
        files(file, seed, cases, () -> {
            try (SafetensorsFile stored = SafetensorsFile.open(file)) {
                for (String name : stored.names()) {
                    stored.data(name).toArray(ValueLayout.JAVA_BYTE);
                }
            }
        });
    }

    @Test
    void damagedTokenizersAreReadOrRefused() throws IOException {
        tokenizers(1, CASES);
    }

    @Tag("slow")
    @Test
    void manyDamagedTokenizersAreReadOrRefused() throws IOException {
        tokenizers(1_000_000, MANY);
    }

    private void tokenizers(long seed, int cases) throws IOException {
        Tokenizers.save(
                BpeTrainer.train(Stream.of("the cat sat on the mat, don't; así es"), 275, Progress.silent()),
                directory);
        files(directory.resolve("tokenizer.json"), seed, cases, () -> {
            Tokenizer tokenizer = Tokenizers.load(directory.resolve("tokenizer.json"));
            tokenizer.decode(tokenizer.encode("the cat <|endoftext|> Él"));
        });
    }

    private static void files(Path file, long firstSeed, int cases, Runnable read) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        read.run();
        int refused = 0;
        for (long seed = firstSeed; seed < firstSeed + cases; seed++) {
            Files.write(file, Damage.of(whole, new Random(seed)));
            try {
                read.run();
            } catch (RequestException | WorkException e) {
                refused++;
                assertThat(e.getMessage()).doesNotContain("\n");
            } catch (Throwable e) {
                throw new AssertionError(file.getFileName() + ", seed " + seed, e);
            }
        }
        tell(cases, file.getFileName() + ": " + refused + " of " + cases + " refused");
    }

    /** The counts of a long run, for whoever started it. */
    private static void tell(int cases, String counts) {
        if (cases == MANY) {
            System.out.println(counts);
        }
    }
}
