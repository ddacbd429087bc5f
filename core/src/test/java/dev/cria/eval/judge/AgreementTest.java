package dev.cria.eval.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class AgreementTest {

    /** Krippendorff 2011, section C: four observers, twelve units, missing data; interval alpha .849. */
    @Test
    void agreesWithThePublishedExample() {
        List<List<Double>> units = Stream.of(
                        "1 1 1", "2 2 3 2", "3 3 3 3", "3 3 3 3", "2 2 2 2", "1 2 3 4", "4 4 4 4", "1 1 2 1", "2 2 2 2",
                        "5 5 5", "1 1", "3")
                .map(unit -> Arrays.stream(unit.split(" ")).map(Double::valueOf).toList())
                .toList();

        assertThat(Agreement.alpha(units).orElseThrow()).isCloseTo(0.849, within(0.0005));
    }

    @Test
    void fullAgreementIsOneAndContradictionIsBelowZero() {
        assertThat(Agreement.alpha(List.of(List.of(1.0, 1.0), List.of(9.0, 9.0))))
                .hasValue(1);
        assertThat(Agreement.alpha(List.of(List.of(1.0, 9.0), List.of(9.0, 1.0)))
                        .orElseThrow())
                .isNegative();
    }

    @Test
    void oneJudgeOrOneValueTellsNothing() {
        assertThat(Agreement.alpha(List.of(List.of(1.0), List.of(2.0)))).isEmpty();
        assertThat(Agreement.alpha(List.of(List.of(3.0, 3.0), List.of(3.0, 3.0))))
                .isEmpty();
    }

    @Test
    void isGivenForEachCriterion() {
        List<Judgement> judgements = List.of(
                judgement("a", "Ann", 3), judgement("a", "Bob", 3), judgement("b", "Ann", 8), judgement("b", "Bob", 8));

        assertThat(Agreement.of(judgements)).hasSize(6).allSatisfy((criterion, alpha) -> assertThat(alpha)
                .hasValue(1));
    }

    private static Judgement judgement(String passage, String judge, double score) {
        Map<Criterion, Double> scores = new EnumMap<>(Criterion.class);
        Arrays.stream(Criterion.values()).forEach(criterion -> scores.put(criterion, score));
        return new Judgement(new Passage(passage, "m", 0, "p", "t"), judge, new Scores(scores));
    }
}
