package dev.cria.speedrun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.page.Point;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CrossingTest {
    private static final List<Point> LOSSES =
            List.of(new Point(0, 8), new Point(10, 6), new Point(20, 5), new Point(30, 5.5), new Point(40, 4));

    /** A second a step up to step 20, then two. */
    private static final List<Point> CLOCK =
            List.of(new Point(1, 1), new Point(10, 10), new Point(20, 20), new Point(30, 40), new Point(40, 60));

    @Test
    void aTargetIsReachedOnTheLineBetweenTwoEvaluations() {
        assertThat(Crossing.of(LOSSES, CLOCK, 7)).hasValue(new Crossing(5, 5));
        assertThat(Crossing.of(LOSSES, CLOCK, 5.25)).hasValue(new Crossing(17.5, 17.5));
        assertThat(Crossing.of(LOSSES, CLOCK, 4.75)).hasValue(new Crossing(35, 50));
    }

    @Test
    void theFirstTimeCounts() {
        assertThat(Crossing.of(LOSSES, CLOCK, 5)).hasValue(new Crossing(20, 20));
        assertThat(Crossing.of(LOSSES, CLOCK, 9)).hasValue(new Crossing(0, 0));
        assertThat(Crossing.of(LOSSES, CLOCK, 3.9)).isEmpty();
    }

    @Test
    void aClockMayBeginAtStepZero() {
        List<Point> clock = List.of(new Point(0, 0), new Point(20, 10));
        assertThat(Crossing.secondsAt(clock, 0)).isZero();
        assertThat(Crossing.secondsAt(clock, 5)).isEqualTo(2.5);
    }
}
