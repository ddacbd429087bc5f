package dev.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.CacheType;
import dev.cria.RequestException;
import dev.cria.format.GgufWriter.Type;
import dev.cria.generate.GenerateOptions;
import dev.cria.generate.Generator;
import dev.cria.generate.Sampling;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** llama.cpp itself loads the exported files, splits texts into the same ids, and goes on as this program does. */
final class GgufLlamaCppTest {
    private static final String[] PROMPTS = {"A llama is", "The quick brown", "Bread, 1234!\n  x"};
    private static final int TOKENS = 24;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "llama, F32, 24",
        "llama, F16, 24",
        "llama, Q8_0, 0",
        "llama, BF16, 2",
        "tied, F32, 24",
        "linear, F32, 24",
        "llama3, F32, 24",
        "yarn, F32, 24",
        "biases, F32, 24",
        "mistral, F32, 24",
        "qwen2, F32, 24",
        "qwen2, Q8_0, 0",
        "gpt2, F32, 24",
        "gpt2, Q8_0, 0"
    })
    void llamaCppGoesOnAsThisProgramDoes(String shape, Type type, int sameTokens) {
        Path directory = SmallDirectories.write(config(shape), folder.resolve("model"), DType.FLOAT32);
        Path file = folder.resolve("model.gguf");
        GgufExport.write(directory, file, type, new ModelExport.Vocabulary.OfTokenizer());
        try (LanguageModel ours = Models.load(directory, Device.CPU, Storage.inference(DType.FLOAT32));
                LlamaModel theirs = open(file)) {
            var generator = new Generator(ours, Kernels.of(Device.CPU, Kernels.Choice.AUTO));
            // Both are kept from choosing the end token, the last id, and go on to the full length.
            int choosable = SmallDirectories.TOKENS - 1;
            var options = new GenerateOptions(TOKENS, Sampling.greedy(), 0, 1, choosable, Set.of());
            for (String prompt : PROMPTS) {
                int[] ids = SmallDirectories.TOKENIZER.encode(prompt);
                assertThat(theirs.encode(prompt)).containsExactly(ids);
                int[] made = generator.generate(ids, options).getFirst().ids();
                String begin = SmallDirectories.TOKENIZER.decode(Arrays.copyOf(made, sameTokens));
                assertThat(readable(theirs.complete(greedy(prompt)))).startsWith(readable(begin));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        mistral | sliding_window         | 100  | sliding_window is 100, below max_position_embeddings = 256
        smollm3 | no_rope_layer_interval | 2    | no_rope_layers names layer 1
        qwen3   | attention_bias         | true | attention_bias is true
        """)
    void whatLlamaCppDoesNotComputeIsRefused(String family, String key, String value, String told) {
        Object typed = key.equals("attention_bias") ? (Object) true : Integer.valueOf(value);
        ModelConfig config = SmallDirectories.kin(family, Map.of(key, typed));
        Path directory = SmallDirectories.write(config, folder.resolve("model"), DType.FLOAT32);
        Path file = folder.resolve("model.gguf");
        assertThatThrownBy(() -> GgufExport.write(directory, file, Type.F32, new ModelExport.Vocabulary.OfTokenizer()))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining(told);
        assertThat(file).doesNotExist();
    }

    /** Without the bytes that are no text, which each program shows in its own way. */
    private static String readable(String text) {
        return text.replace("\uFFFD", "");
    }

    private static ModelConfig config(String shape) {
        return switch (shape) {
            case "llama" -> SmallDirectories.llama(new RopeScaling.None(), false);
            case "tied" -> SmallDirectories.llama(new RopeScaling.None(), true);
            case "linear" -> SmallDirectories.llama(new RopeScaling.Linear(4), false);
            case "llama3" -> SmallDirectories.llama(new RopeScaling.Llama3(8, 1, 4, 64), false);
            case "yarn" -> SmallDirectories.llama(new RopeScaling.Yarn(4, 1.3, 32, 1, true, 32), false);
            case "biases" -> SmallDirectories.kin("llama", Map.of("attention_bias", true));
            case "mistral", "qwen2" -> SmallDirectories.kin(shape, Map.of("head_dim", 16));
            default -> SmallDirectories.gpt2();
        };
    }

    private static LlamaModel open(Path file) {
        try {
            return new LlamaModel(new ModelParameters()
                    .setModel(file.toString())
                    .setGpuLayers(0)
                    .setThreads(1)
                    .setCtxSize(128)
                    .setCacheTypeK(CacheType.F32)
                    .setCacheTypeV(CacheType.F32)
                    .skipWarmup()
                    .disableLog());
        } catch (UnsatisfiedLinkError e) {
            Assumptions.abort("llama.cpp's library does not load here: " + e.getMessage());
            throw e;
        }
    }

    private static InferenceParameters greedy(String prompt) {
        return new InferenceParameters(prompt)
                .setTemperature(0)
                .setRepeatPenalty(1)
                .setCachePrompt(false)
                .setIgnoreEos(true)
                .setNPredict(TOKENS);
    }
}
