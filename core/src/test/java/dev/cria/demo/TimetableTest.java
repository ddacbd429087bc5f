package dev.cria.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.RequestException;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class TimetableTest {
    private static final DemoSize FULL = DemoSize.full();
    /** Seconds at 9,000 tokens/s: 20 + 900,000 / 9,000 = 120. */
    private static final Cost OTHERS = new Cost(20, 900_000);

    private double now;

    private Timetable at(double tokensPerSecond) {
        return new Timetable(600, () -> now, tokensPerSecond);
    }

    @Test
    void stepsFillTheTimeThatOthersLeave() {
        now = 6;
        // 540 - 6 - 120 = 414 seconds of 9,000 / 1,024 steps: 3,638; at 4,500: 540 - 6 - 220 = 314 of 4.39: 1,379.
        assertThat(at(9_000).steps(FULL, 0, OTHERS)).isEqualTo(FULL.mostSteps());
        assertThat(at(4_500).steps(FULL, 0, OTHERS)).isEqualTo(1_300);
        assertThat(at(900).steps(FULL, 0, OTHERS)).isEqualTo(FULL.leastSteps());
    }

    @Test
    void stepsThatWereTakenAreNotTakenAgain() {
        now = 106;
        // 540 - 106 - 220 = 214 seconds of 4.39 steps: 940 more.
        assertThat(at(4_500).steps(FULL, 500, OTHERS)).isEqualTo(1_400);
    }

    @Test
    void aPlanThatNearlyFitsIsKept() {
        now = 6;
        assertThat(at(4_500).steps(FULL, 0, OTHERS, 1_500)).isEqualTo(1_500);
        assertThat(at(4_500).steps(FULL, 0, OTHERS, 1_200)).isEqualTo(1_200);
        assertThat(at(4_500).steps(FULL, 0, OTHERS, 2_500)).isEqualTo(1_300);
        assertThat(at(4_500).steps(FULL, 0, OTHERS, 800)).isEqualTo(1_300);
    }

    @Test
    void whatStagesTookCorrectsWhatOthersWillTake() {
        Timetable timetable = at(9_000);
        assertThat(timetable.seconds(OTHERS)).isCloseTo(120, within(1e-9));
        timetable.took(Cost.seconds(10), 25);
        timetable.took(Cost.seconds(6), 7);
        assertThat(timetable.seconds(OTHERS)).isCloseTo(140, within(1e-9));
        timetable.took(OTHERS, 1_000);
        assertThat(timetable.seconds(OTHERS)).isCloseTo(140, within(1e-9));
        timetable.correct(4_500);
        assertThat(timetable.seconds(OTHERS)).isCloseTo(240, within(1e-9));
    }

    @Test
    void refusesFewerStepsThanOtherStagesNeed() {
        FULL.checkSteps(OptionalInt.empty());
        int least = FULL.leastSteps();
        FULL.checkSteps(OptionalInt.of(least));
        assertThatThrownBy(() -> FULL.checkSteps(OptionalInt.of(least - 1)))
                .isInstanceOf(RequestException.class)
                .hasMessage("--steps is " + (least - 1) + ", and the stages that follow need " + least);
    }

    /** The main run may change its end at the checkpoint of the forks: before its rate falls, and not behind it. */
    @Test
    void noEndIsBeforeTheForksEnd() {
        for (DemoSize size : new DemoSize[] {FULL, DemoSize.quick()}) {
            int stable = size.leastSteps() - size.decaySteps(size.leastSteps(), 0);
            assertThat(stable).isGreaterThanOrEqualTo(size.forkAt());
            assertThat(size.leastSteps()).isGreaterThanOrEqualTo(size.forkAt() + size.forkSteps());
        }
    }

    @Test
    void speedIsLookedAtAtCheckpointsUntilTheRateFalls() {
        assertThat(FULL.nextLook(2_700, 300)).isEqualTo(675);
        assertThat(FULL.nextLook(2_700, 675)).isEqualTo(1_350);
        assertThat(FULL.nextLook(2_700, 1_350)).isEqualTo(2_700);
        assertThat(FULL.nextLook(800, 300)).isEqualTo(400);
        assertThat(FULL.nextLook(800, 400)).isEqualTo(800);
    }

    /** A machine that slows down late has no time left: a quarter of the steps is for the rate to fall all the same. */
    @Test
    void theRateFallsHoweverSlowTheMachineBecomes() {
        now = 500;
        assertThat(at(100).steps(FULL, 1_350, OTHERS)).isEqualTo(1_800);
        assertThat(FULL.decaySteps(1_800, 1_350)).isEqualTo(450);
        assertThat(FULL.decaySteps(2_700, 1_350)).isEqualTo(1_080);
        assertThat(at(100).steps(FULL, 300, OTHERS)).isEqualTo(FULL.leastSteps());
    }
}
