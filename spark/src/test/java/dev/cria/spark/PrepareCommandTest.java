package dev.cria.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import dev.cria.data.ShardManifest;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.filter.FilterFile;
import dev.cria.data.prepare.BadRows;
import dev.cria.data.prepare.Prepare;
import dev.cria.data.prepare.PrepareRequest;
import dev.cria.data.source.Sources;
import dev.cria.tokenizer.Tokenizers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the job writes in local mode is what the command on one machine writes. */
final class PrepareCommandTest {
    private static final StructType FINEWEB_EDU = new StructType()
            .add("text", DataTypes.StringType)
            .add("id", DataTypes.StringType)
            .add("dump", DataTypes.StringType)
            .add("score", DataTypes.DoubleType)
            .add("int_score", DataTypes.LongType);

    @TempDir
    Path directory;

    private final SparkSession spark = LocalSpark.session();
    private Path input;

    @BeforeEach
    void writeInput() throws IOException {
        input = Files.createDirectories(directory.resolve("in"));
        List<String> texts = texts();
        StringBuilder lines = new StringBuilder();
        texts.subList(0, 300)
                .forEach(t -> lines.append(t == null ? "{\"text\":null}\n" : "{\"text\":\"" + t + "\"}\n"));
        Files.writeString(input.resolve("a.jsonl"), lines);
        List<Row> rows = texts.subList(300, texts.size()).stream()
                .map(t -> RowFactory.create(t, "id", "CC-MAIN-2024-10", 3.5, 4L))
                .toList();
        spark.createDataFrame(rows, FINEWEB_EDU)
                .coalesce(1)
                .write()
                .option("parquet.block.row.count.limit", 100)
                .option("compression", "zstd")
                .parquet(input.resolve("b").toString());
        // Hadoop's own lists never show these, and one machine's do.
        try (Stream<Path> written = Files.list(input.resolve("b"))) {
            for (Path checksum :
                    written.filter(f -> f.toString().endsWith(".crc")).toList()) {
                Files.delete(checksum);
            }
        }
    }

