package dev.cria.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class RopeScalingTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final RopeScaling.Llama3 LLAMA3 = new RopeScaling.Llama3(8, 1, 4, 8192);

    @Test
    void linearDividesEveryFrequency() {
        assertThat(new RopeScaling.Linear(4).scale(0.5)).isEqualTo(0.125);
        assertThat(new RopeScaling.None().scale(0.5)).isEqualTo(0.5);
    }

    @Test
    void llama3KeepsFastFrequenciesAndDividesSlowOnes() {
        double fast = 2 * Math.PI / 2047;
        double slow = 2 * Math.PI / 8193;
        assertThat(LLAMA3.scale(fast)).isEqualTo(fast);
        assertThat(LLAMA3.scale(slow)).isEqualTo(slow / 8);
    }

    /** With s = (8192/λ − 1) / 3 between: f·((1 − s)/8 + s), from one eighth at λ = 8192 to the whole at 2048. */
    @Test
    void llama3RampsBetween() {
        double wavelength = 4096;
        double frequency = 2 * Math.PI / wavelength;
        double kept = (8192 / wavelength - 1) / 3;
        assertThat(LLAMA3.scale(frequency)).isCloseTo(frequency * ((1 - kept) / 8 + kept), within(1e-18));
        assertThat(LLAMA3.scale(2 * Math.PI / 8191.999)).isCloseTo(2 * Math.PI / 8192 / 8, within(1e-9));
        assertThat(LLAMA3.scale(2 * Math.PI / 2048.001)).isCloseTo(2 * Math.PI / 2048, within(1e-8));
    }

    static List<JsonNode> cases() throws IOException {
        List<JsonNode> cases = new ArrayList<>();
        for (String line : Files.readAllLines(Oracles.file("rope.jsonl"))) {
            cases.add(JSON.readTree(line));
        }
        return cases;
    }

    /** In every kind, with keys in either place, at their defaults, null and missing; transformers' are in float32. */
    @ParameterizedTest
    @MethodSource("cases")
    void frequenciesAreTransformersOrTheMissingKeyIsNamed(JsonNode golden) {
        Map<String, Object> values = JSON.convertValue(golden.path("keys"), new TypeReference<>() {});
        var keys = new HuggingFaceKeys("config.json", values);
        if (golden.path("refused").asBoolean(false)) {
            assertThatThrownBy(() -> ModelConfig.ofHuggingFace(keys))
                    .isInstanceOf(RequestException.class)
                    .hasMessageMatching("config\\.json\\.rope_scaling\\.\\w+ is missing");
            return;
        }
        LlamaConfig config = (LlamaConfig) ModelConfig.ofHuggingFace(keys);
        assertThat(config.ropeScaling().attentionFactor())
                .isCloseTo(golden.path("attention_factor").doubleValue(), within(1e-12));
        for (int pair = 0; pair < config.headDim() / 2; pair++) {
            double expected = golden.path("frequencies").path(pair).doubleValue();
            assertThat(config.ropeScaling().frequency(config.ropeTheta(), config.headDim(), pair))
                    .as("pair %d", pair)
                    .isCloseTo(expected, within(2e-6 * expected));
        }
    }
}
