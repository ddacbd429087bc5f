package dev.cria.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchmarkTextsTest {
    @TempDir
    Path directory;

    @Test
    void everyStringOfEveryRowIsATextHoweverItIsNested() throws Exception {
        Files.writeString(
                directory.resolve("arc.jsonl"), "{\"q\": {\"stem\": [\"why\", null]}, \"n\": 3}\n\n{\"q\": \"how\"}\n");
        duckDb("SELECT 'a context' AS ctx, ['one ending', 'another'] AS endings, 2 AS label, "
                + "{'text': ['x'], 'label': ['A']} AS choices UNION ALL SELECT NULL, ['last'], 1, NULL");
        Files.writeString(directory.resolve("notes.txt"), "no benchmark");
        assertThat(BenchmarkTexts.read(directory))
                .isEqualTo(Map.of(
                        "arc",
                        List.of("why", "how"),
                        "hellaswag",
                        List.of("a context", "one ending", "another", "x", "A", "last")));
    }

    @Test
    void whatIsNoBenchmarkIsNamed() throws Exception {
        Path file = Files.writeString(directory.resolve("bad.jsonl"), "{\"q\": \n");
        assertThatThrownBy(() -> BenchmarkTexts.read(directory))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining(file + " line 1 is not JSON");
        Files.delete(file);
        Path parquet = Files.writeString(directory.resolve("bad.parquet"), "PAR1");
        assertThatThrownBy(() -> BenchmarkTexts.read(directory))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining(parquet + " is damaged");
        assertThatThrownBy(() -> BenchmarkTexts.read(directory.resolve("nowhere")))
                .isInstanceOf(RequestException.class);
    }

    private void duckDb(String query) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "COPY (" + query + ") TO '" + directory.resolve("hellaswag.parquet") + "' (FORMAT parquet)");
        }
    }
}
