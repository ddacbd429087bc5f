package dev.cria.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NumbersTest {
    @Test
    void compactHasThreeDigitsAndAUnit() {
        assertThat(Numbers.compact(286_400)).isEqualTo("286k");
        assertThat(Numbers.compact(999.6)).isEqualTo("1k");
        assertThat(Numbers.compact(1_716_000_000)).isEqualTo("1.72B");
        assertThat(Numbers.compact(-0.25)).isEqualTo("−0.25");
        assertThat(Numbers.compact(Double.NaN)).isEqualTo("–");
    }

    @Test
    void scientificIsShort() {
        assertThat(Numbers.scientific(6e-4)).isEqualTo("6e-4");
        assertThat(Numbers.scientific(4.92e-4)).isEqualTo("4.92e-4");
        assertThat(Numbers.scientific(1e-12)).isEqualTo("1e-12");
        assertThat(Numbers.scientific(0.1)).isEqualTo("0.1");
        assertThat(Numbers.scientific(1e10)).isEqualTo("1e+10");
    }

    @Test
    void durationNamesTheTwoLargestUnits() {
        assertThat(Numbers.duration(59.6)).isEqualTo("1m00s");
        assertThat(Numbers.duration(50_700)).isEqualTo("14h05m");
        assertThat(Numbers.duration(200_000)).isEqualTo("2d07h");
    }
}
