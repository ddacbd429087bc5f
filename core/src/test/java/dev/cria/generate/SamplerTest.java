package dev.cria.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SamplerTest {
    private static final int DRAWS = 40_000;

    /** Probabilities 0.4, 0.3, 0.2, 0.1 in another order, behind one element that belongs to another row. */
    private static final float[] LOGITS = {99, ln(0.2), ln(0.4), ln(0.1), ln(0.3)};

    @ParameterizedTest
    @CsvSource({
        "1, 0, 1,      0.2, 0.4, 0.1, 0.3",
        "1, 3, 1,      0.2222, 0.4444, 0, 0.3333",
        "1, 0, 0.7,    0, 0.5714, 0, 0.4286",
        "1, 0, 0.71,   0.2222, 0.4444, 0, 0.3333",
        "1, 3, 0.75,   0, 0.5714, 0, 0.4286",
        "0.5, 0, 1,    0.1333, 0.5333, 0.0333, 0.3",
        "1, 0, 0.0001, 0, 1, 0, 0",
        "0, 0, 1,      0, 1, 0, 0",
        "1, 9, 1,      0.2, 0.4, 0.1, 0.3"
    })
    void drawsWithTheProbabilitiesThatRemain(
            double temperature, int topK, double topP, double p0, double p1, double p2, double p3) {
        var sampler = new Sampler(new Sampling(temperature, topK, topP), 4);
        var random = SplitMix.stream(5, 0);
        int[] counts = new int[4];
        for (int i = 0; i < DRAWS; i++) {
            counts[sampler.choose(LOGITS, 1, random)]++;
        }
        double[] expected = {p0, p1, p2, p3};
        for (int id = 0; id < 4; id++) {
            // Five standard deviations of a proportion of 40,000 draws are at most 0.0125.
            assertThat((double) counts[id] / DRAWS).isCloseTo(expected[id], within(expected[id] == 0 ? 0 : 0.0125));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "0.7, 1", "2.5, 1", "1e-4, 1", "1, 0.9", "0.6, 0.35", "3, 0.999"})
    void choosesAsThePlainComputationInDoublesDoes(double temperature, double topP) {
        int vocabulary = 2_531;
        float[] logits = new float[vocabulary + 20];
        var numbers = new SplittableRandom(4);
        for (int i = 0; i < logits.length; i++) {
            logits[i] = i % 97 == 5 ? Float.NEGATIVE_INFINITY : (float) (numbers.nextGaussian() * 3);
        }
        var sampler = new Sampler(new Sampling(temperature, 0, topP), vocabulary);
        var random = SplitMix.stream(11, 0);
        var same = SplitMix.stream(11, 0);
        int others = 0;
        for (int draw = 0; draw < 2_000; draw++) {
            int plain = plain(logits, 20, vocabulary, temperature, topP, same.nextDouble());
            others += sampler.choose(logits, 20, random) == plain ? 0 : 1;
        }
        assertThat(others).isZero();
    }

    /** The tokens in order, or by falling probability where there is a cut, until they hold the drawn share. */
    private static int plain(float[] logits, int from, int vocabulary, double temperature, double topP, double drawn) {
        double largest = IntStream.range(0, vocabulary)
                .mapToDouble(i -> logits[from + i])
                .max()
                .orElseThrow();
        double[] weights = IntStream.range(0, vocabulary)
                .mapToDouble(i -> Math.exp((logits[from + i] - largest) / temperature))
                .toArray();
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, vocabulary).boxed().toList());
        if (topP < 1) {
            order.sort(Comparator.comparingDouble((Integer i) -> -logits[from + i]));
            double wanted = topP * Arrays.stream(weights).sum();
            int kept = 0;
            for (double held = 0; held < wanted; kept++) {
                held += weights[order.get(kept)];
            }
            order = order.subList(0, kept);
        }
        double target = drawn * order.stream().mapToDouble(i -> weights[i]).sum();
        for (int id : order) {
            target -= weights[id];
            if (target < 0) {
                return id;
            }
        }
        return order.getLast();
    }

    @Test
    void equalLogitsGoByTheLowerId() {
        float[] equal = {1, 1, 1, 1};
        assertThat(new Sampler(Sampling.greedy(), 4).choose(equal, 0, new SplitMix(0)))
                .isZero();
        var two = new Sampler(new Sampling(1, 2, 1), 4);
        var random = new SplitMix(0);
        for (int i = 0; i < 100; i++) {
            assertThat(two.choose(equal, 0, random)).isLessThan(2);
        }
    }

    @Test
    void negativeAndInfinitelySmallLogitsAreOrdered() {
        float[] logits = {-3, -0.0f, Float.NEGATIVE_INFINITY, -1e30f, 0.5f};
        var sampler = new Sampler(new Sampling(1, 2, 1), 5);
        var random = new SplitMix(1);
        for (int i = 0; i < 100; i++) {
            assertThat(sampler.choose(logits, 0, random)).isIn(1, 4);
        }
    }

    @Test
    void aStreamGoesOnFromItsState() {
        var random = SplitMix.stream(3, 8);
        random.nextDouble();
        var resumed = new SplitMix(random.state());
        assertThat(resumed.nextDouble()).isEqualTo(random.nextDouble());
        assertThat(SplitMix.stream(3, 8).nextDouble())
                .isNotEqualTo(SplitMix.stream(3, 9).nextDouble());
    }

    @Test
    void refusesLogitsThatAreNoNumbers() {
        assertThatThrownBy(
                        () -> new Sampler(Sampling.greedy(), 2).choose(new float[] {1, Float.NaN}, 0, new SplitMix(0)))
                .isInstanceOf(WorkException.class)
                .hasMessage("the model gives token 1 the logit NaN");
    }

    @Test
    void refusesImpossibleRequests() {
        assertThatThrownBy(() -> new Sampling(-1, 0, 1)).isInstanceOf(RequestException.class);
        assertThatThrownBy(() -> new Sampling(Double.NaN, 0, 1)).isInstanceOf(RequestException.class);
        assertThatThrownBy(() -> new Sampling(1, -1, 1)).isInstanceOf(RequestException.class);
        assertThatThrownBy(() -> new Sampling(1, 0, 0)).isInstanceOf(RequestException.class);
        assertThatThrownBy(() -> new Sampling(1, 0, 1.01)).isInstanceOf(RequestException.class);
    }

    private static float ln(double p) {
        return (float) Math.log(p);
    }
}
