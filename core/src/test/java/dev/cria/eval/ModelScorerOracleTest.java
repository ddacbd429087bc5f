package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.model.LanguageModel;
import dev.cria.model.Models;
import dev.cria.model.Oracles;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.On;
import dev.cria.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole evaluation of a small model against the harness' own figures. */
@Tag("gpu")
final class ModelScorerOracleTest {

    @ParameterizedTest
    @CsvSource({
        "results.json, ../../data/benchmarks, CPU",
        "edge_results.json, edge_docs, CPU",
        "results.json, ../../data/benchmarks, CUDA",
        "edge_results.json, edge_docs, CUDA"
    })
    void logLikelihoodsAndAccuraciesAreTheHarness(String file, String rows, On on) throws IOException {
        Device device = on.device();
        Path oracle = Oracles.folder("lm_eval");
        JsonNode golden = JsonMapper.shared().readTree(Files.readString(oracle.resolve(file)));
        Kernels kernels = Kernels.of(device, Kernels.Choice.AUTO);
        try (LanguageModel model = Models.load(oracle.resolve("model"), device, Storage.inference(DType.FLOAT32))) {
            for (Map.Entry<String, JsonNode> task : golden.properties()) {
                int count = task.getValue().get("n").intValue();
                BenchmarkResult result = Evaluation.load(
                                oracle.resolve(rows),
                                List.of(task.getKey()),
                                count,
                                Convention.HARNESS,
                                Tokenizers.gpt2())
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
