package dev.cria.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class HalvingTest {
    @Test
    void rungsAreEtaTimesAsFarAndEndAtTheHorizon() {
        var halving = new Halving(3, OptionalLong.empty());
        assertThat(halving.rungs(9, 900, 10)).containsExactly(100L, 300L, 900L);
        assertThat(halving.rungs(26, 900, 10)).containsExactly(100L, 300L, 900L);
        assertThat(halving.rungs(2, 900, 10)).containsExactly(900L);
        assertThat(new Halving(2, OptionalLong.of(50)).rungs(4, 300, 10)).containsExactly(50L, 100L, 200L, 300L);
    }

    /** Losses are compared at a step at which all trials have one. */
    @Test
    void rungsAreStepsOfValidation() {
        assertThat(new Halving(3, OptionalLong.empty()).rungs(9, 1000, 50)).containsExactly(150L, 350L, 1000L);
        assertThat(new Halving(2, OptionalLong.empty()).rungs(8, 40, 30)).containsExactly(30L, 40L);
        assertThat(new Halving(2, OptionalLong.of(500)).rungs(4, 300, 10)).containsExactly(300L);
    }

    @Test
    void oneOfEtaGoesOnAndAtLeastOne() {
        var halving = new Halving(3, OptionalLong.empty());
        assertThat(halving.survivors(9)).isEqualTo(3);
        assertThat(halving.survivors(8)).isEqualTo(2);
        assertThat(halving.survivors(2)).isEqualTo(1);
    }

    @Test
    void anEtaOfOneWouldStopNobody() {
        assertThatThrownBy(() -> new Halving(1, OptionalLong.empty())).hasMessage("--halving 1 is not 2 or more");
        assertThatThrownBy(() -> new Halving(2, OptionalLong.of(0))).hasMessageContaining("--first-rung 0");
    }
}
