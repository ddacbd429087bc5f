package dev.cria.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

final class ExponentialTest {

    @Test
    void powersOfTwoAreWithinFourMillionthsOfTheirSize() {
        for (float power = -126; power <= 20; power += 0.0123f) {
            double exact = Math.pow(2, power);
            assertThat((double) binary(power)).as("2^%s", power).isCloseTo(exact, within(4e-6 * exact));
        }
    }

    @Test
    void wholePowersOfTwoAreExact() {
        for (int power = -126; power <= 20; power++) {
            assertThat(binary(power)).isEqualTo(Math.scalb(1f, power));
        }
    }

    @Test
    void lowerPowersOfTwoAreZero() {
        for (float power : new float[] {-126.001f, -130, -1000, -1e30f, Float.NEGATIVE_INFINITY}) {
            assertThat(binary(power)).as("2^%s", power).isZero();
        }
    }

    private static float binary(float power) {
        return Exponential.binary(FloatVector.broadcast(Lanes.FLOATS, power)).lane(0);
    }
}
