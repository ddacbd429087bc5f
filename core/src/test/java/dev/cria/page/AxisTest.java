package dev.cria.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

    @Test
    @Timeout(300)
    void axisToTheEndOfWhatADoubleHoldsHasFewTicks() {
        for (double to : new double[] {1e308, Double.MAX_VALUE, Double.POSITIVE_INFINITY}) {
            assertThat(new Axis.Log(1, to).ticks(0.1).size()).isLessThan(700);
        }
        assertThat(new Axis.Log(Double.MIN_VALUE, 1).ticks(0.1).size()).isLessThan(700);
    }

    @Test
    void ticksLieOnTheAxisAndApart() {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 300; i++) {
            checkTicks(random.nextDouble(-6, 6), random.nextDouble(0.01, 6));
        }
    }

    private static void checkTicks(double power, double decades) {
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
