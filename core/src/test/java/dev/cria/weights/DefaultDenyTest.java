package dev.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.UnknownKeys;
import dev.cria.format.SafetensorsDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A key that changes a result is followed or refused by its name. */
final class DefaultDenyTest {
    private static final String LLAMA = """
        {"model_type": "llama", "vocab_size": 8, "hidden_size": 4, "intermediate_size": 4, "num_hidden_layers": 1,
         "num_attention_heads": 1, "max_position_embeddings": 8%s}\
        """;
    private static final String GPT2 = """
        {"model_type": "gpt2", "vocab_size": 8, "n_embd": 4, "n_layer": 1, "n_head": 1, "n_positions": 8%s}\
        """;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        gpt2  | scale_attn_weights              | false
        gpt2  | scale_attn_by_inverse_layer_idx | true
        gpt2  | reorder_and_upcast_attn         | true
        gpt2  | add_cross_attention             | true
        gpt2  | multiplier                      | 0.5
        llama | hidden_act                      | "gelu"
        llama | residual_multiplier             | 0.5
        llama | quantization_config             | {"bits": 4}
        llama | rope_parameters                 | {"partial_rotary_factor": 0.5}
        llama | partial_rotary_factor           | 0.5
        llama | repetition_penalty              | 1.2
        llama | rope_scaling                    | {"rope_type": "llama3"}
        """)
    void aKeyThatChangesAResultIsRefusedByItsName(String type, String key, String value) throws IOException {
        config(type.equals("gpt2") ? GPT2 : LLAMA, key, value);
        assertThatThrownBy(() -> Models.readConfig(directory))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining(directory.resolve("config.json") + "." + key);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        gpt2  | scale_attn_weights | true
        gpt2  | attn_pdrop         | 0.1
        llama | multiplier         | null
        llama | use_multiplier     | false
        llama | rope_parameters    | {"rope_theta": 5000, "rope_type": "default"}
        llama | rope_parameters    | {"rope_theta": 5000, "partial_rotary_factor": 1.0}
        llama | repetition_penalty | 1.0
        llama | is_llama_config    | true
        llama | transformers.js_config | {"kv_cache_dtype": {"fp16": "float16"}}
        """)
    void keysAtTheirDefaultsAreRead(String type, String key, String value) throws IOException {
        config(type.equals("gpt2") ? GPT2 : LLAMA, key, value);
        assertThat(Models.readConfig(directory).vocabSize()).isEqualTo(8);
    }

    @Test
    void anUnknownKeyMayBeAllowedAndIsTold() throws IOException {
        List<String> told = new ArrayList<>();
        Map<String, Object> keys = Map.of("odd", 0.5, "known", 1, "off", false);
        assertThatThrownBy(() -> UnknownKeys.check("some.json", keys, Set.of("known")))
                .hasMessage("some.json.odd is 0.5, which is not supported here and may change results");
        try {
            UnknownKeys.allow(told::add);
            UnknownKeys.check("some.json", keys, Set.of("known"));
        } finally {
            UnknownKeys.refuse();
        }
        assertThat(told)
                .containsExactly("warning: some.json.odd is 0.5, which is not supported here and may change results;"
                        + " ignored");
    }

    @Test
    void everyTokenThatEndsATextIsKnown() throws IOException {
        config(LLAMA, "eos_token_id", "[3, 5]");
        assertThat(GenerationConfig.of(directory).endTokens()).containsExactly(3, 5);
        Files.writeString(
                directory.resolve("generation_config.json"), "{\"eos_token_id\": [1, 2], \"temperature\": 0.6}");
        GenerationConfig generation = GenerationConfig.of(directory);
        assertThat(generation.endTokens()).containsExactly(1, 2);
        generation.requirePlain();
    }

    @ParameterizedTest
    @CsvSource({"repetition_penalty, 1.1", "num_beams, 4", "suppress_tokens, [1]", "no_repeat_ngram_size, 3"})
    void whatWouldChooseOtherTokensIsRefused(String key, String value) throws IOException {
        config(LLAMA, "eos_token_id", "3");
        Path file = directory.resolve("generation_config.json");
        Files.writeString(file, "{\"%s\": %s}".formatted(key, value));
        assertThatThrownBy(() -> GenerationConfig.of(directory).requirePlain())
                .hasMessage(file + "." + key + " is " + value + ", which is not supported here and may change results");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        model         | pytorch_model.bin                | M.from_pretrained('DIR').save_pretrained('DIR')
        model         | pytorch_model-00001-of-00002.bin | M.from_pretrained('DIR').save_pretrained('DIR')
        model         | best.pt                          | torch.load('DIR/best.pt', weights_only=True)
        adapter_model | adapter_model.bin                | torch.load('DIR/adapter_model.bin', weights_only=True)
        """)
    void weightsInPyTorchsFormatGetALineThatConvertsThem(String stem, String file, String line) throws IOException {
        Files.writeString(directory.resolve(file), "");
        assertThatThrownBy(() -> SafetensorsDirectory.open(directory, stem))
                .isInstanceOf(RequestException.class)
                .hasMessageEndingWith(file + " is PyTorch's own format")
                .extracting(e -> ((RequestException) e).hint())
                .asString()
                .startsWith("python -c ")
                .contains(line.replace("DIR", directory.toString()));
    }

    private void config(String template, String key, String value) throws IOException {
        Files.writeString(
                directory.resolve("config.json"), template.formatted(", \"%s\": %s".formatted(key, value.strip())));
    }
}
