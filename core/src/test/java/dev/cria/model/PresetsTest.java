package dev.cria.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.cria.RequestException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class PresetsTest {

    /** Counted by hand from the sizes, with a vocabulary of 50304 where it is GPT-2's. */
    @ParameterizedTest
    @CsvSource({
        "dmas-1.7b, 1716144128",
        "llama-124m, 190532352",
        "llama-978m, 978218240",
        "llama-7b, 6738415616",
        "nano, 6524160",
        "gpt2-10m, 10068480",
        "gpt2-124m, 124475904",
        "gpt2-medium, 354871296",
        "gpt2-large, 774090240",
        "gpt2-xl, 1557686400",
        "seed-gpt2-10m, 3385088",
        "seed-gpt2-500m, 506025984",
        "seed-gpt2-large, 774090240",
        "seed-gpt2-xl, 1557686400"
    })
    void presetsHaveTheirPublishedSizes(String name, long parameters) {
        assertThat(preset(name).parameterCount()).isEqualTo(parameters);
    }

    @ParameterizedTest
    @MethodSource("dev.cria.model.Presets#names")
    void vocabulariesArePaddedTo128(String name) {
        assertThat(preset(name).vocabSize() % 128).isZero();
    }

    @Test
    void operationsATokenAreThePapers() {
        assertThat(preset("dmas-1.7b").flopsPerToken(1024)).isCloseTo(10.58e9, withinPercentage(0.05));
    }

    @Test
    void keysWinOverThePresetAndAloneTheyMakeAModelLikeIt() {
        var nano = (LlamaConfig) Presets.resolve(Map.of("preset", "nano", "num_hidden_layers", 3), 64);
        assertThat(nano.layers()).isEqualTo(3);
        assertThat(nano.hiddenSize()).isEqualTo(256);
        var own = (LlamaConfig) Presets.resolve(sizes(), 77);
        assertThat(own.positions()).isEqualTo(77);
        assertThat(own.numKeyValueHeads()).isEqualTo(4);
        assertThat(own.ropeTheta()).isEqualTo(500_000);
        assertThat(own.rmsNormEps()).isEqualTo(1e-5);
        assertThat(own.tieWordEmbeddings()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "preset|lama-124m|model.preset is lama-124m, which is none of dmas-1.7b, llama-124m, llama-978m,"
                        + " llama-7b, nano, gpt2-10m, gpt2-124m, gpt2-medium, gpt2-large, gpt2-xl, seed-gpt2-10m,"
                        + " seed-gpt2-500m, seed-gpt2-large, seed-gpt2-xl|preset: llama-124m",
                "hiden_size|7|unknown key model.hiden_size|did you mean model.hidden_size?",
                "hidden_size|x|model.hidden_size is x, not a whole number above 0|"
            })
    void refusesWhatIsNoModel(String key, String value, String error, String hint) {
        Map<String, Object> section = sizes();
        section.put(key, value);
        var refusal = catchThrowableOfType(RequestException.class, () -> Presets.resolve(section, 64));
        assertThat(refusal.error()).isEqualTo(error);
        if (hint != null) {
            assertThat(refusal.hint()).isEqualTo(hint);
        }
    }

    @Test
    void refusesSizesThatAreMissing() {
        Map<String, Object> section = sizes();
        section.remove("vocab_size");
        var refusal = catchThrowableOfType(RequestException.class, () -> Presets.resolve(section, 64));
        assertThat(refusal.error()).isEqualTo("model has no vocab_size");
        assertThat(refusal.hint()).isEqualTo("name a preset, or give vocab_size and the other sizes");
    }

    @Test
    void refusesHeadsThatDoNotDivideTheWidth() {
        Map<String, Object> section = sizes();
        section.put("num_attention_heads", 5);
        assertThat(catchThrowableOfType(RequestException.class, () -> Presets.resolve(section, 64))
                        .error())
                .contains("5", "24");
    }

    /** 6 layers with two more vectors of a head's width, and nothing else. */
    @Test
    void qkNormIsQwen3sAndElseTheSame() {
        var plain = (LlamaConfig) preset("nano");
        var normed = (LlamaConfig) Presets.resolve(Map.of("preset", "nano", "qk_norm", true), 256);
        assertThat(normed.parameterCount()).isEqualTo(plain.parameterCount() + 6 * 2 * 32);
        Map<String, Object> keys = new HashMap<>(normed.toHuggingFace());
        assertThat(ModelConfig.ofHuggingFace(new HuggingFaceKeys("config.json", keys)))
                .isEqualTo(normed);
        assertThat(keys)
                .containsEntry("architectures", List.of("Qwen3ForCausalLM"))
                .containsEntry("head_dim", 32)
                .containsEntry("num_key_value_heads", 4);
        plain.toHuggingFace().forEach((key, value) -> {
            if (!List.of("architectures", "model_type", "mlp_bias").contains(key)) {
                assertThat(keys).as(key).containsEntry(key, value);
            }
        });
        assertThat(Presets.resolve(Map.of("preset", "nano", "qk_norm", false), 256))
                .isEqualTo(plain);

        Map<String, Object> own = sizes();
        own.put("qk_norm", true);
        assertThat(((LlamaConfig) Presets.resolve(own, 64)).numKeyValueHeads()).isEqualTo(4);
        assertThat(((LlamaConfig) Presets.resolve(own, 64)).headDim()).isEqualTo(6);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gpt2|true|model.qk_norm is true, and gpt2 has no norms of queries and keys",
                "mistral|true|model.qk_norm is true, and mistral has no norms of queries and keys",
                "qwen3|false|model.qk_norm is false, and model_type is qwen3, which has these norms",
                "llama|yes|model.qk_norm is yes, neither true nor false"
            })
    void refusesQkNormWhereItIsNotMeant(String type, String value, String error) {
        Map<String, Object> section = sizes();
        section.put("model_type", type);
        section.put("qk_norm", value.equals("yes") ? value : (Object) Boolean.valueOf(value));
        var refusal = catchThrowableOfType(RequestException.class, () -> Presets.resolve(section, 64));
        assertThat(refusal.error()).isEqualTo(error);
    }

    private static Map<String, Object> sizes() {
        return new HashMap<>(Map.of(
                "hidden_size", 24,
                "intermediate_size", 40,
                "num_hidden_layers", 2,
                "num_attention_heads", 4,
                "vocab_size", 61));
    }

    private static ModelConfig preset(String name) {
        return Presets.resolve(Map.of("preset", name), 1024);
    }
}
