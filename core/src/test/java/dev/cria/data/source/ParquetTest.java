package dev.cria.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.jerolba.carpet.CarpetWriter;
import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ParquetTest {
    @TempDir
    Path directory;

    /** FineWeb-Edu's columns. */
    public record FineWebEdu(
            @Nullable String text,
            @Nullable String id,
            String dump,
            String url,
            String file_path,
            String language,
            double language_score,
            long token_count,
            @Nullable Double score,
            long int_score) {

        static FineWebEdu of(@Nullable String text, @Nullable String id, @Nullable Double score) {
            return new FineWebEdu(text, id, "CC-MAIN-2024-10", "http://a/", "s3://a", "en", 0.9, 3, score, 3);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionCodecName.class,
            names = {"UNCOMPRESSED", "ZSTD", "SNAPPY", "GZIP"})
    void readsNullsEmptyTextsAndLongDocumentsInAnyCompression(CompressionCodecName codec) throws IOException {
        String huge = "ten megabytes ".repeat(750_000);
        Path file = write(
                codec,
                100_000_000,
                FineWebEdu.of("first", "<urn:1>", 3.25),
                FineWebEdu.of(null, "<urn:2>", null),
                FineWebEdu.of("", null, 1.0),
                FineWebEdu.of(huge, "<urn:4>", 2.0),
                FineWebEdu.of("größer 😀", "<urn:5>", 4.5));
        List<Row> rows = Rows.of(file);
        assertThat(rows).hasSize(5).extracting(Row::row).containsExactly(0L, 1L, 2L, 3L, 4L);
        Row.Document first = (Row.Document) rows.getFirst();
        assertThat(first.text()).isEqualTo("first");
        assertThat(first.id()).hasValue("<urn:1>");
        assertThat(first.dump()).hasValue("CC-MAIN-2024-10");
        assertThat(first.score()).hasValue(3.25);
        assertThat(rows.get(1)).isInstanceOf(Row.WithoutText.class);
        assertThat(((Row.Document) rows.get(2)).text()).isEmpty();
        assertThat(rows.get(2).id()).isEmpty();
        assertThat(((Row.Document) rows.get(3)).text()).isEqualTo(huge);
        assertThat(((Row.Document) rows.get(4)).text()).isEqualTo("größer 😀");
    }

    @Test
    void rowGroupsAreBlocksWhoseRowsCountOn() throws IOException {
        FineWebEdu[] documents = new FineWebEdu[5_000];
        Arrays.setAll(documents, i -> FineWebEdu.of("text " + "x".repeat(i % 101) + i, "" + i, 1.0));
        Path file = write(CompressionCodecName.ZSTD, 20_000, documents);
        List<Row> rows = Rows.of(file);
        assertThat(rows).hasSize(documents.length);
        for (int i = 0; i < documents.length; i++) {
            assertThat(rows.get(i).row()).isEqualTo(i);
            assertThat(rows.get(i).id()).hasValue("" + i);
        }
        try (Blocks blocks = Rows.blocks(file)) {
            blocks.next();
            assertThat(blocks.hasNext()).as("several row groups").isTrue();
        }
    }

    @Test
    void brokenUtf8IsRepairedAndSaidToBeAndNumbersServeAsIds() throws IOException {
        MessageType schema = MessageTypeParser.parseMessageType(
                "message m { optional binary text; required int64 id; required float score; }");
        Path file = directory.resolve("raw.parquet");
        try (ParquetWriter<org.apache.parquet.example.data.Group> writer = ExampleParquetWriter.builder(
                        new LocalOutputFile(file))
                .withType(schema)
                .build()) {
            SimpleGroup group = new SimpleGroup(schema);
            group.add("text", Binary.fromConstantByteArray(new byte[] {'a', (byte) 0xC3, 'b'}));
            group.add("id", 42L);
            group.add("score", 1.5f);
            writer.write(group);
        }
        Row.Document row = (Row.Document) Rows.of(file).getFirst();
        assertThat(row.text()).isEqualTo("a\uFFFDb");
        assertThat(row.encoding()).isEqualTo(Row.Encoding.REPAIRED);
        assertThat(row.id()).hasValue("42");
        assertThat(row.score()).hasValue(1.5);
    }

    public record Other(String body, int text) {}

    @Test
    void aTextColumnOfNumbersSaysSo() throws IOException {
        Path file = directory.resolve("other.parquet");
        try (OutputStream out = Files.newOutputStream(file);
                CarpetWriter<Other> writer = new CarpetWriter<>(out, Other.class)) {
            writer.write(new Other("a", 3));
        }
        assertThat(refusal(Rows.of(file)))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("other.parquet has whole numbers in its column 'text', where the text should be");
    }

    public record Nameless(String body, int number) {}

    @Test
    void aMissingTextColumnNamesTheOnesThatAreThere() throws IOException {
        Path file = directory.resolve("nameless.parquet");
        try (OutputStream out = Files.newOutputStream(file);
                CarpetWriter<Nameless> writer = new CarpetWriter<>(out, Nameless.class)) {
            writer.write(new Nameless("a", 3));
        }
        assertThat(refusal(Rows.of(file)))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining(
                        "nameless.parquet has no column of texts named 'text'; its columns are [body, number]");
    }

    @Test
    void aDamagedFileIsOneUnreadableRowOrSomeRowsAndOne() throws IOException {
        FineWebEdu[] documents = new FineWebEdu[2_000];
        Arrays.setAll(documents, i -> FineWebEdu.of("text " + i * 7919L, "" + i, 1.0));
        byte[] whole = Files.readAllBytes(write(CompressionCodecName.ZSTD, 20_000, documents));
        List<byte[]> damaged = new ArrayList<>();
        damaged.add(Arrays.copyOf(whole, whole.length / 2));
        damaged.add(Arrays.copyOf(whole, 3));
        damaged.add(new byte[0]);
        damaged.add("PAR1 nothing PAR1".getBytes(StandardCharsets.US_ASCII));
        byte[] footer = whole.clone();
        Arrays.fill(footer, whole.length - 200, whole.length - 8, (byte) 0x55);
        damaged.add(footer);
        byte[] pages = whole.clone();
        Arrays.fill(pages, 4, 3_000, (byte) 0x55);
        damaged.add(pages);
        for (byte[] bytes : damaged) {
            Path file = Files.write(directory.resolve("bad.parquet"), bytes);
            assertThat(refusal(Rows.of(file)))
                    .isInstanceOf(WorkException.class)
                    .hasMessageContaining("bad.parquet is ");
        }
    }

    @Test
    void whatTheCallerThrowsIsNotTakenForDamage() throws IOException {
        FineWebEdu[] documents = new FineWebEdu[100];
        Arrays.setAll(documents, i -> FineWebEdu.of("text " + i, "" + i, 1.0));
        Path file = write(CompressionCodecName.ZSTD, 100_000_000, documents);
        int[] seen = {0};
        try (Blocks blocks = Rows.blocks(file)) {
            Block block = blocks.next();
            assertThatThrownBy(() -> block.reader().read(row -> {
                        if (seen[0]++ == 50) {
                            throw new IllegalArgumentException("the caller's");
                        }
                    }))
                    .hasMessage("the caller's");
        }
        assertThat(seen[0]).isEqualTo(51);
    }

    @Test
    void rowsOfADamagedGroupCountOneByOneAndTheOthersKeepTheirNumbers() throws IOException {
        FineWebEdu[] documents = new FineWebEdu[2_000];
        Arrays.setAll(documents, i -> FineWebEdu.of("text " + i * 7919L, "" + i, 1.0));
        Path file = write(CompressionCodecName.ZSTD, 20_000, documents);
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 4, 300, (byte) 0x55);
        List<Row> rows = Rows.of(Files.write(directory.resolve("bad.parquet"), bytes));
        assertThat(rows).hasSize(2_000);
        assertThat(rows.getFirst()).isInstanceOf(Row.Unreadable.class);
        assertThat(((Row.Document) rows.getLast()).text()).isEqualTo("text " + 1_999 * 7919L);
        for (int i = 0; i < rows.size(); i++) {
            assertThat(rows.get(i).row()).isEqualTo(i);
        }
    }

    @Test
    void scoresInStringsAreNumbersAndGroupsWithoutRowsHoldNone() throws Exception {
        Path file = directory.resolve("strings.parquet");
        MessageType schema =
                MessageTypeParser.parseMessageType("message m { required binary text; optional binary score; }");
        try (ParquetWriter<org.apache.parquet.example.data.Group> writer = ExampleParquetWriter.builder(
                        new LocalOutputFile(file))
                .withType(schema)
                .build()) {
            for (String score : List.of("3.5", " 2e0 ", "high", "NaN", "")) {
                SimpleGroup group = new SimpleGroup(schema);
                group.add("text", "a");
                group.add("score", score);
                writer.write(group);
            }
        }
        assertThat(Rows.of(file))
                .extracting(row -> ((Row.Document) row).score())
                .containsExactly(
                        OptionalDouble.of(3.5),
                        OptionalDouble.of(2),
                        OptionalDouble.empty(),
                        OptionalDouble.empty(),
                        OptionalDouble.empty());
        Path empty = directory.resolve("empty.parquet");
        try (OutputStream out = Files.newOutputStream(empty);
                CarpetWriter<FineWebEdu> writer = new CarpetWriter<>(out, FineWebEdu.class)) {
            writer.write(List.of());
        }
        assertThat(Rows.of(empty)).isEmpty();
    }

    @Test
    void whatIsNamedParquetAndIsSomethingElseSaysWhat() throws IOException {
        Path pointer = Files.writeString(
                directory.resolve("p.parquet"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
        assertThat(refusal(Rows.of(pointer)))
                .hasMessageContaining("p.parquet is not a Parquet file: it is a Git LFS pointer");
    }

    private Path write(CompressionCodecName codec, long rowGroup, FineWebEdu... rows) throws IOException {
        Path file = directory.resolve("fineweb.parquet");
        try (OutputStream out = Files.newOutputStream(file);
                CarpetWriter<FineWebEdu> writer = new CarpetWriter.Builder<>(out, FineWebEdu.class)
                        .withCompressionCodec(codec)
                        .withRowGroupSize(rowGroup)
                        .build()) {
            writer.write(Arrays.asList(rows));
        }
        return file;
    }

    private static RuntimeException refusal(List<Row> rows) {
        return rows.stream()
                .filter(Row.Unreadable.class::isInstance)
                .map(r -> ((Row.Unreadable) r).refusal())
                .findFirst()
                .orElseThrow();
    }
}
