package dev.cria.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import dev.cria.data.ShardManifest;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.filter.FilterChain;
import dev.cria.data.source.Sources;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A file of FineWeb-Edu's schema that another program wrote, with all that real ones have come with. */
final class ForeignParquetTest {
    private static final Tokenizer GPT2 = Tokenizers.gpt2();

    @TempDir
    Path directory;

    @Test
    void nullsEmptyTextsTenMegabytesAndBrokenCharactersAreHandledAndCounted() throws Exception {
        String digits = "0123456789".repeat(1_000_000);
        Path file = duckDb("""
            SELECT CASE i WHEN 0 THEN 'plain'::BLOB WHEN 2 THEN ''::BLOB WHEN 3 THEN repeat('0123456789', 1000000)::BLOB
            WHEN 4 THEN '\\x61\\xC3\\x62'::BLOB WHEN 5 THEN 'the end'::BLOB END AS text,
            '<urn:uuid:' || i || '>' AS id, 'CC-MAIN-2024-10' AS dump, 'http://a/' || i AS url, 's3://a' AS file_path,
            'en' AS language, 0.97::DOUBLE AS language_score, i AS token_count, 3.5::DOUBLE AS score,
            4::BIGINT AS int_score FROM range(6) t(i) ORDER BY i
            """);
        ShardManifest manifest = Prepare.run(request(file), Progress.silent());
        assertThat(manifest.documents()).isEqualTo(6);
        assertThat(manifest.keptDocuments()).isEqualTo(5);
        assertThat(manifest.keptBytes()).isEqualTo(5 + digits.length() + "a\uFFFDb".getBytes("UTF-8").length + 7);
        JsonNode report = new JsonMapper().readTree(Files.readString(directory.resolve("report.json")));
        assertThat(report.at("/dropped/no_text").asInt()).isEqualTo(1);
        assertThat(report.at("/empty_texts").asInt()).isEqualTo(1);
        assertThat(report.at("/repaired_texts").asInt()).isEqualTo(1);
        assertThat(text()).isEqualTo(List.of("plain", "", digits, "a\uFFFDb", "the end"));
    }

    private List<String> text() {
        try (Shards shards = Shards.open(directory.resolve("out"))) {
            StringBuilder all = new StringBuilder();
            for (Split split : List.of(Split.VALIDATION, Split.TRAIN)) {
                shards.of(split)
                        .forEach(s -> all.append(GPT2.decode(IntStream.range(0, (int) s.length())
                                .map(i -> s.tokens().tokenAt(i))
                                .toArray())));
            }
            List<String> texts = new ArrayList<>(List.of(all.toString().split("<\\|endoftext\\|>", -1)));
            assertThat(texts.removeFirst()).isEmpty();
            return texts;
        }
    }

    private PrepareRequest request(Path file) {
        return new PrepareRequest(
                Sources.find(List.of(file.toString()), "text"),
                directory.resolve("out"),
                GPT2,
                "gpt2",
                "t",
                100_000_000,
                FilterChain.NONE,
                Dedup.NONE,
                Dedup.Scope.GLOBAL,
                2,
                OptionalLong.empty(),
                BadRows.REFUSE,
                Optional.empty(),
                Optional.of(directory.resolve("report.html")),
                Optional.empty());
    }

    private Path duckDb(String query) throws Exception {
        Path file = directory.resolve("foreign.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (" + query + ") TO '" + file + "' (FORMAT parquet, COMPRESSION zstd)");
        }
        return file;
    }
}
