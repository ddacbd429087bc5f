package dev.cria.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.tjake.jlama.safetensors.SafeTensorIndex;
import com.github.tjake.jlama.tensor.AbstractTensor;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.SafetensorsWriter;
import dev.cria.format.TensorSource;
import dev.cria.nn.ParameterSpec.Part;
import dev.cria.tensor.DType;
import dev.cria.tensor.Tensor;
import dev.cria.weights.ModelExport;
import dev.cria.weights.StoredModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jlama's reader of safetensors finds in our directories what ours does, to the last bit. */
final class SafetensorsJlamaTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"FLOAT32, single", "BFLOAT16, single", "FLOAT16, single", "FLOAT32, sharded", "BFLOAT16, sharded"})
    void jlamaReadsEveryTensor(DType dtype, String layout) throws Exception {
        Path made = SmallDirectories.write(
                SmallDirectories.llama(new RopeScaling.None(), false), folder.resolve("made"), DType.FLOAT32);
        Path directory = folder.resolve("exported");
        ModelExport.toHuggingFace(made, directory, Optional.of(dtype), new ModelExport.Vocabulary.OfTokenizer());
        if (layout.equals("single")) {
            compare(SafeTensorIndex.loadSingleFile(directory, "model.safetensors"), directory);
        } else {
            Path sharded = sharded(directory);
            compare(SafeTensorIndex.loadWithWeights(sharded), sharded);
        }
    }

    private static void compare(SafeTensorIndex index, Path directory) throws Exception {
        try (SafeTensorIndex theirs = index;
                StoredModel ours = StoredModel.open(directory)) {
            assertThat(theirs.tensorInfoMap().keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            ours.parts().stream().map(Part::name).toList());
            for (Part part : ours.parts()) {
                try (Tensor floats = ours.floats(part)) {
                    assertThat(numbers(theirs.load(part.name()), floats.shape()))
                            .as(part.name())
                            .isEqualTo(floats.toFloats());
                }
            }
        }
    }

    private Path sharded(Path directory) throws Exception {
        Path sharded = Files.createDirectories(folder.resolve("sharded"));
        Files.copy(directory.resolve("config.json"), sharded.resolve("config.json"));
        try (var files = SafetensorsDirectory.open(directory, "model")) {
            List<TensorSource> tensors = files.names().stream()
                    .map(name -> TensorSource.of(
                            name, files.entry(name).type(), files.entry(name).shape(), () -> files.data(name)))
                    .toList();
            assertThat(SafetensorsWriter.writeDirectory(sharded, "model", tensors, Map.of("format", "pt"), 30_000))
                    .hasSizeGreaterThan(3);
        }
        return sharded;
    }

    /** By rows; Jlama makes one row of a vector. */
    private static float[] numbers(AbstractTensor<?, ?> tensor, long[] shape) {
        int columns = (int) shape[shape.length - 1];
        int rows = shape.length == 1 ? 1 : (int) shape[0];
        assertThat(tensor.size()).isEqualTo((long) rows * columns);
        float[] numbers = new float[rows * columns];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = tensor.get(i / columns, i % columns);
        }
        return numbers;
    }
}
