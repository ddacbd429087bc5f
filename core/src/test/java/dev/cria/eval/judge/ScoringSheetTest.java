package dev.cria.eval.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.Csv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ScoringSheetTest {
    private static final String HEADER = "rater,id,coherence,fluency,relevance,factual_accuracy,depth,creativity\r\n";
    private static final List<Passage> PASSAGES = IntStream.range(0, 20)
            .mapToObj(i -> new Passage("p" + i, "runs/secret", i, "Prompt, \"" + i + "\"", " text\nof " + i))
            .toList();

    @TempDir
    Path directory;

    private ScoringSheet sheet;
    private Path page;
    private Path table;

    @BeforeEach
    void write() {
        sheet = ScoringSheet.beside(directory.resolve("judged.jsonl"));
        sheet.write(PASSAGES, 7);
        page = directory.resolve("judged.sheet.html");
        table = directory.resolve("judged.sheet.csv");
    }

    @Test
    void isBlindAndShuffled() throws IOException {
        assertThat(sheet.files()).allMatch(Files::exists);
        for (Path file : List.of(page, table)) {
            assertThat(Files.readString(file)).doesNotContain("secret").doesNotContain("\"p1\"");
        }
        List<String> texts = Csv.read("sheet.csv", Files.readString(table)).stream()
                .skip(1)
                .map(row -> row.get(3))
                .toList();
        assertThat(texts)
                .hasSize(20)
                .isNotEqualTo(PASSAGES.stream().map(Passage::text).toList());
        assertThat(texts)
                .containsExactlyInAnyOrderElementsOf(
                        PASSAGES.stream().map(Passage::text).toList());
    }

    @Test
    void thePageStandsAloneAndATextCannotLeaveItsPlace() throws IOException {
        sheet.write(List.of(new Passage("1", "m", 0, "</script><script>alert(1)//", "<!-- & \u2028")), 1);

        assertThat(Files.readString(page))
                .doesNotContain("<script>alert")
                .contains("\\u003c/script\\u003e", "--ink: #1b2230")
                .doesNotContain("{{")
                .doesNotContainPattern("(src|href)=\"?http");
    }

    @Test
    void scoresFindTheirPassagesAgain() throws IOException {
        StringBuilder filled = new StringBuilder(HEADER);
        for (List<String> row : Csv.read("sheet.csv", Files.readString(table)).subList(1, 21)) {
            // The text says which passage it is; its number is the coherence given.
            String number = row.get(3).strip().split(" ")[1];
            filled.append("Ann,%s,%s,1,2,3,4,5\r\n".formatted(row.get(1), Integer.parseInt(number) % 11));
        }
        Path scores = Files.writeString(directory.resolve("ann.csv"), filled);

        List<Judgement> judgements = sheet.read(scores);

        assertThat(judgements).hasSize(20).allSatisfy(judgement -> {
            assertThat(judgement.judge()).isEqualTo("Ann");
            assertThat(judgement.scores().values().get(Criterion.COHERENCE))
                    .isEqualTo(judgement.passage().step() % 11);
        });
    }

    @Test
    void readsWhatSpreadsheetsMakeOfIt() throws IOException {
        Path scores = Files.writeString(
                directory.resolve("bob.csv"),
                "\uFEFFid;text;coherence;fluency;relevance;factual_accuracy;depth;creativity;rater\n"
                        + "7;\"a; \"\"b\"\"\nc\";1;2;3;4,5;5;10;\n\n8;;;;;;;;\n");

        assertThat(sheet.read(scores)).singleElement().satisfies(judgement -> {
            assertThat(judgement.judge()).isEqualTo("bob.csv");
            assertThat(judgement.scores().values()).containsEntry(Criterion.FACTUAL_ACCURACY, 4.5);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Ann,021,1,1,1,1,1,1 | row 1: there is no passage 021 in the key",
                "Ann,x,1,1,1,1,1,1 | row 1: there is no passage x in the key",
                "Ann,001,11,1,1,1,1,1 | row 1: coherence is \"11\", not 0 to 10",
                "Ann,001,1,1,1,1,1, | row 1: creativity is \"\", not 0 to 10",
                "Ann,001,1,good,1,1,1,1 | row 1: fluency is \"good\", not 0 to 10",
                "Ann,001,-1,1,1,1,1,1 | row 1: coherence is \"-1\", not 0 to 10",
                "Ann,001,null,null,null,null,null,null | row 1: coherence is \"null\", not 0 to 10",
                "null,null,1,1,1,1,1,1 | row 1: there is no passage null in the key"
            })
    void refusesWhatIsNoScoreOfAPassage(String line, String why) throws IOException {
        Path scores = Files.writeString(directory.resolve("s.csv"), HEADER + line + "\r\n");

        assertThatThrownBy(() -> sheet.read(scores))
                .isInstanceOf(RequestException.class)
                .hasMessage(scores + ", " + why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "model", "prompt", "text"})
    void refusesAKeyWithANullInIt(String field) throws IOException {
        Path key = directory.resolve("judged.key.jsonl");
        Files.writeString(
                key,
                Files.readString(key).replaceFirst("\"" + field + "\":\"(\\\\.|[^\"])*\"", "\"" + field + "\":null"));
        Path scores = Files.writeString(directory.resolve("s.csv"), HEADER + "Ann,001,1,1,1,1,1,1\r\n");

        assertThatThrownBy(() -> sheet.read(scores))
                .isInstanceOf(WorkException.class)
                .hasMessage(key + " is damaged: a passage has no text " + field);
    }

    @Test
    void refusesAKeyWhoseNumberOrPassageIsNull() throws IOException {
        Path scores = Files.writeString(directory.resolve("s.csv"), HEADER + "Ann,001,1,1,1,1,1,1\r\n");
        Path key = directory.resolve("judged.key.jsonl");
        String whole = Files.readString(key);
        Files.writeString(key, whole.replace("\"number\":\"001\"", "\"number\":null"));
        assertThatThrownBy(() -> sheet.read(scores)).hasMessage(scores + ", row 1: there is no passage 001 in the key");
        for (String line : List.of("{\"number\":\"001\",\"passage\":null}", "null", "[]")) {
            Files.writeString(key, line + "\n");
            assertThatThrownBy(() -> sheet.read(scores))
                    .isInstanceOf(WorkException.class)
                    .hasMessage(key + " is damaged: a passage has no text id");
        }
    }

    @Test
    void refusesATableWithoutScores() throws IOException {
        assertThatThrownBy(() -> sheet.read(table)).hasMessage(table + " holds no scores");
        Path other = Files.writeString(directory.resolve("o.csv"), "a,b\n1,2\n");
        assertThatThrownBy(() -> sheet.read(other)).hasMessage(other + " has no column id");
    }

    @Test
    void aTextIsNoFormulaInASpreadsheet() {
        assertThat(Csv.spreadsheetLine(List.of("=1+1", "a\"b"))).isEqualTo("\"'=1+1\",\"a\"\"b\"\r\n");
    }
}
