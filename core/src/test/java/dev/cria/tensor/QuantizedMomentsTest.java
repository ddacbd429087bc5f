package dev.cria.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adam's moments in 8 bits, against the same step in float64 without any rounding. */
final class QuantizedTest {
    private static final AdamStep FIRST = new AdamStep(0.01, 0.9, 0.95, 1e-8, 0.1, 0.7, 1);

    /**
     * A code is rounded by half at most, so the square root of |m| is off by 0.5/127 of that of its block's largest, and
     * the fourth root of v by 0.5/255; a v above zero may be raised to the smallest code.
     */
    @ParameterizedTest
    @CsvSource({"AUTO, 1", "AUTO, 255", "AUTO, 257", "AUTO, 5003", "REFERENCE, 257", "REFERENCE, 5003"})
    void momentsAreWithinHalfACodeOfTheirExactValues(Kernels.Choice choice, int n) {
        Kernels kernels = Kernels.of(Device.CPU, choice);
        float[] g = gradient(n);
        try (var scope = new Scope()) {
            Tensor w = scope.own(Tensor.zeros(DType.FLOAT32, Device.CPU, n));
            QuantizedMoments m = zeros(scope, n);
            QuantizedMoments v = zeros(scope, n);
            kernels.run(new AdamUpdate.Quantized(w, scope.own(Tensor.of(g, n)), m, v, FIRST, Optional.empty()));
            for (int i = 0; i < n; i++) {
                double largest = largest(g, i);
                double mean = 0.1 * 0.7 * g[i];
                double square = 0.05 * Math.pow(0.7 * g[i], 2);
                double scale = 0.1 * 0.7 * largest;
                double squareScale = 0.05 * Math.pow(0.7 * largest, 2);
                int code = m.codes().segment().get(ValueLayout.JAVA_BYTE, i);
                double root = Math.signum(mean) * Math.sqrt(Math.abs(mean) / scale);
                assertThat(code / 127.0).as("m[%d] = %g", i, mean).isCloseTo(root, within(0.5 / 127 + 1e-5));
                int squareCode = v.codes().segment().get(ValueLayout.JAVA_BYTE, i) + 128;
                double fourth = Math.sqrt(Math.sqrt(square / squareScale));
                double allowed = (fourth > 0 && fourth < 1.5 / 255 ? 1 : 0.5) / 255 + 1e-5;
                assertThat(squareCode / 255.0).as("v[%d] = %g", i, square).isCloseTo(fourth, within(allowed));
                assertThat(squareCode > 0).as("v[%d] = %g", i, square).isEqualTo(g[i] != 0);
            }
        }
    }

    /** The first step needs no stored moment: it is the exact one, w = −rate·sign(g) but for eps. */
    @ParameterizedTest
    @CsvSource({"AUTO, 257", "REFERENCE, 257"})
    void theStepItselfUsesTheMomentsBeforeTheyAreRounded(Kernels.Choice choice, int n) {
        Kernels kernels = Kernels.of(Device.CPU, choice);
        float[] g = gradient(n);
        try (var scope = new Scope()) {
            Tensor w = scope.own(Tensor.zeros(DType.FLOAT32, Device.CPU, n));
            kernels.run(new AdamUpdate.Quantized(
                    w, scope.own(Tensor.of(g, n)), zeros(scope, n), zeros(scope, n), FIRST, Optional.empty()));
            float[] moved = w.toFloats();
            for (int i = 0; i < n; i++) {
                double scaled = 0.7 * g[i];
                assertThat((double) moved[i]).isCloseTo(-0.01 * scaled / (Math.abs(scaled) + 1e-8), within(1e-7));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "207", "256", "257", "5003"})
    void fastAndPlainKernelsAgreeOverManySteps(int n) {
        Kernels fast = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
        Kernels plain = Kernels.of(Device.CPU, Kernels.Choice.REFERENCE);
        try (var scope = new Scope()) {
            Tensor ours = scope.own(Tensor.zeros(DType.FLOAT32, Device.CPU, n));
            Tensor theirs = scope.own(Tensor.zeros(DType.FLOAT32, Device.CPU, n));
            QuantizedMoments[] state = {zeros(scope, n), zeros(scope, n), zeros(scope, n), zeros(scope, n)};
            for (int t = 1; t <= 6; t++) {
                var step = new AdamStep(0.01, 0.9, 0.95, 1e-8, 0.1, 0.7, t);
                Tensor g = scope.own(Tensor.of(gradient(n), n));
                fast.run(new AdamUpdate.Quantized(ours, g, state[0], state[1], step, Optional.empty()));
                plain.run(new AdamUpdate.Quantized(theirs, g, state[2], state[3], step, Optional.empty()));
            }
            float[] a = ours.toFloats();
            float[] b = theirs.toFloats();
            int apart = 0;
            for (int i = 0; i < n; i++) {
                // A number exactly between two codes may fall to either; that moves w by a small part of the rate.
                apart += Math.abs(a[i] - b[i]) > 1e-6 ? 1 : 0;
                assertThat(a[i]).isCloseTo(b[i], within(0.01f));
            }
            assertThat(apart).isLessThanOrEqualTo(n / 100);
        }
    }

    private static QuantizedMoments zeros(Scope scope, int n) {
        return new QuantizedMoments(
                scope.own(Tensor.zeros(DType.INT8, Device.CPU, n)),
                scope.own(Tensor.zeros(DType.FLOAT32, Device.CPU, QuantizedMoments.blocks(n))));
    }

    private static double largest(float[] g, int i) {
        double largest = 0;
        int block = i / QuantizedMoments.BLOCK * QuantizedMoments.BLOCK;
        for (int k = block; k < Math.min(g.length, block + QuantizedMoments.BLOCK); k++) {
            largest = Math.max(largest, Math.abs(g[k]));
        }
        return largest;
    }

    /** Numbers of five magnitudes, with zeros among them. */
    private static float[] gradient(int n) {
        Random random = new Random(n);
        float[] numbers = new float[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = i % 13 == 5 ? 0 : (float) (random.nextGaussian() * Math.pow(10, -random.nextInt(5)));
        }
        return numbers;
    }
}
