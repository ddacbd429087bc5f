package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PairedComparisonTest {

    /** Against scipy.stats.binomtest(3, 15).pvalue. */
    @Test
    void mcNemarIsExact() {
        PairedComparison comparison = PairedComparison.of(rights(100, 0, 43), rights(100, 3, 55));

        assertThat(comparison.onlyA()).isEqualTo(3);
        assertThat(comparison.onlyB()).isEqualTo(12);
        assertThat(comparison.pValue()).isCloseTo(0.03515625, within(1e-12));
        assertThat(comparison.difference()).isCloseTo(0.09, within(1e-12));
        // The normal approximation: 0.09 ± 1.96 · sqrt((0.15 − 0.09²) / 100).
        assertThat(comparison.low()).isCloseTo(0.0161, within(0.011));
        assertThat(comparison.high()).isCloseTo(0.1639, within(0.011));
    }

    @Test
    void equalModelsAreNotToldApart() {
        PairedComparison comparison = PairedComparison.of(rights(50, 0, 20), rights(50, 0, 20));

        assertThat(comparison).isEqualTo(new PairedComparison(50, 0, 0, 0, 0, 0, 1));
    }

    @Test
    void swappingTheModelsTurnsTheSign() {
        PairedComparison there = PairedComparison.of(rights(207, 0, 100), rights(207, 50, 130));
        PairedComparison back = PairedComparison.of(rights(207, 50, 130), rights(207, 0, 100));

        assertThat(back.difference()).isEqualTo(-there.difference());
        assertThat(back.pValue()).isCloseTo(there.pValue(), within(1e-12));
        assertThat(back.low()).isCloseTo(-there.high(), within(0.01));
    }

    @Test
    void refusesDifferentDocuments() {
        assertThatThrownBy(() -> PairedComparison.of(new boolean[3], new boolean[4]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static boolean[] rights(int documents, int from, int to) {
        boolean[] right = new boolean[documents];
        IntStream.range(from, to).forEach(i -> right[i] = true);
        return right;
    }
}
