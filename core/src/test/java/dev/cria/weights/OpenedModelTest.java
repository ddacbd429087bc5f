package dev.cria.weights;

import static dev.cria.model.TinyModels.logits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.model.LanguageModel;
import dev.cria.model.TinyModels;
import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Memory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models whose weights stay in their files, beside the same ones copied into memory. */
final class OpenedModelTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "llama, FLOAT32, FLOAT32",
        "llama, BFLOAT16, BFLOAT16",
        "llama, FLOAT32, BFLOAT16",
        "llama, FLOAT16, FLOAT32",
        "gpt2, FLOAT32, FLOAT32",
        "gpt2, BFLOAT16, BFLOAT16"
    })
    void everyLogitIsThatOfTheCopiedWeights(String family, DType stored, DType compute) {
        save(family, stored);
        try (LanguageModel copied = Models.load(directory, Device.CPU, Storage.inference(compute));
                LanguageModel opened = Models.open(directory, Device.CPU, compute)) {
            assertThat(logits(opened)).isEqualTo(logits(copied));
        }
    }

    @Test
    void whatTheFileHoldsAsItIsNeededTakesNoMemory() {
        save("llama", DType.FLOAT32);
        long before = Memory.of(Device.CPU).liveBytes();
        try (LanguageModel opened = Models.open(directory, Device.CPU, DType.FLOAT32)) {
            // The table of angles is all there is.
            assertThat(Memory.of(Device.CPU).liveBytes() - before)
                    .isLessThan(opened.parameters().elements() * 4 / 2);
            // The first weight begins where vectors do: the writer sees to it.
            Parameter first = opened.parameters().list().getFirst();
            assertThat(first.value().segment().address() % 64).isZero();
        }
        assertThat(Memory.of(Device.CPU).liveBytes()).isEqualTo(before);
    }

    private void save(String family, DType stored) {
        try (LanguageModel model = TinyModels.of(family, 32, DType.FLOAT32)) {
            Models.save(model, directory, stored);
        }
    }
}
