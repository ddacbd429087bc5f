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
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Logits, loss and every gradient of the reference models; the tolerances are those of the oracle's own page. */
final class ModelOracleTest {

    @ParameterizedTest
    @ValueSource(strings = {"seed1", "seed1_sharp", "gpt2_seed1"})
    void logitsAgree(String name) {
        Path folder = Oracles.folder("llama").resolve(name);
        JsonNode expected = new JsonMapper().readTree(folder.resolve("expected.json"));
        try (var model = Models.load(folder.resolve("model"), Device.CPU, Storage.inference(DType.FLOAT32));
                var scope = new Scope();
                var arena = Arena.ofConfined();
                var tape = new Tape(Kernels.of(Device.CPU, Kernels.Choice.AUTO), Tape.Mode.INFERENCE)) {
            long[] ids = tokens(expected.get("batch_tokens"));
            Value hidden = model.hidden(tape, Tokens.of(scope, Device.CPU, ids, 2, 0), Attention.wholeRows());
            Tensor logits = scope.empty(
                    DType.FLOAT32, Device.CPU, ids.length, model.config().vocabSize());
            Kernels.of(Device.CPU, Kernels.Choice.AUTO)
                    .linear(hidden.data(), model.head().weight().value(), logits, Into.OVERWRITE);
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
    @CsvSource({
        "seed1, TRAINING",
        "seed1, TRAINING_RECOMPUTING_BLOCKS",
        "seed1_sharp, TRAINING",
        "gpt2_seed1, TRAINING",
        "gpt2_seed1, TRAINING_RECOMPUTING_BLOCKS"
    })
    void lossAndEveryGradientAgree(String name, Tape.Mode mode) {
        Path folder = Oracles.folder("llama").resolve(name);
        JsonNode expected = new JsonMapper().readTree(folder.resolve("expected.json"));
        var storage = Storage.training(DType.FLOAT32, DType.FLOAT32);
        try (var model = Models.load(folder.resolve("model"), Device.CPU, storage);
                var scope = new Scope();
                var tape = new Tape(Kernels.of(Device.CPU, Kernels.Choice.AUTO), mode);
                var golden = SafetensorsDirectory.open(folder, "grads")) {
            long[] ids = tokens(expected.get("batch_tokens"));
            Tensor targets = scope.own(Tensor.of(targets(folder, ids.length), ids.length));
            Value hidden = model.hidden(tape, Tokens.of(scope, Device.CPU, ids, 2, 0), Attention.wholeRows());
            Tensor losses = tape.linearCrossEntropy(hidden, model.head(), targets, 1.0 / ids.length);
            double sum = 0;
            for (float loss : losses.toFloats()) {
                sum += loss;
            }
            assertThat(sum / ids.length).isCloseTo(expected.get("batch_loss").asDouble(), within(1e-5));
            tape.backward();
            model.parameters().forEachPart(p -> p.gradient().orElseThrow(), (part, gradient) -> {
                var layout = TensorFiles.of(model.config()).layout();
                float[] ours = layout.isTransposed(part) ? transposed(gradient) : gradient.toFloats();
                compare(part.name(), ours, golden.data(part.name()).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
            });
        }
    }

    private static float[] transposed(Tensor gradient) {
        try (Tensor turned = gradient.transposed()) {
            return turned.toFloats();
        }
    }

    /** Within 1e-4 of the tensor's norm, plus 1e-7 for gradients that are zero in exact arithmetic. */
    private static void compare(String name, float[] ours, float[] golden) {
        assertThat(ours).as(name).hasSameSizeAs(golden);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < golden.length; i++) {
            difference += Math.pow(ours[i] - golden[i], 2);
            norm += Math.pow(golden[i], 2);
        }
        assertThat(Math.sqrt(difference)).as(name).isLessThan(1e-4 * Math.sqrt(norm) + 1e-7 * golden.length);
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
