package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Said;
import dev.cria.run.Event;
import dev.cria.run.Line;
import dev.cria.run.MetricSink;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UtilisationTest {
    private final List<Event> events = new ArrayList<>();
    private final Said said = new Said();

    private Utilisation of(Peak first, Peak second) {
        return new Utilisation(
                first,
                () -> second,
                new MetricSink() {
                    @Override
                    public void take(Line line) {}

                    @Override
                    public void take(Event event) {
                        events.add(event);
                    }
                },
                said);
    }

    @Test
    void peakIsMeasuredAgainOnceTheStepsHaveWarmedTheCode() {
        Utilisation utilisation = of(new Peak(450e9, "cold"), new Peak(900e9, "warm"));
        for (int step = 0; step < Utilisation.WARM - 1; step++) {
            assertThat(utilisation.share(45e9, step)).isEqualTo(0.1);
        }
        assertThat(events).isEmpty();

        assertThat(utilisation.share(45e9, 9)).isEqualTo(0.05);
        assertThat(utilisation.share(45e9, 10)).isEqualTo(0.05);
        assertThat(events).containsExactly(new Event.PeakRaised(9, 900e9, "warm, after 10 steps"));
        assertThat(said.lines()).containsExactly("peak       warm, after 10 steps");
    }

    @Test
    void lowerSecondMeasurementIsABusyMoment() {
        Utilisation utilisation = of(new Peak(450e9, "warm"), new Peak(300e9, "busy"));
        for (int step = 0; step < 2 * Utilisation.WARM; step++) {
            assertThat(utilisation.share(45e9, step)).isEqualTo(0.1);
        }
        assertThat(events).isEmpty();
    }

    @Test
    void stepAboveThePeakIsTheWholeAndThePeakFromThenOn() {
        Utilisation utilisation = of(new Peak(450e9, "cold"), new Peak(450e9, "cold"));

        assertThat(utilisation.share(567e9, 3)).isEqualTo(1);
        assertThat(utilisation.share(283.5e9, 4)).isEqualTo(0.5);
        assertThat(events).hasSize(1);
    }

    @Test
    void smallRisesAreEventsAndNoLines() {
        Utilisation utilisation = of(new Peak(400e9, "first"), new Peak(400e9, "warm"));
        utilisation.share(420e9, 0);
        utilisation.share(435e9, 1);
        assertThat(said.lines()).isEmpty();
        utilisation.share(460e9, 2);

        assertThat(events).hasSize(3);
        assertThat(said.lines())
                .containsExactly("peak       460 GFLOP/s in step 2 of the training, which is more than the 435 measured"
                        + " before");
    }
}
