package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class GuardTest {

    @Test
    void twoSkippedStepsAreForgivenAndThreeInARowAreNot() {
        Guard guard = guard(3, 6);
        assertThat(guard.skipped()).isFalse();
        assertThat(guard.skipped()).isFalse();
        guard.observe(2);
        assertThat(guard.skipped()).isFalse();
        assertThat(guard.skipped()).isFalse();
        assertThat(guard.skipped()).isTrue();
    }

    @Test
    void noneMayBeSkippedWhereNoneIsAllowed() {
        assertThat(guard(0, 6).skipped()).isTrue();
    }

    @Test
    void aLossBeyondItsSpreadIsASpikeAndOrdinaryNoiseIsNot() {
        Guard guard = guard(3, 6);
        Random random = new Random(3);
        for (int i = 0; i < 10_000; i++) {
            assertThat(guard.observe(3 + 0.1 * random.nextGaussian()))
                    .as("step " + i)
                    .isZero();
        }
        assertThat(guard.observe(3.3)).isZero();
        assertThat(guard.observe(4)).isBetween(8.0, 12.0);
        assertThat(guard.observe(2)).isZero();
    }

    @Test
    void tooFewLossesAreNoSpread() {
        Guard guard = guard(3, 6);
        for (int i = 0; i < 19; i++) {
            guard.observe(3 + 0.001 * i);
        }
        assertThat(guard.observe(100)).isZero();
    }

    @Test
    void zeroSigmasMeanNoSpikes() {
        Guard guard = guard(3, 0);
        for (int i = 0; i < 50; i++) {
            guard.observe(3 + 0.001 * i);
        }
        assertThat(guard.observe(100)).isZero();
    }

    @Test
    void aGuardThatGoesOnFromItsMemoryIsTheSame() {
        Guard one = guard(3, 6);
        Guard other = guard(3, 6);
        for (int i = 0; i < 60; i++) {
            double loss = 3 + Math.sin(i);
            one.observe(loss);
            other = new Guard(new Recipe.Guard(3, 6), other.memory());
            other.observe(loss);
        }
        assertThat(other.memory()).isEqualTo(one.memory());
    }

    private static Guard guard(int skip, double sigma) {
        return new Guard(new Recipe.Guard(skip, sigma), Guard.Memory.NONE);
    }
}
