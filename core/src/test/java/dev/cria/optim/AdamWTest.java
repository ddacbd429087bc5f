package dev.cria.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.nn.Parameter;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.Parameters;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class AdamWTest {
    private static final List<ParameterSpec> SPECS =
            List.of(ParameterSpec.matrix("matrix", 13, 31, 0.02), ParameterSpec.vector("vector", 207, 1));
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.95;
    private static final double EPS = 1e-8;
    private static final double DECAY = 0.1;

    private final Random random = new Random(5);

    /** Kingma and Ba's algorithm with decoupled decay, one number at a time in float64. */
    private static final class Plain {
        final double[] w;
        final double[] m;
        final double[] v;
        final double decay;

        Plain(float[] start, double decay) {
            w = new double[start.length];
            m = new double[start.length];
            v = new double[start.length];
            this.decay = decay;
            for (int i = 0; i < w.length; i++) {
                w[i] = start[i];
            }
        }

        void step(float[] gradient, double rate, double scale, long t) {
            for (int i = 0; i < w.length; i++) {
                double g = gradient[i] * scale;
                w[i] -= rate * decay * w[i];
                m[i] = BETA1 * m[i] + (1 - BETA1) * g;
                v[i] = BETA2 * v[i] + (1 - BETA2) * g * g;
                double meanHat = m[i] / (1 - Math.pow(BETA1, t));
                double squareHat = v[i] / (1 - Math.pow(BETA2, t));
                w[i] -= rate * meanHat / (Math.sqrt(squareHat) + EPS);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void tenStepsAreThoseOfThePlainAlgorithmAndOnlyMatricesDecay(Kernels.Choice choice) {
        Kernels kernels = Kernels.of(Device.CPU, choice);
        try (var parameters = random();
                var optimizer = new AdamW(kernels, parameters, settings(OptimizerSection.State.FP32))) {
            List<Plain> plain = plain(parameters);
            for (int t = 1; t <= 10; t++) {
                double rate = 1e-2 / t;
                double scale = t % 2 == 0 ? 0.37 : 1;
                List<float[]> gradients = fillGradients(parameters);
                optimizer.step(rate, scale);
                for (int i = 0; i < plain.size(); i++) {
                    plain.get(i).step(gradients.get(i), rate, scale, t);
                }
            }
            for (int i = 0; i < plain.size(); i++) {
                float[] ours = parameters.list().get(i).master().orElseThrow().toFloats();
                for (int k = 0; k < ours.length; k++) {
                    // Ten roundings of w to float32, and of an update of at most 1.1 rates.
                    double allowed = 10 * Math.ulp(Math.abs(ours[k]) + 0.05f);
                    assertThat((double) ours[k])
                            .as("%s[%d]", SPECS.get(i).name(), k)
                            .isCloseTo(plain.get(i).w[k], within(allowed));
                }
            }
        }
    }

    /** t = 1 after zeroed moments moves by the whole rate; t = 11 with the same moments does not. */
    @Test
    void theStepThatItResumesAtDecidesTheBiasCorrection() {
        try (var parameters = random();
                var optimizer = new AdamW(
                        Kernels.of(Device.CPU, Kernels.Choice.AUTO),
                        parameters,
                        settings(OptimizerSection.State.FP32))) {
            List<Plain> plain = plain(parameters);
            List<float[]> gradients = fillGradients(parameters);
            optimizer.resumeAt(10);
            optimizer.step(1e-2, 1);
            plain.getFirst().step(gradients.getFirst(), 1e-2, 1, 11);
            assertThat(optimizer.steps()).isEqualTo(11);
            float[] ours = parameters.list().getFirst().master().orElseThrow().toFloats();
            assertThat((double) ours[7]).isCloseTo(plain.getFirst().w[7], within(1e-7));
        }
    }

    private static OptimizerSection settings(OptimizerSection.State state) {
        return new OptimizerSection(
                OptimizerSection.Kind.ADAMW, List.of(BETA1, BETA2), EPS, DECAY, 1, state, 0.95, Optional.empty());
    }

    private Parameters random() {
        Parameters made = Parameters.allocate(SPECS, Device.CPU, Storage.training(DType.FLOAT32, DType.FLOAT32));
        made.list().forEach(p -> fill(p.master().orElseThrow()));
        return made;
    }

    private static List<Plain> plain(Parameters parameters) {
        return parameters.list().stream()
                .map(p ->
                        new Plain(p.master().orElseThrow().toFloats(), p.spec().isMatrix() ? DECAY : 0))
                .toList();
    }

    private List<float[]> fillGradients(Parameters parameters) {
        return parameters.list().stream()
                .map(Parameter::gradient)
                .map(g -> fill(g.orElseThrow()))
                .toList();
    }

    /** Numbers of many magnitudes, zero among them. */
    private float[] fill(Tensor tensor) {
        float[] numbers = new float[(int) tensor.elements()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i % 17 == 3 ? 0 : (float) (random.nextGaussian() * Math.pow(10, -random.nextInt(5)));
        }
        try (Tensor from = Tensor.of(numbers, numbers.length)) {
            tensor.copyFrom(from.segment());
        }
        return numbers;
    }
}
