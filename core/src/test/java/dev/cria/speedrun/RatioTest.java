package dev.cria.speedrun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RatioTest {
    /**
     * Beside the delta method: for the sums of n pairs (x, y) with ratio r the standard error is
     * √(Σ (x − r·y)²) / Σ y. Both hold for many pairs; 10,000 draws know a percentile's place to about 2% of the
     * interval's width, and 200 pairs are skewed by as much again.
     */
    @Test
    void theIntervalIsThatOfTheDeltaMethodWhereThereAreManyPairs() {
        var random = new SplittableRandom(3);
        List<double[]> pairs = Stream.generate(() -> pair(random)).limit(200).toList();
        Ratio ratio = Ratio.of(pairs);
        double x = pairs.stream().mapToDouble(p -> p[0]).sum();
        double y = pairs.stream().mapToDouble(p -> p[1]).sum();
        double squares = pairs.stream()
                .mapToDouble(p -> Math.pow(p[0] - x / y * p[1], 2))
                .sum();
        double reach = 1.96 * Math.sqrt(squares) / y;
        assertThat(ratio.value()).isEqualTo(x / y);
        assertThat(ratio.low()).isCloseTo(x / y - reach, within(0.1 * reach));
        assertThat(ratio.high()).isCloseTo(x / y + reach, within(0.1 * reach));
        assertThat(ratio.pairs()).isEqualTo(200);
    }

    /** What both runs of a seed have in common is no uncertainty of their ratio: that is what pairs are for. */
    private static double[] pair(SplittableRandom random) {
        double common = 50 + 50 * random.nextDouble();
        return new double[] {common * (0.6 + 0.1 * random.nextGaussian()), common};
    }

    @Test
    void pairsThatAllHaveTheSameRatioLeaveNoDoubt() {
        Ratio ratio = Ratio.of(List.of(new double[] {1, 2}, new double[] {10, 20}, new double[] {50, 100}));
        assertThat(ratio).isEqualTo(new Ratio(0.5, 0.5, 0.5, 3));
    }

    @Test
    void twoPairsGiveNoInterval() {
        Ratio ratio = Ratio.of(List.of(new double[] {1, 2}, new double[] {2, 2}));
        assertThat(ratio.value()).isEqualTo(0.75);
        assertThat(ratio.low()).isNaN();
        assertThat(ratio.high()).isNaN();
    }
}
