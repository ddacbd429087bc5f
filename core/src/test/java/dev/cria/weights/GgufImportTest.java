package dev.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.GgufFile;
import dev.cria.format.GgufWriter;
import dev.cria.format.GgufWriter.Type;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.model.ModelConfig;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.tensor.DType;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GGUF files become the directories that they were made of; their blocks are checked against the package gguf. */
final class GgufImportTest {
    private static final Path BLOCKS = Path.of("src/test/resources/oracle/gguf/blocks.gguf");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K"})
    void blocksAreTheNumbersThatGgufsOwnPackageMakesOfThem(String type) {
        try (GgufFile file = GgufFile.open(BLOCKS)) {
            GgufFile.Tensor tensor = file.find(type).orElseThrow();
            GgufFile.Tensor expected = file.find(type + ".expected").orElseThrow();
            float[] numbers = tensor.type().floats(tensor.bytes());

            assertThat(tensor.type().name()).isEqualTo(type);
            assertThat(tensor.shape()).isEqualTo(expected.shape());
            // The same float32 operations in the same order, so the same bits.
            assertThat(numbers).isEqualTo(expected.bytes().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
        }
    }

    @Test
    void keysKeepTheirValues() {
        try (GgufFile file = GgufFile.open(BLOCKS)) {
            assertThat(file.keys())
                    .containsEntry("none.answer", 42L)
                    .containsEntry("none.eps", 1e-5)
                    .containsEntry("none.words", List.of("llama", "cria"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "tied", "linear", "llama3", "yarn", "biases", "mistral", "qwen2", "qwen3", "gpt2"})
    void anExportedModelComesBackAsItWas(String shape) {
        Path directory = SmallDirectories.write(config(shape), folder.resolve("model"), DType.FLOAT32);
        Path back = imported(directory, Type.F32);

        ModelConfig before = Models.readConfig(directory);
        ModelConfig after = Models.readConfig(back);
        assertThat(after.gguf()).usingRecursiveComparison().isEqualTo(before.gguf());
        assertThat(after.vocabSize()).isEqualTo(before.vocabSize());
        assertThat(after.positions()).isEqualTo(before.positions());
        assertThat(after.heads()).isEqualTo(before.heads());
        assertThat(after.endOfText()).isEqualTo(before.endOfText());
        assertThat(after.tieWordEmbeddings()).isEqualTo(before.tieWordEmbeddings());
        try (var expected = SafetensorsDirectory.open(directory, "model");
                var made = SafetensorsDirectory.open(back, "model")) {
            assertThat(made.names()).containsExactlyInAnyOrderElementsOf(expected.names());
            for (String name : expected.names()) {
                assertThat(made.entry(name).shape())
                        .as(name)
                        .isEqualTo(expected.entry(name).shape());
                assertThat(made.data(name).mismatch(expected.data(name)))
                        .as(name)
                        .isNegative();
            }
        }
        Tokenizer tokenizer = Tokenizers.load(back);
        for (String text : List.of("A llama is", "Bread, 1234!\n  x", "<|endoftext|>é")) {
            assertThat(tokenizer.encode(text)).isEqualTo(SmallDirectories.TOKENIZER.encode(text));
        }
        assertThat(tokenizer.endOfText()).isEqualTo(SmallDirectories.TOKENIZER.endOfText());
    }

    @ParameterizedTest
    @ValueSource(strings = {"F16", "BF16", "Q8_0"})
    void aRoundedFileIsReadAsTheNumbersThatItHolds(String type) {
        Path directory = SmallDirectories.write(config("llama"), folder.resolve("model"), DType.FLOAT32);
        Path back = imported(directory, Type.valueOf(type));
        Path again = folder.resolve("again.gguf");
        GgufExport.write(back, again, Type.valueOf(type), new ModelExport.Vocabulary.All());

        try (GgufFile first = GgufFile.open(folder.resolve("model.gguf"));
                GgufFile second = GgufFile.open(again)) {
            first.tensors().forEach((name, tensor) -> assertThat(
                            second.find(name).orElseThrow().bytes().mismatch(tensor.bytes()))
                    .as(name)
                    .isNegative());
        }
    }

    @Test
    void aTokenizerOfSentencePieceIsMadeOfItsScores() {
        List<String> tokens = List.of(
                "<unk>", "<s>", "</s>", "<0x0A>", "<0xC3>", "<0xA9>", "▁", "a", "l", "m", "ll", "am", "▁ll", "▁llam",
                "▁llama");
        int[] kinds = {2, 3, 3, 6, 6, 6, 1, 1, 1, 1, 1, 1, 1, 1, 1};
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("tokenizer.ggml.model", "llama");
        keys.put("tokenizer.ggml.tokens", tokens);
        keys.put("tokenizer.ggml.token_type", kinds);
        keys.put("tokenizer.ggml.scores", new int[] {0, 0, 0, 0, 0, 0, -9, -9, -9, -9, -1, -2, -3, -4, -5});
        keys.put("tokenizer.ggml.bos_token_id", 1);
        keys.put("tokenizer.ggml.eos_token_id", 2);
        keys.put("tokenizer.ggml.unknown_token_id", 0);
        Path gguf = folder.resolve("spm.gguf");
        GgufWriter.write(gguf, keys, List.of());
        try (GgufFile file = GgufFile.open(gguf)) {
            GgufTokenizerFiles.of(file).forEach((name, content) -> write(folder.resolve(name), content));
        }
        Tokenizer tokenizer = Tokenizers.load(folder);

        assertThat(tokenizer.encode("llama\né a")).containsExactly(14, 3, 4, 5, 6, 7);
        assertThat(tokenizer.roles().frame().before()).containsExactly(1);
        assertThat(tokenizer.decode(new int[] {14, 3, 4, 5, 6, 7})).isEqualTo("llama\né a");
        assertThat(tokenizer.endOfText()).hasValue(2);
    }

    @Test
    void whatIsNotComputedIsRefusedByItsName() {
        refused(Map.of("general.architecture", "gemma"), "general.architecture is gemma, which is not read");
        refused(Map.of("general.architecture", "llama", "llama.expert_count", 8), "llama.expert_count is 8");
        refused(Map.of("general.architecture", "llama", "split.count", 2), "one of 2 parts");
    }

    private void refused(Map<String, Object> keys, String told) {
        Path gguf = folder.resolve("refused.gguf");
        var table = new GgufWriter.Tensor(
                "token_embd.weight",
                Type.F32,
                new long[] {1, 1},
                sink -> sink.write(MemorySegment.ofArray(new float[1])));
        GgufWriter.write(gguf, keys, List.of(table));
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> GgufImport.write(gguf, out))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining(told);
        assertThat(out).doesNotExist();
    }

    @Test
    void aFileThatIsCutOrLiesIsRefusedAndNothingElse() throws IOException {
        Path directory = SmallDirectories.write(config("llama"), folder.resolve("model"), DType.FLOAT32);
        imported(directory, Type.Q8_0);
        byte[] sound = Files.readAllBytes(folder.resolve("model.gguf"));
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            byte[] bytes = i % 2 == 0 ? Arrays.copyOf(sound, random.nextInt(sound.length)) : sound.clone();
            if (i % 2 == 1) {
                bytes[random.nextInt(12_000)] = (byte) (random.nextBoolean() ? 255 : random.nextInt());
            }
            Path file = Files.write(folder.resolve("bad.gguf"), bytes);
            Path out = Files.createDirectories(folder.resolve("bad-" + i));
            try {
                GgufImport.write(file, out);
            } catch (RequestException | WorkException told) {
                assertThat(told.getMessage()).contains("bad.gguf");
            }
        }
        assertThatCode(() -> GgufFile.open(folder.resolve("model.gguf")).close())
                .doesNotThrowAnyException();
    }

    private static void write(Path file, String content) {
        try {
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path imported(Path directory, Type type) {
        Path file = folder.resolve("model.gguf");
        GgufExport.write(directory, file, type, new ModelExport.Vocabulary.All());
        Path back = folder.resolve("back");
        GgufImport.write(file, back);
        return back;
    }

    private static ModelConfig config(String shape) {
        return switch (shape) {
            case "llama" -> SmallDirectories.llama(new RopeScaling.None(), false);
            case "tied" -> SmallDirectories.llama(new RopeScaling.None(), true);
            case "linear" -> SmallDirectories.llama(new RopeScaling.Linear(4), false);
            case "llama3" -> SmallDirectories.llama(new RopeScaling.Llama3(8, 1, 4, 64), false);
            case "yarn" -> SmallDirectories.llama(new RopeScaling.Yarn(4, 1.3, 32, 1, true, 32), false);
            case "biases" -> SmallDirectories.kin("llama", Map.of("attention_bias", true));
            case "mistral", "qwen2", "qwen3" -> SmallDirectories.kin(shape, Map.of("head_dim", 16));
            default -> SmallDirectories.gpt2();
        };
    }
}
