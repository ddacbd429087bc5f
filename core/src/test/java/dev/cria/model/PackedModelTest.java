package dev.cria.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Tape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Memory;
import dev.cria.tensor.Scope;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models whose matrices are kept in 8 bits, beside the ones they were made from. */
final class PackedModelTest {
    private static final Kernels KERNELS = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
    private static final long[] IDS = {5, 17, 3, 40, 8, 52, 0, 31, 9};

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"llama, FLOAT32", "llama, BFLOAT16", "gpt2, FLOAT32"})
    void logitsAreNearThoseOfTheWeightsThatWereRounded(String family, DType stored) {
        try (LanguageModel model = model(family)) {
            Models.save(model, directory, stored);
            float[] exact = logits(model);
            try (LanguageModel packed = Models.loadPacked(directory, Device.CPU, DType.FLOAT32, PartEdit.none())) {
                float[] rounded = logits(packed);
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
        return family.equals("llama") ? TinyModels.llama(32, DType.FLOAT32) : TinyModels.gpt2(32, DType.FLOAT32);
    }

    private static float[] logits(LanguageModel model) {
        try (var scope = new Scope();
                var tape = new Tape(KERNELS, Tape.Mode.INFERENCE)) {
            var tokens = Tokens.of(scope, Device.CPU, IDS, 1, 0);
            var hidden = model.hidden(tape, tokens, Attention.wholeRows());
            return tape.logits(hidden.data(), model.output()).toFloats();
        }
    }

    @Test
    void hasNoDenseHeadAndLeavesNoMemoryBehind() {
        try (LanguageModel model = model("llama")) {
            Models.save(model, directory, DType.FLOAT32);
        }
        long before = Memory.of(Device.CPU).liveBytes();
        try (LanguageModel packed = Models.loadPacked(directory, Device.CPU, DType.FLOAT32, PartEdit.none())) {
            assertThatThrownBy(packed::head).isInstanceOf(IllegalStateException.class);
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
            try (LanguageModel packed = Models.loadPacked(directory, Device.CPU, DType.FLOAT32, PartEdit.none())) {
                assertThat(packed.parameters()
                                .holding("model.embed_tokens.weight")
                                .value()
                                .toFloats())
                        .isEqualTo(model.head().weight().value().toFloats());
                assertThat(packed.output().outputs()).isEqualTo(c.vocabSize());
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
                KERNELS.scale(weights, 2);
            }
        };
        try (LanguageModel plain = Models.loadPacked(directory, Device.CPU, DType.FLOAT32, PartEdit.none());
                LanguageModel changed = Models.loadPacked(directory, Device.CPU, DType.FLOAT32, twice)) {
            assertThat(logits(changed)).isNotEqualTo(logits(plain));
        }
    }
}
