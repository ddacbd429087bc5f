package dev.cria.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.eval.DocumentScore;
import dev.cria.eval.Question;
import dev.cria.eval.Question.Choice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Series whose truth is known: what the onset is found to be, and what is found where nothing was learned. */
final class LearningTest {
    private static final int CHECKPOINTS = 60;
    private static final int FACTS = 400;
    private static final int BYTES = 6;

    /** Of a choice's log-likelihood a byte, in bits; neighbours go together with 0.5. */
    private static final double NOISE = 0.08;

    private final SplittableRandom random = new SplittableRandom(20251118);

    @Test
    void theOnsetIsFoundWithinOneCheckpointAndNothingWhereNothingWasTold() {
        List<Margins> questions = new ArrayList<>();
        int[] told = new int[FACTS];
        for (int i = 0; i < FACTS; i++) {
            int from = random.nextInt(4, CHECKPOINTS - 8);
            double slowness = random.nextDouble(0.7, 3);
            told[i] = from;
            questions.add(question(i, t -> t < from ? 0 : 1.4 * (1 - Math.exp(-(t - from + 1) / slowness))));
        }
        for (int i = 0; i < FACTS; i++) {
            questions.add(question(FACTS + i, _ -> 0));
        }
        double threshold = Learning.threshold(questions);
        List<Learning> found = IntStream.range(0, questions.size())
                .mapToObj(i -> Learning.of(questions.get(i), threshold, i))
                .toList();

        long learned = IntStream.range(0, FACTS)
                .filter(i -> found.get(i).outcome() == Learning.Outcome.LEARNED)
                .count();
        long near = IntStream.range(0, FACTS)
                .filter(i -> found.get(i)
                        .onset()
                        .filter(onset -> Math.abs(onset.place() - told[i]) <= 1)
                        .isPresent())
                .count();
        long covered = IntStream.range(0, FACTS)
                .filter(i -> found.get(i)
                        .onset()
                        .filter(onset -> onset.low() - 1 <= told[i] && told[i] <= onset.high() + 1)
                        .isPresent())
                .count();
        long invented = found.subList(FACTS, 2 * FACTS).stream()
                .filter(learning -> learning.onset().isPresent())
                .count();
        assertThat(learned).isGreaterThanOrEqualTo(FACTS * 98 / 100);
        assertThat(near).isGreaterThanOrEqualTo(FACTS * 95 / 100);
        assertThat(covered).isGreaterThanOrEqualTo(FACTS * 95 / 100);
        assertThat(invented).isLessThanOrEqualTo(FACTS * 5 / 100);
    }

    @Test
    void whatIsToldAndNeverAgainIsForgottenAfterItWasLearned() {
        List<Margins> questions = new ArrayList<>();
        for (int i = 0; i < FACTS; i++) {
            int from = 5 + i % 20;
            questions.add(question(i, t -> t < from ? 0 : t < from + 10 ? 1.4 : 1.4 * Math.exp(-(t - from - 9) / 4.0)));
        }
        double threshold = Learning.threshold(questions);
        List<Learning> found = questions.stream()
                .map(question -> Learning.of(question, threshold, 1))
                .toList();
        assertThat(found.stream().filter(learning -> learning.outcome() == Learning.Outcome.FORGOTTEN))
                .hasSizeGreaterThanOrEqualTo(FACTS * 95 / 100);
        assertThat(IntStream.range(0, FACTS).filter(i -> found.get(i)
                        .lost()
                        .filter(lost -> lost >= 5 + i % 20 + 7 && lost <= 5 + i % 20 + 14)
                        .isPresent()))
                .hasSizeGreaterThanOrEqualTo(FACTS * 95 / 100);
    }

