package dev.cria.weights;

import static dev.cria.model.TinyModels.logits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.model.LanguageModel;
import dev.cria.model.LlamaConfig;
import dev.cria.model.RopeScaling;
import dev.cria.model.TinyModels;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Memory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models whose matrices are kept in 8 bits, beside the ones they were made from. */
final class QuantizedModelTest {
    private static final Kernels KERNELS = Kernels.of(Device.CPU, Kernels.Choice.AUTO);

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"llama, FLOAT32", "llama, BFLOAT16", "gpt2, FLOAT32"})
    void logitsAreNearThoseOfTheWeightsThatWereRounded(String family, DType stored) {
        try (LanguageModel model = model(family)) {
            Models.save(model, directory, stored);
            float[] exact = logits(model);
            try (LanguageModel quantized =
                    Models.loadQuantized(directory, Device.CPU, DType.FLOAT32, PartEdit.none())) {
                float[] rounded = logits(quantized);
                double error = 0;
                double size = 0;
                for (int i = 0; i < exact.length; i++) {
                    error += Math.pow(exact[i] - rounded[i], 2);
                    size += Math.pow(exact[i], 2);
                }
                // A weight is off by a part in 254 of its row's largest at most, and errors add up over three layers.
                assertThat(Math.sqrt(error / size)).isBetween(1e-4, 0.06);
            }
        }
    }

    private static LanguageModel model(String family) {
        return TinyModels.of(family, 32, DType.FLOAT32);
    }

    @Test
    void hasNoDenseHeadAndLeavesNoMemoryBehind() {
        try (LanguageModel model = model("llama")) {
            Models.save(model, directory, DType.FLOAT32);
        }
        long before = Memory.of(Device.CPU).liveBytes();
        try (LanguageModel quantized = Models.loadQuantized(directory, Device.CPU, DType.FLOAT32, PartEdit.none())) {
            assertThatThrownBy(quantized::head).isInstanceOf(IllegalStateException.class);
        }
        assertThat(Memory.of(Device.CPU).liveBytes()).isEqualTo(before);
    }

    @Test
    void tiedTablesAreLookedUpInFullAndMultipliedInBytes() {
        var c = TinyModels.llamaConfig(32);
        var tied = new LlamaConfig(
                c.vocabSize(), 24, 40, 2, 4, 2, 6, 32, 1e-5, 10000, new RopeScaling.None(), true, 0.3, -1, -1);
        try (LanguageModel model = Models.create(tied, Device.CPU, Storage.inference(DType.FLOAT32), 3)) {
            Models.save(model, directory, DType.FLOAT32);
            try (LanguageModel quantized =
                    Models.loadQuantized(directory, Device.CPU, DType.FLOAT32, PartEdit.none())) {
                assertThat(quantized
                                .parameters()
                                .withPart("model.embed_tokens.weight")
                                .value()
                                .toFloats())
                        .isEqualTo(model.head().weight().value().toFloats());
                assertThat(quantized.output().outputs()).isEqualTo(c.vocabSize());
            }
        }
    }

    @Test
    void anEditChangesOnlyTheWeightsThatItConcerns() {
        try (LanguageModel model = model("llama")) {
            Models.save(model, directory, DType.FLOAT32);
        }
        String edited = "model.layers.1.mlp.up_proj.weight";
        var twice = new PartEdit() {
            @Override
            public boolean concerns(dev.cria.nn.ParameterSpec.Part part) {
                return part.name().equals(edited);
            }

            @Override
            public void apply(dev.cria.nn.ParameterSpec.Part part, dev.cria.tensor.Tensor weights) {
                assertThat(part.name()).isEqualTo(edited);
                KERNELS.run(new Elementwise.Scale(weights, 2));
            }
        };
        try (LanguageModel plain = Models.loadQuantized(directory, Device.CPU, DType.FLOAT32, PartEdit.none());
                LanguageModel changed = Models.loadQuantized(directory, Device.CPU, DType.FLOAT32, twice)) {
            assertThat(logits(changed)).isNotEqualTo(logits(plain));
        }
    }
}
