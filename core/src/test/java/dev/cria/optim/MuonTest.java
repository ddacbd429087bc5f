package dev.cria.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.RequestException;
import dev.cria.nn.Parameter;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.ParameterSpec.Part;
import dev.cria.nn.Parameters;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class MuonTest {
    /** Written by core/src/test/oracle/muon.py. */
    private static final Path GOLDEN = Path.of("src/test/resources/oracle/muon.json");

    private static final List<ParameterSpec> SPECS = List.of(
            ParameterSpec.stacked(0.02, new Part("q", List.of(6L, 11L)), new Part("k", List.of(3L, 11L))),
            ParameterSpec.matrix("down", 11, 6, 0.02));

    /** q and k are multiplied as one, and PyTorch has them apart: so it is seen that they are orthogonalised apart. */
    @ParameterizedTest
    @EnumSource
    void threeStepsArePyTorchs(Kernels.Choice choice) throws IOException {
        JsonNode golden = JsonMapper.shared().readTree(GOLDEN);
        Map<String, float[]> ours = moved(golden, DType.FLOAT32, choice);
        // Small singular values are multiplied by up to 3.44⁵ = 485, and so are roundings: 485 · 2⁻²⁴ of a movement.
        ours.forEach((name, w) -> {
            double[] expected = numbers(golden.at("/float64/" + name));
            for (int i = 0; i < w.length; i++) {
                assertThat((double) w[i]).as("%s[%d]", name, i).isCloseTo(expected[i], within(2e-6));
            }
        });
    }

    /** Each of 15 products rounds to 8 bits in another order than PyTorch's. */
    @ParameterizedTest
    @EnumSource
    void threeStepsInBfloat16ArePyTorchsButForRounding(Kernels.Choice choice) throws IOException {
        JsonNode golden = JsonMapper.shared().readTree(GOLDEN);
        moved(golden, DType.BFLOAT16, choice).forEach((name, w) -> {
            double[] expected = numbers(golden.at("/bfloat16/" + name));
            double[] start = numbers(golden.at("/start/" + name));
            double[] ours = IntStream.range(0, w.length).mapToDouble(i -> w[i]).toArray();
            assertThat(distance(ours, expected) / distance(start, expected))
                    .as(name)
                    .isLessThan(0.05);
        });
    }

    /**
     * A matrix made of a known singular value decomposition, in float64, becomes the one with the same vectors and with
     * values that the iteration has as a polynomial of the old ones.
     */
    @ParameterizedTest
    @CsvSource(textBlock = "13, 31\n31, 13\n17, 17\n1, 9\n207, 64")
    void keepsTheSingularVectorsAndLiftsTheValues(int rows, int columns) {
        int rank = Math.min(rows, columns);
        double[] values = IntStream.range(0, rank)
                .mapToDouble(i -> Math.pow(10, -2.0 * i / Math.max(1, rank - 1)))
                .toArray();
        Known known = Known.of(rows, columns, values);
        for (Kernels.Choice choice : Kernels.Choice.values()) {
            float[] ours = orthogonal(known.x(), rows, columns, DType.FLOAT32, choice);
            for (int i = 0; i < ours.length; i++) {
                assertThat((double) ours[i]).as("%s [%d]", choice, i).isCloseTo(known.turned()[i], within(1e-4));
            }
        }
    }

    /**
     * In bfloat16, of singular values 1, 1/2, 1/3 and so on: one iteration at a time is 0.035 away from float64 by PyTorch,
     * two 0.032, all five on the small matrix alone 158.
     */
    @ParameterizedTest
    @EnumSource
    void twoIterationsAtATimeKeepWhatBfloat16Can(Kernels.Choice choice) {
        int rows = 192;
        int columns = 768;
        Known known = Known.of(
                rows,
                columns,
                IntStream.range(1, rows + 1).mapToDouble(i -> 1.0 / i).toArray());
        float[] ours = orthogonal(known.x(), rows, columns, DType.BFLOAT16, choice);
        double[] wide =
                IntStream.range(0, ours.length).mapToDouble(i -> ours[i]).toArray();
        assertThat(distance(wide, known.turned()) / distance(new double[ours.length], known.turned()))
                .isLessThan(0.045);
    }

    /** What the coefficients were chosen for. */
    @Test
    void singularValuesFromAHundredthUpComeNearOne() {
        for (double s = 0.01; s <= 1; s += 0.001) {
            assertThat(lifted(s)).as("of %s", s).isBetween(0.67, 1.21);
        }
    }

    @Test
    void anEmptyGradientMovesNothingButByDecay() {
        assertThat(orthogonal(new double[35], 5, 7, DType.FLOAT32, Kernels.Choice.AUTO))
                .containsOnly(0);
    }

    @ParameterizedTest
    @EnumSource
    void plannedBytesAreThoseThatItTakesAndTheStateSaysWhichGroupIsWhose(OptimizerSection.State state) {
        List<ParameterSpec> specs = List.of(
                ParameterSpec.table("embedding", 101, 13, 0.02),
                ParameterSpec.vector("norm", 13, 1),
                ParameterSpec.matrix("matrix", 31, 13, 0.02));
        var settings = settings(state, Optional.empty());
        Kernels kernels = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
        try (var parameters = Parameters.allocate(specs, Device.CPU, Storage.training(DType.FLOAT32, DType.FLOAT32));
                var optimizer = Optimizer.of(kernels, parameters, settings, 1e-3)) {
            assertThat(optimizer.bytes()).isEqualTo(Optimizer.plannedBytes(settings, specs, DType.FLOAT32));
            optimizer.step(1e-3, 1);
            assertThat(optimizer.scratchBytes())
                    .isEqualTo(Optimizer.plannedScratch(settings, specs, DType.FLOAT32, DType.FLOAT32, 8))
                    .isEqualTo(4 * (3 * 31 * 13 + 3 * 13 * 13));
            assertThat(optimizer.sources(held -> held).stream()
                            .map(source -> source.entry().name()))
                    .contains("matrix.momentum", "embedding.exp_avg", "norm.exp_avg_sq")
                    .doesNotContain("matrix.exp_avg", "embedding.momentum");
        }
    }

    /** The first step of Adam moves each number by the rate. */
    @Test
    void adamwsRateIsItsOwnAndFollowsTheSchedule() {
        List<ParameterSpec> specs = List.of(ParameterSpec.vector("norm", 13, 1));
        var settings = settings(OptimizerSection.State.FP32, Optional.of(1e-2));
        Kernels kernels = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
        try (var parameters = Parameters.allocate(specs, Device.CPU, Storage.training(DType.FLOAT32, DType.FLOAT32));
                var optimizer = Optimizer.of(kernels, parameters, settings, 2e-3)) {
            Parameter norm = parameters.list().getFirst();
            double[] gradient = new double[13];
            Arrays.fill(gradient, 0.5);
            fill(norm.gradient().orElseThrow(), gradient);
            optimizer.step(1e-3, 1); // Half of the highest.
            assertThat(norm.master().orElseThrow().toFloats()[7]).isCloseTo(-5e-3f, within(1e-7f));
        }
    }

    @Test
    void aRateForAdamwBesideNothingIsRefused() {
        assertThatThrownBy(() -> new OptimizerSection(
                        OptimizerSection.Kind.ADAMW,
                        List.of(0.9, 0.95),
                        1e-8,
                        0.1,
                        1,
                        OptimizerSection.State.FP32,
                        0.95,
                        Optional.of(1e-3)))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("adamw_learning_rate is for what muon leaves to adamw, and kind is adamw");
    }

    /** A matrix of known singular values, and what five iterations make of it in float64. */
    private record Known(double[] x, double[] turned) {
        static Known of(int rows, int columns, double[] values) {
            Random random = new Random(3);
            double[][] u = orthonormal(random, values.length, rows);
            double[][] v = orthonormal(random, values.length, columns);
            double norm = Math.sqrt(Arrays.stream(values).map(s -> s * s).sum());
            double[] lifted = Arrays.stream(values).map(s -> lifted(s / norm)).toArray();
            return new Known(product(u, values, v), product(u, lifted, v));
        }
    }

    private static Map<String, float[]> moved(JsonNode golden, DType compute, Kernels.Choice choice) {
        double rate = golden.get("rate").asDouble();
        Map<String, float[]> moved = new HashMap<>();
        try (var parameters = Parameters.allocate(SPECS, Device.CPU, Storage.training(compute, DType.FLOAT32));
                var optimizer = Optimizer.of(
                        Kernels.of(Device.CPU, choice),
                        parameters,
                        settings(OptimizerSection.State.FP32, Optional.empty()),
                        rate)) {
            parameters.forEachPart(
                    p -> p.master().orElseThrow(), (part, w) -> fill(w, numbers(golden.at("/start/" + part.name()))));
            for (JsonNode gradients : golden.get("gradients")) {
                parameters.forEachPart(
                        p -> p.gradient().orElseThrow(),
                        (part, gradient) -> fill(gradient, numbers(gradients.get(part.name()))));
                optimizer.step(rate, 1);
            }
            parameters.forEachPart(p -> p.master().orElseThrow(), (part, w) -> moved.put(part.name(), w.toFloats()));
        }
        return moved;
    }

    private static OptimizerSection settings(OptimizerSection.State state, Optional<Double> adamwLearningRate) {
        return new OptimizerSection(
                OptimizerSection.Kind.MUON, List.of(0.9, 0.95), 1e-8, 0.1, 1, state, 0.95, adamwLearningRate);
    }

    private static float[] orthogonal(double[] x, int rows, int columns, DType compute, Kernels.Choice choice) {
        try (Tensor tensor = Tensor.zeros(DType.FLOAT32, Device.CPU, rows, columns);
                var orthogonal = new Orthogonal(Kernels.of(Device.CPU, choice))) {
            return orthogonal.of(tensor, compute, u -> fill(u, x)).toFloats();
        }
    }

    /** Five iterations of the polynomial on a singular value. */
    private static double lifted(double s) {
        double x = s;
        for (int i = 0; i < 5; i++) {
            x = 3.4445 * x - 4.7750 * Math.pow(x, 3) + 2.0315 * Math.pow(x, 5);
        }
        return x;
    }

    /** Σ u · s · vᵀ, row by row. */
    private static double[] product(double[][] u, double[] s, double[][] v) {
        int columns = v[0].length;
        double[] x = new double[u[0].length * columns];
        for (int i = 0; i < x.length; i++) {
            for (int k = 0; k < s.length; k++) {
                x[i] += u[k][i / columns] * s[k] * v[k][i % columns];
            }
        }
        return x;
    }

    /** Gram and Schmidt's, twice over. */
    private static double[][] orthonormal(Random random, int count, int width) {
        double[][] vectors = new double[count][];
        for (int k = 0; k < count; k++) {
            double[] vector = random.doubles(width, -1, 1).toArray();
            for (int j = 0; j < 2 * k; j++) {
                double[] other = vectors[j % k];
                double along = dot(vector, other);
                Arrays.setAll(vector, i -> vector[i] - along * other[i]);
            }
            double norm = Math.sqrt(dot(vector, vector));
            Arrays.setAll(vector, i -> vector[i] / norm);
            vectors[k] = vector;
        }
        return vectors;
    }

    private static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    private static double distance(double[] a, double[] b) {
        return Math.sqrt(IntStream.range(0, a.length)
                .mapToDouble(i -> (a[i] - b[i]) * (a[i] - b[i]))
                .sum());
    }

    private static double[] numbers(JsonNode list) {
        double[] numbers = new double[list.size()];
        Arrays.setAll(numbers, i -> list.get(i).asDouble());
        return numbers;
    }

    private static void fill(Tensor tensor, double[] numbers) {
        float[] floats = new float[numbers.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) numbers[i];
        }
        try (Tensor from = Tensor.of(floats, tensor.shape())) {
            tensor.copyFrom(from);
        }
    }
}
