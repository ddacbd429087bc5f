package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.eval.Correlation.Estimate;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class CorrelationTest {

    /** Against numpy.corrcoef and scipy.stats.spearmanr. */
    @Test
    void agreesWithNumpyAndScipy() {
        Correlation both = Correlation.of(new double[] {1, 2, 3, 4, 5, 5}, new double[] {2, 1, 4, 3, 7, 5})
                .orElseThrow();

        assertThat(both.pearson().value()).isCloseTo(0.8315218406202998, within(1e-12));
        assertThat(both.rSquared().value()).isCloseTo(0.6914285714285712, within(1e-12));
        assertThat(both.spearman().value()).isCloseTo(0.8696565534786727, within(1e-12));
        assertThat(both.pairs()).isEqualTo(6);
    }

    @Test
    void theIntervalHoldsTheFigureAndIsTheSameEachTime() {
        double[] x = IntStream.range(0, 13).asDoubleStream().toArray();
        double[] y = new SplittableRandom(5).doubles(13).toArray();
        Correlation first = Correlation.of(x, y).orElseThrow();

        for (Estimate estimate : new Estimate[] {first.pearson(), first.rSquared(), first.spearman()}) {
            assertThat(estimate.value()).isBetween(estimate.low(), estimate.high());
            assertThat(estimate.high() - estimate.low()).isGreaterThan(0.1);
        }
        assertThat(Correlation.of(x, y)).contains(first);
    }

    @Test
    void aLineHasAnIntervalOfNoWidth() {
        double[] x = {1, 2, 4, 8};

        assertThat(Correlation.of(x, new double[] {-1, -2, -4, -8})
                        .orElseThrow()
                        .pearson()
                        .high())
                .isCloseTo(-1, within(1e-12));
    }

    @Test
    void twoPairsOrAConstantHaveNone() {
        assertThat(Correlation.of(new double[] {1, 2}, new double[] {3, 5})).isEmpty();
        assertThat(Correlation.of(new double[] {1, 2, 3}, new double[] {4, 4, 4}))
                .isEmpty();
        assertThatThrownBy(() -> Correlation.of(new double[3], new double[4]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theTablesOfThePaperGiveWhatTheyGive() {
        assertThat(PaperTables.correlations())
                .extracting(c -> Math.round(1000 * c.fromTables().pearson().value()))
                .containsExactly(930L, -956L, 966L);
        assertThat(PaperTables.correlations())
                .extracting(PaperTables.PublishedCorrelation::printedR)
                .containsExactly(0.928, -0.945, 0.963);
    }

    @Test
    void everyPrintedAverageIsTheMeanOfItsRow() {
        assertThat(PaperTables.checkpoints()).hasSize(10).allSatisfy(checkpoint -> {
            assertThat(checkpoint.average()).isCloseTo(checkpoint.printedAverage(), within(0.005));
            assertThat(checkpoint.scores()).hasSize(6);
        });
        assertThat(PaperTables.tinyLlama()).hasSize(Benchmark.values().length);
    }
}
