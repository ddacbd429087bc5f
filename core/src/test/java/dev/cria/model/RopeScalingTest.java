package dev.cria.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class RopeScalingTest {
    private static final RopeScaling LLAMA3 = new RopeScaling.Llama3(8, 1, 4, 8192);

    @Test
    void linearDividesEveryFrequency() {
        assertThat(new RopeScaling.Linear(4).scale(0.5)).isEqualTo(0.125);
        assertThat(new RopeScaling.None().scale(0.5)).isEqualTo(0.5);
    }

    @Test
    void llama3KeepsFastFrequenciesAndDividesSlowOnes() {
        double fast = 2 * Math.PI / 2047;
        double slow = 2 * Math.PI / 8193;
        assertThat(LLAMA3.scale(fast)).isEqualTo(fast);
        assertThat(LLAMA3.scale(slow)).isEqualTo(slow / 8);
    }

    /** With s = (8192/λ − 1) / 3 between: f·((1 − s)/8 + s), from one eighth at λ = 8192 to the whole at 2048. */
    @Test
    void llama3RampsBetween() {
        double wavelength = 4096;
        double frequency = 2 * Math.PI / wavelength;
        double kept = (8192 / wavelength - 1) / 3;
        assertThat(LLAMA3.scale(frequency)).isCloseTo(frequency * ((1 - kept) / 8 + kept), within(1e-18));
        assertThat(LLAMA3.scale(2 * Math.PI / 8191.999)).isCloseTo(2 * Math.PI / 8192 / 8, within(1e-9));
        assertThat(LLAMA3.scale(2 * Math.PI / 2048.001)).isCloseTo(2 * Math.PI / 2048, within(1e-8));
    }
}
