package dev.cria.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JsonLinesTest {
    @TempDir
    Path directory;

    @Test
    void readsTextIdDumpAndScoreAndStepsOverTheRest() {
        List<Row> rows = rows("{\"x\": {\"text\": [1]}, \"id\": 7, \"text\": \"a\\n"
                + "b\", \"dump\": \"CC-1\", \"score\": 2.5, \"y\": []}\n");
        Row.Document document = (Row.Document) rows.getFirst();
        assertThat(document.text()).isEqualTo("a\nb");
        assertThat(document.id()).hasValue("7");
        assertThat(document.dump()).hasValue("CC-1");
        assertThat(document.score()).hasValue(2.5);
        assertThat(document.row()).isZero();
        assertThat(document.encoding()).isEqualTo(Row.Encoding.SOUND);
    }

    @Test
    void blankLinesCarriageReturnsAByteOrderMarkAndAMissingLastNewlineAreNothingSpecial() {
        List<Row> rows = rows("\uFEFF{\"text\":\"a\"}\r\n\r\n \n{\"text\":\"\"}\r\n{\"text\":\"c\u2028d\"}");
        assertThat(texts(rows)).containsExactly("a", "", "c\u2028d");
        assertThat(rows).extracting(Row::row).containsExactly(0L, 1L, 2L);
    }

    @Test
    void aNullTextIsNoErrorAndAMissingOneNamesTheKeys() {
        List<Row> rows = rows("{\"text\": null, \"id\": \"a\"}\n{\"body\": \"b\", \"id\": \"b\"}\n{\"text\": 3}\n");
        assertThat(rows.get(0)).isInstanceOf(Row.WithoutText.class);
        assertThat(refusal(rows.get(1)))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("line 2 has no text under 'text'; its keys are [body, id]");
        assertThat(refusal(rows.get(2))).hasMessageContaining("line 3 has no text under 'text'");
    }

    @Test
    void aLineThatIsNotJsonIsNamedByItsNumber() {
        for (String bad : List.of("{\"text\": \"a\"", "no json", "[1]", "{\"text\": \"a\"} {}", "\"text\"")) {
            List<Row> rows = rows("\n{\"text\": \"a\"}\n" + bad + "\n{\"text\": \"z\"}\n");
            assertThat(rows).hasSize(3);
            assertThat(refusal(rows.get(1)))
                    .as(bad)
                    .isInstanceOf(WorkException.class)
                    .hasMessageContaining("line 3 is not JSON");
            assertThat(rows.get(1).row()).isEqualTo(1);
            assertThat(((Row.Document) rows.get(2)).text()).isEqualTo("z");
        }
    }

    @Test
    void brokenUtf8AndHalfPairsAreRepairedAndSaidToBe() throws IOException {
        byte[] bytes = "{\"text\":\"a?b\"}\n{\"text\":\"x\\ud800y\"}\n{\"text\":\"\uFFFD\\ud83d\\ude00\"}\n"
                .getBytes(StandardCharsets.UTF_8);
        bytes[10] = (byte) 0xFF;
        Path file = Files.write(directory.resolve("a.jsonl"), bytes);
        List<Row> rows = Rows.of(file);
        assertThat(texts(rows)).containsExactly("a\uFFFDb", "x\uFFFDy", "\uFFFD\uD83D\uDE00");
        assertThat(rows)
                .extracting(r -> ((Row.Document) r).encoding())
                .containsExactly(Row.Encoding.REPAIRED, Row.Encoding.REPAIRED, Row.Encoding.SOUND);
    }

    @Test
    void blocksCutAtLineEndsLoseNoRowAndKeepTheCount() throws IOException {
        StringBuilder lines = new StringBuilder();
        int rows = 30_000;
        for (int i = 0; i < rows; i++) {
            lines.append("{\"text\":\"")
                    .append("word ".repeat(i % 57))
                    .append(i)
                    .append("\"}\n");
            lines.append(i % 10 == 0 ? "\n" : "");
        }
        for (String ending : List.of("", ".gz", ".zst")) {
            Path file = compressed("many.jsonl" + ending, lines.toString().getBytes(StandardCharsets.UTF_8));
            List<Row> read = Rows.of(file);
            assertThat(read).hasSize(rows);
            for (int i = 0; i < rows; i++) {
                assertThat(read.get(i).row()).isEqualTo(i);
                assertThat(((Row.Document) read.get(i)).text()).endsWith("" + i);
            }
            try (Blocks blocks = Rows.blocks(file)) {
                blocks.next();
                assertThat(blocks.hasNext()).as("several blocks").isTrue();
            }
        }
    }

    @Test
    void aDocumentOfTenMegabytesIsReadWhole() throws IOException {
        String text = "0123456789".repeat(1_000_000);
        Path file = compressed(
                "big.jsonl",
                ("{\"text\":\"a\"}\n{\"text\":\"" + text + "\"}\n{\"text\":\"z\"}\n").getBytes(StandardCharsets.UTF_8));
        assertThat(texts(Rows.of(file))).containsExactly("a", text, "z");
    }

    @Test
    void aHalfFileGivesWhatIsThereAndThenSaysSo() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            lines.append("{\"text\":\"number ").append(i * 0x9E3779B97F4A7C15L).append("\"}\n");
        }
        for (String ending : List.of(".gz", ".zst")) {
            byte[] whole = Files.readAllBytes(
                    compressed("whole.jsonl" + ending, lines.toString().getBytes(StandardCharsets.UTF_8)));
            Path half = Files.write(directory.resolve("half.jsonl" + ending), Arrays.copyOf(whole, whole.length / 2));
            List<Row> rows = Rows.of(half);
            assertThat(rows.size()).isBetween(1_000, 19_000);
            Row last = rows.getLast();
            assertThat(last.row()).isEqualTo(-1);
            assertThat(refusal(last)).isInstanceOf(WorkException.class).hasMessageContaining("breaks off after");
            assertThat(((Row.Document) rows.getFirst()).text()).isEqualTo("number 0");
        }
        Path none = Files.writeString(directory.resolve("none.jsonl.gz"), "not gzip at all");
        assertThat(Rows.of(none)).singleElement().isInstanceOf(Row.Unreadable.class);
    }

    @Test
    void membersOfAGzipInARowAreOneFileWhereverTheirEndsFall() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int members = 3_000;
        for (int i = 0; i < members; i++) {
            // Lengths that differ, so that some member ends exactly where a reader's buffer does.
            String line = "{\"text\":\"" + "x".repeat(i % 97) + i + "\"}\n";
            try (GZIPOutputStream gzip = new GZIPOutputStream(all)) {
                gzip.write(line.getBytes(StandardCharsets.UTF_8));
            }
        }
        Path file = Files.write(directory.resolve("members.jsonl.gz"), all.toByteArray());
        assertThat(Rows.of(file)).hasSize(members);
    }

    private Path compressed(String name, byte[] bytes) throws IOException {
        byte[] content = bytes;
        if (name.endsWith(".gz")) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                gzip.write(bytes);
            }
            content = out.toByteArray();
        } else if (name.endsWith(".zst")) {
            content = Zstd.compress(bytes);
        }
        return Files.write(directory.resolve(name), content);
    }

    private List<Row> rows(String lines) {
        try {
            return Rows.of(Files.writeString(directory.resolve("a.jsonl"), lines));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static RuntimeException refusal(Row row) {
        return ((Row.Unreadable) row).refusal();
    }

    private static List<String> texts(List<Row> rows) {
        return rows.stream().map(r -> ((Row.Document) r).text()).toList();
    }
}
