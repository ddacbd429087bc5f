package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.jerolba.carpet.CarpetWriter;
import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchmarkRowsTest {
    private static final String PIQA = """
        {"goal": "one", "sol1": "a", "sol2": "b", "label": 0}

        {"goal": "two", "sol1": "a", "sol2": "b", "label": 1}
        """;

    record Choices(List<String> text, List<String> label) {}

    record Arc(String id, String question, Choices choices, String answerKey) {}

    record Bool(String question, boolean answer, String passage, int label) {}

    @TempDir
    Path directory;

    @Test
    void readsJsonLinesAndSkipsBlankOnes() throws IOException {
        write("piqa_validation.jsonl", PIQA);

        List<Row> rows = BenchmarkRows.read(directory, Benchmark.PIQA, 0);

        assertThat(rows).extracting(row -> row.text("goal")).containsExactly("one", "two");
        assertThat(rows).extracting(Row::number).containsExactly(1, 3);
        assertThat(BenchmarkRows.read(directory, Benchmark.PIQA, 1)).hasSize(1);
    }

    @Test
    void readsNestedParquet() throws IOException {
        Path file = directory.resolve("arc_easy.parquet");
        try (var writer = new CarpetWriter<>(new FileOutputStream(file.toFile()), Arc.class)) {
            writer.write(new Arc("1", "Why?", new Choices(List.of("So", "🦊"), List.of("A", "B")), "B"));
            writer.write(new Arc("2", "Where?", new Choices(List.of("x", "y", "z"), List.of("1", "2", "3")), "1"));
        }

        assertThat(BenchmarkRows.read(directory, Benchmark.ARC_EASY, 0))
                .extracting(Benchmark.ARC_EASY::question)
                .containsExactly(
                        Question.of("Question: Why?\nAnswer:", List.of("So", "🦊"), 1),
                        Question.of("Question: Where?\nAnswer:", List.of("x", "y", "z"), 0));
        assertThat(BenchmarkRows.read(directory, Benchmark.ARC_EASY, 1)).hasSize(1);
    }

    @Test
    void joinsTheNumberedPartsOfAParquetFile() throws IOException {
        for (int part = 0; part < 2; part++) {
            Path file = directory.resolve("boolq-0000%d-of-00002.parquet".formatted(part));
            try (var writer = new CarpetWriter<>(new FileOutputStream(file.toFile()), Bool.class)) {
                writer.write(new Bool("is " + part, part == 1, "p", part));
            }
        }

        assertThat(BenchmarkRows.read(directory, Benchmark.BOOLQ, 0))
                .extracting(row -> Benchmark.BOOLQ.question(row).gold())
                .containsExactly(0, 1);
    }

    @Test
    void prefersTheFileThatIsNamedExactly() throws IOException {
        write("piqa.jsonl", PIQA);
        write("piqa_train.jsonl", "not read");

        assertThat(BenchmarkRows.read(directory, Benchmark.PIQA, 0)).hasSize(2);
    }

    @Test
    void refusesToChooseBetweenFiles() throws IOException {
        write("piqa_train.jsonl", PIQA);
        write("piqa_validation.jsonl", PIQA);

        assertThatThrownBy(() -> BenchmarkRows.read(directory, Benchmark.PIQA, 0))
                .isInstanceOf(RequestException.class)
                .hasMessage(directory + " has several files for piqa: piqa_train.jsonl, piqa_validation.jsonl");
    }

    @Test
    void refusesAnEmptyFileAndAMissingOne() throws IOException {
        write("piqa.jsonl", "\n");

        assertThatThrownBy(() -> BenchmarkRows.read(directory, Benchmark.PIQA, 0))
                .isInstanceOf(RequestException.class)
                .hasMessage(directory.resolve("piqa.jsonl") + " has no rows");
        assertThatThrownBy(() -> BenchmarkRows.read(directory, Benchmark.BOOLQ, 0))
                .isInstanceOf(RequestException.class)
                .hasMessage(directory + " has no rows of boolq");
        assertThatThrownBy(() -> BenchmarkRows.found(directory.resolve("nowhere")))
                .isInstanceOf(RequestException.class);
    }

    @Test
    void refusesALineThatIsNoObject() throws IOException {
        write("piqa.jsonl", PIQA + "{\"goal\": ");
        assertThatThrownBy(() -> BenchmarkRows.read(directory, Benchmark.PIQA, 0))
                .isInstanceOf(WorkException.class)
                .hasMessageStartingWith(directory.resolve("piqa.jsonl") + " line 4 is not JSON: ");

        write("piqa.jsonl", "[1]");
        assertThatThrownBy(() -> BenchmarkRows.read(directory, Benchmark.PIQA, 0))
                .hasMessage(directory.resolve("piqa.jsonl") + " line 1 is not a JSON object");
    }

    @Test
    void aByteOrderMarkIsSteppedOverAndInvalidUtf8IsNamedByItsLine() throws IOException {
        write("piqa.jsonl", "\uFEFF" + PIQA);
        int rows = BenchmarkRows.read(directory, Benchmark.PIQA, 0).size();
        assertThat(rows).isPositive();
        byte[] broken = (PIQA + PIQA).getBytes(StandardCharsets.UTF_8);
        broken[PIQA.length() + 12] = (byte) 0xFF;
        Files.write(directory.resolve("piqa.jsonl"), broken);
        long line = PIQA.lines().count() + 1;
        assertThatThrownBy(() -> BenchmarkRows.read(directory, Benchmark.PIQA, 0))
                .hasMessage(directory.resolve("piqa.jsonl") + " line " + line + " is not UTF-8");
    }

    @Test
    void compressedRowsAndArraysAreReadToo() throws IOException {
        write("piqa.jsonl", PIQA);
        int rows = BenchmarkRows.read(directory, Benchmark.PIQA, 0).size();
        Files.delete(directory.resolve("piqa.jsonl"));
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(directory.resolve("piqa-test.json.gz")))) {
            out.write(("["
                            + String.join(
                                    ",", PIQA.lines().filter(l -> !l.isBlank()).toList()) + "]")
                    .getBytes(StandardCharsets.UTF_8));
        }
        assertThat(BenchmarkRows.read(directory, Benchmark.PIQA, 0)).hasSize(rows);
    }

    @Test
    void aTornParquetFileIsDamagedData() throws IOException {
        write("piqa.parquet", "PAR1 and no more");

        assertThatThrownBy(() -> BenchmarkRows.read(directory, Benchmark.PIQA, 0))
                .isInstanceOf(WorkException.class);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }
}
