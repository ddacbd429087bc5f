package dev.cria.eval.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class JudgedPassagesTest {
    private static final Passage FIRST = new Passage("1", "runs/a", 100, "A", " b c b c b c");
    private static final Passage SECOND = new Passage("2", "runs/a", 200, "A", " d");

    @TempDir
    Path directory;

    @Test
    void writesALineForEachJudgementAndOneForAPassageWithoutAny() throws IOException {
        Path out = directory.resolve("judged.jsonl");
        new JudgedPassages(
                        List.of(FIRST, SECOND),
                        List.of(judgement(FIRST, "Ann", 4), judgement(FIRST, "Bob", 6)),
                        Map.of("1", 12.5))
                .write(out);

        List<JsonNode> lines = Files.readAllLines(out).stream()
                .map(JsonMapper.shared()::readTree)
                .toList();
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1).get("judge").stringValue()).isEqualTo("Bob");
        assertThat(lines.get(1).at("/scores/factual_accuracy").doubleValue()).isEqualTo(6);
        assertThat(lines.get(1).get("perplexity").doubleValue()).isEqualTo(12.5);
        assertThat(lines.get(2).get("step").longValue()).isEqualTo(200);
        assertThat(lines.get(2).has("scores")).isFalse();
        assertThat(lines.get(2).has("perplexity")).isFalse();
    }

    @Test
    void readsBackWhatItWrote() {
        Path out = directory.resolve("judged.jsonl");
        var judged = new JudgedPassages(
                List.of(FIRST, SECOND),
                List.of(judgement(FIRST, "Ann", 4), judgement(FIRST, "Bob", 6)),
                Map.of("1", 12.5));
        judged.write(out);

        assertThat(JudgedPassages.read(out)).contains(judged);
        assertThat(JudgedPassages.read(directory.resolve("none"))).isEmpty();
    }

    @Test
    void aJudgeWhoJudgesAgainReplacesTheFormerJudgement() {
        var judged = new JudgedPassages(
                List.of(FIRST, SECOND), List.of(judgement(FIRST, "Ann", 4), judgement(FIRST, "Bob", 6)), Map.of());

        assertThat(judged.with(List.of(judgement(FIRST, "Ann", 9), judgement(SECOND, "Ann", 1)))
                        .judgements())
                .extracting(j -> j.judge() + j.passage().id() + " " + j.scores().average())
                .containsExactly("Bob1 6.0", "Ann1 9.0", "Ann2 1.0");
    }

    @Test
    void theTableAveragesOverPassagesAndJudges() {
        String table = new JudgedPassages(
                        List.of(FIRST, SECOND),
                        List.of(judgement(FIRST, "Ann", 4), judgement(FIRST, "Bob", 6)),
                        Map.of())
                .table();

        assertThat(table.lines().skip(2))
                .containsExactly(
                        "|    100 |   5.00 |    5.00 |   5.00 |    5.00 |  5.00 |   5.00 |    5.00 |       0.40 |     "
                                + "  0.33 |            | runs/a |",
                        "|    200 |        |         |        |         |       |        |         |       1.00 |     "
                                + "  0.00 |            | runs/a |");
    }

    @Test
    void measuresCountWords() {
        TextMeasures measures = TextMeasures.of(" a b a b a b\n");

        assertThat(measures.words()).isEqualTo(6);
        assertThat(measures.distinct1()).isCloseTo(2 / 6.0, within(1e-15));
        assertThat(measures.distinct2()).isCloseTo(2 / 5.0, within(1e-15));
        assertThat(measures.repetition()).as("abab baba abab").isCloseTo(1 / 3.0, within(1e-15));
        assertThat(TextMeasures.of("  ")).isEqualTo(new TextMeasures(0, 1, 1, 0));
    }

    @Test
    void refusesAScoreOutsideItsRange() {
        assertThatThrownBy(() -> judgement(FIRST, "x", 10.5)).hasMessage("coherence is 10.5, not 0 to 10");
        assertThatThrownBy(() -> judgement(FIRST, "x", Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Judgement judgement(Passage passage, String judge, double score) {
        Map<Criterion, Double> scores = new EnumMap<>(Criterion.class);
        Arrays.stream(Criterion.values()).forEach(criterion -> scores.put(criterion, score));
        return new Judgement(passage, judge, new Scores(scores));
    }
}