    /** Sentences of invented words, some texts twice, some nearly so, some empty or null, some too short to stay. */
    private static List<String> texts() {
        Random random = new Random(3);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            int kind = i < 10 ? 9 : random.nextInt(10);
            String earlier = i < 10 ? null : texts.get(random.nextInt(i));
            texts.add(
                    kind == 0
                            ? earlier
                            : kind == 1 && earlier != null
                                    ? earlier.replaceFirst("the", "each")
                                    : kind == 2 ? "Too short." : i % 101 == 50 ? null : text(random));
        }
        return texts;
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int s = 0; s < 8; s++) {
            text.append("The ");
            for (int w = 0; w < 12; w++) {
                text.append(Integer.toString(random.nextInt(1_000_000), 36).replaceAll("[0-9]", "e"))
                        .append(w % 4 == 3 ? " of the " : " ");
            }
            text.append("end. ");
        }
        return text.toString();
    }

    @Test
    void theShardsAndTheManifestAreThoseOfOneMachine() throws IOException {
        Path filters =
                Files.writeString(directory.resolve("mine.yaml"), "- gopher_quality: {min_words: 20}\n- c4_lines\n");
        for (Dedup dedup : Dedup.values()) {
            String out = "spark-" + dedup;
            assertThat(run(out, "--shard-tokens", "9000", "--filters", filters.toString(), "--dedup", dedup.name()))
                    .isZero();
            ShardManifest one = onOneMachine("one-" + dedup, filters.toString(), dedup, 9_000);
            assertThat(one.keptDocuments()).as("some stay, some go").isBetween(100L, one.documents() - 50);
            assertThat(files(out)).isEqualTo(files("one-" + dedup));
        }
    }

    @Test
    void aCorpusThatFillsNoSecondShardIsPartedAsOnOneMachine() throws IOException {
        assertThat(run("spark", "--shard-tokens", "100000000")).isZero();
        onOneMachine("one", "none", Dedup.NONE, 100_000_000);
        assertThat(files("spark")).isEqualTo(files("one")).containsKey("shard_train_000001.npy");
    }

    @Test
    void anyHadoopFileSystemWillDo() throws IOException {
        var hadoop = spark.sparkContext().hadoopConfiguration();
        hadoop.set(
                "fs.viewfs.mounttable.elsewhere.link./data", directory.toUri().toString());
        String[] arguments = {
            "prepare",
            "viewfs://elsewhere/data/in/*.jsonl",
            "--out",
            "viewfs://elsewhere/data/far",
            "--shard-tokens",
            "9000"
        };
        assertThat(Main.run(arguments)).isZero();
        assertThat(Main.run("prepare", input + "/a.jsonl", "--out", directory + "/near", "--shard-tokens", "9000"))
                .isZero();
        SortedMap<String, String> far = files("far");
        SortedMap<String, String> near = files("near");
        assertThat(far.get("manifest.json")).contains("viewfs://elsewhere/data/in/a.jsonl");
        assertThat(shards(far)).isEqualTo(shards(near)).hasSizeGreaterThan(3);
    }

    @Test
    void whatWasPreparedIsLeftAloneAndAnotherRequestRefused() throws IOException {
        assertThat(run("out", "--shard-tokens", "9000")).isZero();
        SortedMap<String, String> before = files("out");
        assertThat(run("out", "--shard-tokens", "9000")).isZero();
        assertThat(refusal(2, "out", "--shard-tokens", "9001")).contains("already holds shards of another request");
        assertThat(files("out")).isEqualTo(before);
    }

    @Test
    void whatAFailedJobLeftGoesWithTheNext() throws IOException {
        Path out = Files.createDirectories(directory.resolve("out"));
        Files.writeString(out.resolve("shard_train_000099.npy"), "of a job that failed");
        Files.writeString(out.resolve(".shard_train_000098.npy.7.tmp"), "of a lost executor");
        assertThat(refusal(2, "out")).contains("already holds shards of another request");
        Files.writeString(out.resolve("_unfinished"), "");
        assertThat(run("out")).isZero();
        assertThat(out).isDirectoryNotContaining("glob:**{99.npy,.tmp,_unfinished}");
    }

    @Test
    void whatATaskRefusesIsToldInTwoLines() throws IOException {
        Files.writeString(input.resolve("c.jsonl"), "{\"text\":\"sound\"}\nno JSON\n");
        assertThat(refusal(1, "out")).contains("error: " + input.resolve("c.jsonl") + " line 2 is not JSON", "hint: ");
        assertThat(run("out", "--skip-bad")).isZero();
        assertThat(Files.readString(directory.resolve("out/report.json"))).contains("\"unreadable\" : 1");
        Files.writeString(input.resolve("c.jsonl"), "{\"body\":\"elsewhere\"}\n");
        assertThat(refusal(2, "other")).contains("its keys are [body]");
        assertThat(refusal(2, "other", "--filters", "mine.yaml")).contains("the driver cannot read mine.yaml");
    }

    private static SortedMap<String, String> shards(SortedMap<String, String> files) {
        files.keySet().removeIf(name -> !name.endsWith(".npy"));
        return files;
    }

    private int run(String out, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "prepare", input.toString(), "--out", directory.resolve(out).toString()));
        arguments.addAll(List.of(options));
        return Main.run(arguments.toArray(String[]::new));
    }

    private String refusal(int code, String out, String... options) {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            int found = run(out, options);
            assertThat(found).as(() -> said.toString(StandardCharsets.UTF_8)).isEqualTo(code);
        } finally {
            System.setErr(before);
        }
        return said.toString(StandardCharsets.UTF_8);
    }

    private ShardManifest onOneMachine(String out, String filters, Dedup dedup, long shardTokens) {
        return Prepare.run(
                new PrepareRequest(
                        Sources.of(input, "text"),
                        directory.resolve(out),
                        Tokenizers.gpt2(),
                        "gpt2",
                        "shard",
                        shardTokens,
                        FilterFile.named(filters),
                        dedup,
                        Dedup.Scope.GLOBAL,
                        1,
                        OptionalLong.empty(),
                        BadRows.REFUSE,
                        Optional.empty(),
                        Optional.of(directory.resolve(out).resolve("report.html")),
                        Optional.empty()),
                Progress.silent());
    }

    private SortedMap<String, String> files(String out) throws IOException {
        SortedMap<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(directory.resolve(out))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(file.getFileName().toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return files;
    }
}
