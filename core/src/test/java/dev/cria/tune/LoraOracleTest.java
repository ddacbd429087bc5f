package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.format.ConfigFile;
import dev.cria.format.Npy;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.model.Attention;
import dev.cria.model.LanguageModel;
import dev.cria.model.Oracles;
import dev.cria.model.Tokens;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Tape;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.DeviceUnderTest;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.train.Interruption;
import dev.cria.weights.Models;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The reference's 20 steps of LoRA: losses, norms, first gradients, final adapter, merged logits. */
@Tag("gpu")
final class LoraOracleTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path folder;

    static Stream<Arguments> goldensAndDevices() {
        return goldens().flatMap(golden -> Stream.of(DeviceUnderTest.CPU, DeviceUnderTest.CUDA)
                .map(on -> Arguments.of(golden, on)));
    }

    static Stream<Path> goldens() {
        return Stream.of("lora", "lora_mistral", "lora_qwen2", "lora_qwen3", "lora_smollm3")
                .flatMap(name -> Oracles.folders("sft/" + name));
    }

    @ParameterizedTest
    @MethodSource("goldensAndDevices")
    void trajectoryFinalAdapterAndMergedLogitsAreTheReferences(Path golden, DeviceUnderTest on) throws IOException {
        Device device = on.device();
        TuningRecipe recipe = recipe(golden, device);
        Tuning.runs(Progress.silent(), Ranks.solo(), Interruption.never())
                .start(recipe, Optional.of(golden.resolve("adapter_init")));
        List<String> lines = Files.readAllLines(folder.resolve("run/metrics.jsonl"));
        JsonNode expected = JSON.readTree(golden.resolve("expected.json")).path("train");
        for (int i = 0; i < expected.size(); i++) {
            JsonNode ours = JSON.readTree(lines.get(i));
            JsonNode theirs = expected.path(i);
            assertThat(ours.path("loss").asDouble())
                    .isCloseTo(theirs.path("loss").asDouble(), within(1e-5));
            assertThat(ours.path("grad_norm").asDouble())
                    .isCloseTo(theirs.path("norm").asDouble(), within(1e-4));
            assertThat(ours.path("lr").asDouble()).isCloseTo(theirs.path("lr").asDouble(), within(1e-12));
        }
        compare(folder.resolve("run/adapter"), golden.resolve("adapter_final"), "adapter_model");
        Merge.merge(folder.resolve("run/adapter"), golden.resolve("base"), folder.resolve("merged"));
        compare(folder.resolve("merged"), golden.resolve("merged"), "model");
        compareLogits(golden);
    }

    private TuningRecipe recipe(Path golden, Device device) throws IOException {
        JsonNode adapter = JSON.readTree(golden.resolve("adapter_init/adapter_config.json"));
        StringBuilder rows = new StringBuilder();
        for (JsonNode step : JSON.readTree(golden.resolve("batches.json"))) {
            for (JsonNode batch : step) {
                for (int i = 0; i < batch.path("input_ids").size(); i++) {
                    int length = batch.path("attention_mask")
                            .path(i)
                            .valueStream()
                            .mapToInt(JsonNode::intValue)
                            .sum();
                    rows.append("{\"input_ids\": ")
                            .append(first(batch.path("input_ids").path(i), length));
                    rows.append(", \"labels\": ")
                            .append(first(batch.path("labels").path(i), length))
                            .append("}\n");
                }
            }
        }
        Path file = Files.writeString(folder.resolve("rows.jsonl"), rows);
        return ConfigFile.defaults(
                TuningRecipe.defaults(),
                List.of(
                        "model=\"" + golden.resolve("base") + "\"",
                        "data={files: [\"" + file + "\"], shuffle: false}",
                        "out=\"" + folder.resolve("run") + "\"",
                        "lora={rank: %s, alpha: %s}".formatted(adapter.path("r"), adapter.path("lora_alpha")),
                        "batch={micro_batch: 2, accumulation: 2}",
                        "optimizer.state=fp32",
                        "schedule={learning_rate: 5e-3, warmup_steps: 5, steps: 20}",
                        "precision.compute=fp32",
                        "device=" + device));
    }

    private static List<Integer> first(JsonNode list, int length) {
        return list.valueStream().limit(length).map(JsonNode::intValue).toList();
    }

    private static void compare(Path ours, Path golden, String stem) {
        try (var mine = SafetensorsDirectory.open(ours, stem);
                var theirs = SafetensorsDirectory.open(golden, stem)) {
            assertThat(mine.names()).containsExactlyInAnyOrderElementsOf(theirs.names());
            for (String name : theirs.names()) {
                float[] a = mine.data(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
                float[] b = theirs.data(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
                assertThat(a).as(name).hasSameSizeAs(b);
                for (int i = 0; i < a.length; i++) {
                    assertThat(a[i]).as(name).isCloseTo(b[i], within(1e-5f));
                }
            }
        }
    }

    private void compareLogits(Path golden) {
        JsonNode batch =
                JSON.readTree(golden.resolve("batches.json")).path(19).path(0).path("input_ids");
        List<Long> ids = new ArrayList<>();
        batch.forEach(row -> row.forEach(id -> ids.add(id.asLong())));
        long[] flat = ids.stream().mapToLong(Long::longValue).toArray();
        Kernels kernels = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
        try (LanguageModel merged =
                        Models.load(folder.resolve("merged"), Device.CPU, Storage.inference(DType.FLOAT32));
                var scope = new Scope();
                var arena = Arena.ofConfined();
                var tape = new Tape(kernels, Tape.Mode.INFERENCE)) {
            var tokens = Tokens.of(scope, Device.CPU, flat, batch.size(), 0);
            var hidden = merged.hidden(tape, tokens, Attention.wholeRows());
            Tensor logits = scope.empty(
                    DType.FLOAT32, Device.CPU, flat.length, merged.config().vocabSize());
            kernels.run(new MatrixProduct.Forward(
                    hidden.data(), merged.head().weight().value(), logits, Into.OVERWRITE));
            float[] expected =
                    Npy.map(golden.resolve("merged_logits.npy"), arena).floats();
            float[] ours = logits.toFloats();
            assertThat(ours).hasSameSizeAs(expected);
            for (int i = 0; i < ours.length; i++) {
                assertThat(ours[i]).isCloseTo(expected[i], within(1e-4f));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void everyGradientOfTheFirstStepIsTheReferences(Path golden) throws IOException {
        TuningRecipe recipe = recipe(golden, Device.CPU);
        var storage = Storage.training(DType.FLOAT32, DType.FLOAT32);
        var config = TunedModel.config(golden.resolve("base"));
        Adapters adapters = PeftFiles.load(golden.resolve("adapter_init"), config, Device.CPU, storage);
        TunedModel model = TunedModel.load(golden.resolve("base"), adapters, Optional.empty(), Device.CPU);
        InstructionData data = InstructionData.of(
                InstructionFiles.read(List.of(Path.of(recipe.data().files().getFirst()))),
                Optional.empty(),
                TuningRecipe.LossOn.RESPONSE,
                64,
                config.vocabSize());
        try (var objective = new InstructionTuning(model, recipe, data, 64, Ranks.solo());
                var theirs = SafetensorsDirectory.open(golden, "grads_step0")) {
            Kernels kernels = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
            for (int i = 0; i < objective.microBatches(0); i++) {
                try (var tape = new Tape(kernels, Tape.Mode.TRAINING);
                        var batch = new Scope()) {
                    objective.loss(tape, batch, 0, i, 1.0 / objective.targets(0));
                    tape.backward();
                }
            }
            assertThat(model.llama().parameters().gradients()).isEmpty();
            objective.parameters().forEachPart(p -> p.gradient().orElseThrow(), (part, gradient) -> {
                float[] ours = gradient.toFloats();
                float[] expected = theirs.data(part.name()).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
                for (int i = 0; i < ours.length; i++) {
                    assertThat(ours[i]).as(part.name()).isCloseTo(expected[i], within(1e-6f));
                }
            });
        }
    }
}
