package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.model.LanguageModel;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.DeviceUnderTest;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.weights.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole evaluation of a small model against the harness' own figures. */
@Tag("gpu")
final class ModelScorerOracleTest {

    static Stream<Arguments> goldensAndDevices() {
        return GoldenScores.all().flatMap(scores -> Stream.of(DeviceUnderTest.CPU, DeviceUnderTest.CUDA)
                .map(on -> Arguments.of(scores, on)));
    }

    @ParameterizedTest
    @MethodSource("goldensAndDevices")
    void logLikelihoodsAndAccuraciesAreTheHarness(GoldenScores scores, DeviceUnderTest on) throws IOException {
        Device device = on.device();
        JsonNode golden = JsonMapper.shared().readTree(Files.readString(scores.results()));
        Kernels kernels = Kernels.of(device, Kernels.Choice.AUTO);
        try (LanguageModel model = Models.load(scores.model(), device, Storage.inference(DType.FLOAT32))) {
            for (Map.Entry<String, JsonNode> task : golden.properties()) {
                int count = task.getValue().get("n").intValue();
                BenchmarkResult result = Evaluation.load(
                                scores.rows(), List.of(task.getKey()), count, Convention.HARNESS, Tokenizers.gpt2())
                        .run(new ModelScorer(model, kernels), Progress.silent())
                        .getFirst();

                assertThat(result.metrics()).allSatisfy((name, value) -> assertThat(value)
                        .as(task.getKey() + " " + name)
                        .isCloseTo(task.getValue().get(name).doubleValue(), within(1e-9)));
                // Where a document is cut on the left, a token too few would show above 1e-4.
                double allowance = result.cutDocuments() > 0 ? 1e-4 : 2e-4;
                for (DocumentScore score : result.documents()) {
                    JsonNode want = task.getValue().get("lls").get(score.document());
                    for (int i = 0; i < want.size(); i++) {
                        assertThat(score.logLikelihoods().get(i))
                                .as("%s document %d choice %d", task.getKey(), score.document(), i)
                                .isCloseTo(want.get(i).doubleValue(), within(allowance));
                    }
                }
            }
        }
    }
}
