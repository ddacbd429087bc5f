package dev.cria.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.format.Npy;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Tape;
import dev.cria.nn.Value;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.DeviceUnderTest;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.weights.Models;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Logits, loss and every gradient of the reference models; the tolerances are those of the oracle's own page. */
@Tag("gpu")
final class ModelOracleTest {

    static Stream<Arguments> modelsAndDevices() {
        return Oracles.models().stream()
                .flatMap(folder -> Stream.of(DeviceUnderTest.values()).map(on -> Arguments.of(folder, on)));
    }

    static Stream<Arguments> modelsModesAndDevices() {
        var modes = List.of(Tape.Mode.TRAINING, Tape.Mode.TRAINING_RECOMPUTING_BLOCKS);
        return modelsAndDevices()
                .flatMap(at -> modes.stream().map(mode -> Arguments.of(at.get()[0], mode, at.get()[1])));
    }

    @ParameterizedTest
    @MethodSource("modelsAndDevices")
    void logitsAgree(Path folder, DeviceUnderTest on) {
        Device device = on.device();
        Kernels kernels = on.kernels();
        JsonNode expected = new JsonMapper().readTree(folder.resolve("expected.json"));
        try (var model = Models.load(folder.resolve("model"), device, Storage.inference(DType.FLOAT32));
                var scope = new Scope();
                var arena = Arena.ofConfined();
                var tape = new Tape(kernels, Tape.Mode.INFERENCE)) {
            long[] ids = tokens(expected.get("batch_tokens"));
            Value hidden = model.hidden(tape, Tokens.of(scope, device, ids, 2, 0), Attention.wholeRows());
            Tensor logits = scope.empty(
                    DType.FLOAT32, device, ids.length, model.config().vocabSize());
            kernels.run(new MatrixProduct.Forward(
                    hidden.data(), model.head().weight().value(), logits, Into.OVERWRITE));
            float[] golden = Npy.map(folder.resolve("logits.npy"), arena).floats();
            double worst = 0;
            float[] ours = logits.toFloats();
            for (int i = 0; i < golden.length; i++) {
                worst = Math.max(worst, Math.abs(golden[i] - ours[i]));
            }
            assertThat(worst).isLessThan(5e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("modelsModesAndDevices")
    void lossAndEveryGradientAgree(Path folder, Tape.Mode mode, DeviceUnderTest on) {
        var storage = Storage.training(DType.FLOAT32, DType.FLOAT32);
        lossAndEveryGradientAgree(folder, mode, on, storage, new Allowance(1e-5, 1e-4));
    }

    /**
     * In bfloat16 each activation is off by up to a part in 256. Measured on a processor: the loss is off by less than
     * 0.002, and a gradient by less than a 20th of its norm, but for those that are small sums of large terms.
     */
    @ParameterizedTest
    @MethodSource("modelsAndDevices")
    void inBfloat16LossAndGradientsStayNear(Path folder, DeviceUnderTest on) {
        var storage = Storage.training(DType.BFLOAT16, DType.FLOAT32);
        lossAndEveryGradientAgree(folder, Tape.Mode.TRAINING, on, storage, new Allowance(5e-3, 0.1));
    }

    /** How far loss and gradients may be off: the one absolutely, the others as a part of each one's norm. */
    private record Allowance(double loss, double gradient) {}

    private static void lossAndEveryGradientAgree(
            Path folder, Tape.Mode mode, DeviceUnderTest on, Storage storage, Allowance allowance) {
        Device device = on.device();
        JsonNode expected = new JsonMapper().readTree(folder.resolve("expected.json"));
        try (var model = Models.load(folder.resolve("model"), device, storage);
                var scope = new Scope();
                var tape = new Tape(on.kernels(), mode);
                var golden = SafetensorsDirectory.open(folder, "grads")) {
            long[] ids = tokens(expected.get("batch_tokens"));
            Tensor hostTargets = scope.own(Tensor.of(targets(folder, ids.length), ids.length));
            Tensor targets = scope.own(hostTargets.to(device));
            Value hidden = model.hidden(tape, Tokens.of(scope, device, ids, 2, 0), Attention.wholeRows());
            Tensor losses = tape.linearCrossEntropy(hidden, model.head(), targets, 1.0 / ids.length);
            double sum = 0;
            for (float loss : losses.toFloats()) {
                sum += loss;
            }
            assertThat(sum / ids.length).isCloseTo(expected.get("batch_loss").asDouble(), within(allowance.loss()));
            tape.backward();
            model.parameters().forEachPart(p -> p.gradient().orElseThrow(), (part, gradient) -> {
                float[] ours = model.config().isStoredTransposed(part) ? transposed(gradient) : gradient.toFloats();
                float[] theirs = golden.data(part.name()).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
                compare(part.name(), ours, theirs, allowance.gradient());
            });
        }
    }

    private static float[] transposed(Tensor gradient) {
        try (Tensor turned = gradient.transposed()) {
            return turned.toFloats();
        }
    }

    /** Within a part of the tensor's norm, plus a thousandth of it for gradients that are zero in exact arithmetic. */
    private static void compare(String name, float[] ours, float[] golden, double part) {
        assertThat(ours).as(name).hasSameSizeAs(golden);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < golden.length; i++) {
            difference += Math.pow(ours[i] - golden[i], 2);
            norm += Math.pow(golden[i], 2);
        }
        assertThat(Math.sqrt(difference)).as(name).isLessThan(part * Math.sqrt(norm) + 1e-3 * part * golden.length);
    }

    private static long[] tokens(JsonNode rows) {
        return rows.valueStream()
                .flatMap(JsonNode::valueStream)
                .mapToLong(JsonNode::asLong)
                .toArray();
    }

    /** The tokens of the file shifted by one. */
    private static long[] targets(Path folder, int count) {
        try (var arena = Arena.ofConfined()) {
            Npy tokens = Npy.map(folder.resolve("data/oracle_train_000001.npy"), arena);
            long[] targets = new long[count];
            for (int i = 0; i < count; i++) {
                targets[i] = tokens.tokenAt(i + 1);
            }
            return targets;
        }
    }
}