    @Test
    void aRiseIsFittedExactlyAndOnlyUpwards() {
        double[] line = {1, 1, 1, 2, 3, 4, 4, 4};
        Rise rise = Rise.fit(line, line.length).orElseThrow();
        assertThat(rise.start()).isEqualTo(2);
        assertThat(rise.shape()).isEqualTo(new Rise.Shape.Line(3));
        assertThat(rise.before()).isCloseTo(1, within(1e-9));
        assertThat(rise.after()).isCloseTo(4, within(1e-9));
        assertThat(rise.error()).isLessThan(1e-6);
        double[] slow = IntStream.range(0, 20)
                .mapToDouble(i -> i <= 4 ? -1 : 2 - 3 * Math.exp(-(i - 4) / 3.0))
                .toArray();
        Rise approach = Rise.fit(slow, slow.length).orElseThrow();
        assertThat(approach.start()).isEqualTo(4);
        assertThat(approach.shape()).isEqualTo(new Rise.Shape.Approach(3));
        assertThat(approach.at(3)).isCloseTo(-1, within(1e-9));
        assertThat(approach.at(10)).isCloseTo(slow[10], within(1e-9));
        double[] down = Arrays.stream(line).map(v -> -v).toArray();
        assertThat(Rise.fit(down, down.length)).isEmpty();
        assertThat(Rise.fit(line, 2)).isEmpty();
    }

    /** Four choices of levels of their own; the right one is lower than the best wrong one, and rises as it is told. */
    private Margins question(int document, IntToDoubleFunction rise) {
        double[][] perByte = new double[4][CHECKPOINTS];
        for (int choice = 0; choice < 4; choice++) {
            double level = (choice == 0 ? -2.8 : -2.5) + 0.2 * random.nextGaussian();
            double noise = 0;
            for (int t = 0; t < CHECKPOINTS; t++) {
                noise = 0.5 * noise + NOISE * Math.sqrt(0.75) * random.nextGaussian();
                perByte[choice][t] = level + noise + (choice == 0 ? rise.applyAsDouble(t) : 0);
            }
        }
        List<DocumentScore> scores = IntStream.range(0, CHECKPOINTS)
                .mapToObj(t -> score(
                        document,
                        Arrays.stream(perByte).map(choice -> choice[t]).toList()))
                .toList();
        return Margins.of(scores, 0, new AnswerPriors(List.of(), List.of()));
    }

    /** @param perByte of each choice, in bits */
    private static DocumentScore score(int document, List<Double> perByte) {
        List<Integer> bytes = perByte.stream().map(_ -> BYTES).toList();
        return new DocumentScore(
                document,
                0,
                perByte.stream().map(bits -> bits * BYTES * Math.log(2)).toList(),
                bytes,
                bytes);
    }

    @Test
    void whatRaisesAnAnswerInEveryQuestionIsNoMarginOfTheQuestion() {
        List<Question> texts = new ArrayList<>();
        List<List<DocumentScore>> scores = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            boolean learned = i == 10;
            String asked = "Is it so " + i + "?";
            Choice yes = new Choice(asked, " yes", 3);
            Choice no = new Choice(asked, " no", 2);
            texts.add(new Question(i % 2 == 0 ? List.of(yes, no) : List.of(no, yes), 0));
            // Yes rises by 1 a checkpoint everywhere; one question is learned at the third.
            scores.add(IntStream.range(0, 4)
                    .mapToObj(t -> List.of(-9.0 + t + (learned && t >= 2 ? 3 : 0), -7.0))
                    .map(bits -> score(0, texts.size() % 2 == 1 ? bits : bits.reversed()))
                    .toList());
        }
        AnswerPriors priors =
                new AnswerPriors(texts, scores.stream().map(Margins::perByte).toList());
        Margins known = Margins.of(scores.get(10), 10, priors);
        assertThat(known.plain()).usingComparatorWithPrecision(1e-9).containsExactly(-2d, -1d, 3d, 4d);
        assertThat(known.own()).usingComparatorWithPrecision(1e-9).containsExactly(0d, 0d, 3d, 3d);
        assertThat(Margins.of(scores.getFirst(), 0, priors).own())
                .usingComparatorWithPrecision(1e-9)
                .containsExactly(0d, 0d, 0d, 0d);
    }
}
