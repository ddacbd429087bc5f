package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.train.StepClock.Part;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StepClockTest {

    @Test
    void partsAddUpOverAStepAndBeginAnewAfterIt() throws InterruptedException {
        StepClock clock = new StepClock();
        clock.enter(Part.FORWARD);
        Thread.sleep(20);
        clock.enter(Part.BACKWARD);
        clock.enter(Part.FORWARD);
        Thread.sleep(20);
        clock.pause();
        Thread.sleep(20);
        Map<Part, Double> seconds = clock.take();
        assertThat(seconds).containsOnlyKeys(Part.values());
        assertThat(seconds.get(Part.FORWARD)).isBetween(0.04, 0.5);
        assertThat(seconds.get(Part.BACKWARD)).isLessThan(0.01);
        assertThat(clock.take()).allSatisfy((_, none) -> assertThat(none).isZero());
    }
}
