package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.eval.NgramBaselines.Losses;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NgramBaselinesTest {

    @ParameterizedTest
    @ValueSource(ints = {3, 13, 207, 5000})
    void everyModelSumsToOneAfterEveryContext(int length) {
        int vocabulary = 11;
        NgramBaselines models = NgramBaselines.fit(vocabulary, stream(length, vocabulary - 1, 1));

        assertThat(sum(vocabulary, models::unigram)).isCloseTo(1, within(1e-12));
        for (int b = 0; b < vocabulary; b++) {
            int context = b;
            assertThat(sum(vocabulary, c -> models.bigram(context, c))).isCloseTo(1, within(1e-12));
            for (int a = 0; a < vocabulary; a++) {
                int before = a;
                assertThat(sum(vocabulary, c -> models.trigram(before, context, c)))
                        .as("after %d %d", a, b)
                        .isCloseTo(1, within(1e-12));
            }
        }
    }

    /** Worked out by hand from the definition, for the stream a b c a b d a b c. */
    @Test
    void aSmallStreamHasTheProbabilitiesOfTheDefinition() {
        int a = 0;
        int b = 1;
        int c = 2;
        int d = 3;
        NgramBaselines models = NgramBaselines.fit(4, new int[] {a, b, c, a, b, d, a, b, c});

        // Counts ab 3, bc 2, ca 1, bd 1, da 1: D2 = 3 / (3 + 2·1). Preceders a 2, b 1, c 1, d 1: D1 = 3 / (3 + 2).
        double p1c = (1 - 0.6 + 0.6 * 4 / 4) / 5;
        assertThat(models.bigram(b, c)).isCloseTo((2 - 0.6 + 0.6 * 2 * p1c) / 3, within(1e-12));
        // abc 2, bca 1, cab 1, abd 1, bda 1, dab 1: D3 = 5 / 7. Preceders of ab 2, bc 1, bd 1, ca 1, da 1: D = 4 / 6.
        double middle = (1 - 2 / 3.0 + 2 / 3.0 * 2 * p1c) / 2;
        assertThat(models.trigram(a, b, c)).isCloseTo((2 - 5 / 7.0 + 5 / 7.0 * 2 * middle) / 3, within(1e-12));
        assertThat(models.trigram(d, d, c)).as("unknown contexts").isCloseTo(p1d(models, d, c), within(1e-12));
        assertThat(models.unigram(d)).isCloseTo(2 / 13.0, within(1e-12));
    }

    /** After d only a was seen, once in the middle of a trigram. */
    private static double p1d(NgramBaselines models, int d, int c) {
        double p1c = (1 - 0.6 + 0.6) / 5;
        return 2 / 3.0 * p1c;
    }

    @Test
    void moreContextLowersTheLossOfASecondOrderStream() {
        int[] stream = stream(30_000, 50, 7);
        NgramBaselines models =
                NgramBaselines.fit(50, IntStream.of(stream).limit(29_000).toArray());

        Losses losses = models.losses(IntStream.of(stream).skip(29_000).toArray());

        assertThat(losses.tokens()).isEqualTo(998);
        assertThat(losses.trigram()).isLessThan(losses.bigram() - 0.1);
        assertThat(losses.bigram()).isLessThan(losses.unigram() - 0.1);
        assertThat(losses.unigram()).isLessThan(Math.log(50));
    }

    @Test
    void aUniformStreamCostsTheLogarithmOfTheVocabulary() {
        SplittableRandom random = new SplittableRandom(3);
        int[] uniform = random.ints(200_000, 0, 20).toArray();

        Losses losses = NgramBaselines.fit(20, uniform)
                .losses(random.ints(50_000, 0, 20).toArray());

        assertThat(losses.unigram()).isCloseTo(Math.log(20), within(0.002));
        assertThat(losses.trigram()).isCloseTo(Math.log(20), within(0.03));
    }

    @Test
    void refusesAStreamWithoutATrigram() {
        assertThatThrownBy(() -> NgramBaselines.fit(4, new int[] {1, 2}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 tokens of a vocabulary of 4");
    }

    private static double sum(int vocabulary, java.util.function.IntToDoubleFunction probability) {
        return IntStream.range(0, vocabulary).mapToDouble(probability).sum();
    }

    /** The next token is mostly the sum of the two before it, else any. */
    private static int[] stream(int length, int vocabulary, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] stream = new int[length];
        for (int i = 0; i < length; i++) {
            boolean known = i >= 2 && random.nextInt(4) > 0;
            int skewed = Math.min(random.nextInt(vocabulary), random.nextInt(vocabulary));
            stream[i] = known ? (stream[i - 1] / 2 + stream[i - 2] / 2 + skewed / 5) % vocabulary : skewed;
        }
        return stream;
    }
}
