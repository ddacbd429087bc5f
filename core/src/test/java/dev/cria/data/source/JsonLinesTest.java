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
import java.util.ArrayList;
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
                .hasMessageContaining("line 2 has no key 'text'; its keys are [body, id]");
        assertThat(refusal(rows.get(2))).hasMessageContaining("line 3 has a number under 'text'");
    }

    @Test
    void aLineThatIsNotJsonIsNamedByItsNumber() {
        for (String bad : List.of("{\"text\": \"a\"", "no json", "[1]", "{\"text\": \"a\"} {}", "\"text\"")) {
            List<Row> rows = rows("\n{\"text\": \"a\"}\n" + bad + "\n{\"text\": \"z\"}\n");
            assertThat(rows).hasSize(3);
            assertThat(refusal(rows.get(1)))
                    .as(bad)
                    .isInstanceOf(WorkException.class)
                    .hasMessageContaining("line 3 is ");
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
            assertThat(refusal(last)).isInstanceOf(WorkException.class).hasMessageContaining("it ends inside its ");
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

    @Test
    void anArrayIsReadElementByElementWhateverItsBlocks() throws IOException {
        StringBuilder array = new StringBuilder("\uFEFF [");
        int rows = 60_000;
        for (int i = 0; i < rows; i++) {
            array.append(i == 0 ? "\n" : ",\n")
                    .append("{\"x\": [{\"y\": \"]}\\\"\"}], \"text\": \"[{" + "word ".repeat(i % 29) + i + "\"}");
        }
        Path file = compressed("many.json.gz", (array + "\n]\n").getBytes(StandardCharsets.UTF_8));
        List<Row> read = Rows.of(file);
        assertThat(read).hasSize(rows);
        for (int i = 0; i < rows; i++) {
            assertThat(read.get(i).row()).isEqualTo(i);
            assertThat(((Row.Document) read.get(i)).text()).endsWith("" + i);
        }
    }

    @Test
    void anArrayThatBreaksOffOrGoesOnSaysSo() {
        assertThat(texts(rows("[{\"text\": \"a\"}, {\"text\": \"b\"}]"))).containsExactly("a", "b");
        assertThat(rows("[]")).isEmpty();
        assertThat(rows("[\n]\n\n")).isEmpty();
        for (String cut : List.of("[", "[{\"text\": \"a\"}", "[{\"text\": \"a\"},", "[{\"text\": \"a\"}, {\"te")) {
            Row last = rows(cut).getLast();
            assertThat(last.row()).isEqualTo(-1);
            assertThat(refusal(last)).hasMessageContaining("it ends inside the array that it begins with");
        }
        List<Row> more = rows("[{\"text\": \"a\"}]\n{\"text\": \"b\"}\n");
        assertThat(((Row.Document) more.getFirst()).text()).isEqualTo("a");
        assertThat(refusal(more.getLast())).hasMessageContaining("more follows the array's end, on line 2");
        List<Row> strings = rows("[\"a\",\n3, {\"text\": \"c\"}]");
        assertThat(refusal(strings.get(0))).hasMessageContaining("line 1 is a string, not an object");
        assertThat(refusal(strings.get(1))).hasMessageContaining("line 2 is a number, not an object");
        assertThat(((Row.Document) strings.get(2)).text()).isEqualTo("c");
    }

    @Test
    void indentedObjectsAreReadOneAfterTheOther() {
        List<Row> rows = rows("{\n  \"text\": \"a\"\n}\n{\n  \"text\": \"b {\"\n}\n");
        assertThat(texts(rows)).containsExactly("a", "b {");
        assertThat(refusal(rows("{\n \"text\": \"a\"\n}\n{\n \"te").getLast()))
                .hasMessageContaining("it ends inside the value that begins on line 4");
    }

    @Test
    void whatPythonWritesIsReadAndNumbersInStringsAreNumbers() {
        String deep = "[".repeat(5_000) + "]".repeat(5_000);
        List<Row> rows = rows("{\"text\": \"a\", \"x\": [NaN, Infinity, -Infinity], \"score\": NaN}\n"
                + "{\"text\": \"b\", \"x\": " + deep + ", \"n\": " + "9".repeat(3_000) + ", \"score\": \" 3.5e0 \"}\n"
                + "{\"text\": \"c\", \"" + "k".repeat(80_000) + "\": 1, \"score\": \"high\"}\n");
        assertThat(texts(rows)).containsExactly("a", "b", "c");
        assertThat(((Row.Document) rows.get(0)).score()).isEmpty();
        assertThat(((Row.Document) rows.get(1)).score()).hasValue(3.5);
        assertThat(((Row.Document) rows.get(2)).score()).isEmpty();
    }

    @Test
    void twoObjectsOnALineAndTooManyLevelsAreSaidInPlainWords() {
        List<Row> rows = rows("{\"text\": \"a\"}{\"text\": \"b\"}\n{\"text\": \"a\", \"x\": " + "[".repeat(20_000)
                + "\n{\"text\": a}\n{\"text\": \"z\"}\n");
        assertThat(refusal(rows.get(0)))
                .hasMessageEndingWith("line 1 is not JSON: more than one value, and each needs its own line");
        assertThat(refusal(rows.get(1)))
                .hasMessageEndingWith("line 2 is not JSON: it is nested deeper than 10000 levels");
        assertThat(refusal(rows.get(2))).hasMessageContaining("line 3 is not JSON: ");
        assertThat(((Row.Document) rows.get(3)).text()).isEqualTo("z");
    }

    @Test
    void aDocumentLongerThanAllowedIsNamedWithItsLengthAndTheOthersAreRead() throws IOException {
        Reading reading = new Reading("text", 3_000_000);
        String big = "{\"text\":\"" + "a".repeat(9_000_000) + "\"}";
        for (String content : List.of(
                "{\"text\":\"x\"}\n" + big + "\n{\"text\":\"y\"}\n",
                "[{\"text\":\"x\"},\n" + big + ",{\"text\":\"y\"}]")) {
            List<Row> rows = new ArrayList<>();
            try (Blocks blocks =
                    DocumentFile.open("a.jsonl", new InMemory(content.getBytes(StandardCharsets.UTF_8)), reading)) {
                while (blocks.hasNext()) {
                    blocks.next().reader().read(rows::add);
                }
            }
            assertThat(rows).extracting(Row::row).containsExactly(0L, 1L, 2L);
            assertThat(refusal(rows.get(1)))
                    .hasMessage(
                            "a.jsonl line 2 has " + big.length() + " bytes, more than --max-document-bytes 3000000");
            assertThat(((Row.Document) rows.get(2)).text()).isEqualTo("y");
        }
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
