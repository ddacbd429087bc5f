package dev.cria.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parquet files that another program wrote, in FineWeb-Edu's schema. */
final class DuckDbParquetTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "snappy", "gzip", "uncompressed"})
    void readsWhatDuckDbWrites(String codec) throws Exception {
        Path file = write("""
            SELECT CASE WHEN i % 100 = 7 THEN NULL WHEN i % 100 = 8 THEN '' ELSE repeat('wörd ', i % 50) || i END
            AS text, '<urn:uuid:' || i || '>' AS id, 'CC-MAIN-2024-' || (i % 3) AS dump, 'http://a/' || i AS url,
            's3://a' AS file_path, 'en' AS language, 0.97::DOUBLE AS language_score, i AS token_count,
            (i % 50) / 10.0::DOUBLE AS score, (i % 5)::BIGINT AS int_score FROM range(30000) t(i)
            """, codec);
        List<Row> rows = Rows.of(file);
        assertThat(rows).hasSize(30_000);
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            assertThat(row.row()).isEqualTo(i);
            assertThat(row.id()).hasValue("<urn:uuid:" + i + ">");
            if (i % 100 == 7) {
                assertThat(row).isInstanceOf(Row.WithoutText.class);
                continue;
            }
            Row.Document document = (Row.Document) row;
            assertThat(document.text()).isEqualTo(i % 100 == 8 ? "" : "wörd ".repeat(i % 50) + i);
            assertThat(document.dump()).hasValue("CC-MAIN-2024-" + i % 3);
            assertThat(document.score().orElseThrow()).isEqualTo(i % 50 / 10.0);
        }
    }

    @Test
    void readsATextOfTenMegabytes() throws Exception {
        Path file = write("SELECT repeat('0123456789', 1000000) AS text, 1.0::FLOAT AS score", "zstd");
        Row.Document document = (Row.Document) Rows.of(file).getFirst();
        assertThat(document.text()).hasSize(10_000_000).endsWith("0123456789");
        assertThat(document.score()).hasValue(1.0);
    }

    private Path write(String query, String codec) throws Exception {
        Path file = directory.resolve("duck.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (" + query + ") TO '" + file + "' (FORMAT parquet, COMPRESSION " + codec
                    + ", ROW_GROUP_SIZE 5000)");
        }
        return file;
    }
}
