package dev.cria.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

final class AxisTest {
    @Test
    void linearTicksAreRound() {
        assertThat(new Axis.Linear(0, 5999).ticks(0.15)).containsExactly(0.0, 1000.0, 2000.0, 3000.0, 4000.0, 5000.0);
        assertThat(new Axis.Linear(-0.03, 0.07).ticks(0.3).stream().map(Axis.Format.PLAIN::write))
                .containsExactly("0", "0.05");
    }

    @Test
    void logTicksAreRoundAndAsManyAsFit() {
        assertThat(new Axis.Log(0.1, 1000).ticks(0.2)).containsExactly(0.1, 1.0, 10.0, 100.0, 1000.0);
        assertThat(new Axis.Log(2.4, 11).ticks(0.1).stream().map(Axis.Format.PLAIN::write))
                .containsExactly("2.5", "3", "4", "5", "6", "8", "10");
    }

    @Property(tries = 300)
    void ticksLieOnTheAxisAndApart(
            @ForAll @DoubleRange(min = -6, max = 6) double power,
            @ForAll @DoubleRange(min = 0.01, max = 6) double decades) {
        double from = Math.pow(10, power);
        double ratio = Math.pow(10, decades);
        for (Axis axis : List.of(new Axis.Linear(from, from * ratio), new Axis.Log(from, from * ratio))) {
            List<Double> ticks = axis.ticks(0.1);
            for (double tick : ticks) {
                assertThat(axis.place(tick)).isBetween(-1e-6, 1 + 1e-6);
            }
            assertThat(ticks.size()).isLessThanOrEqualTo(axis instanceof Axis.Linear ? 11 : 13);
        }
    }
}
