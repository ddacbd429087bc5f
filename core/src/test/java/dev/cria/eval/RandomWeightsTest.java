package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import dev.cria.model.LanguageModel;
import dev.cria.model.LlamaConfig;
import dev.cria.model.RopeScaling;
import dev.cria.nn.Parameters.Storage;
import dev.cria.primer.Primer;
import dev.cria.primer.PrimerOptions;
import dev.cria.primer.PrimerOptions.Size;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.weights.Models;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model that knows nothing guesses: each benchmark's headline lies within three standard errors of chance. (The plain
 * sum of log-likelihoods does not have to: it prefers short answers, and OpenBookQA's right ones are long.) The weights
 * are large, so that the answers depend on the whole text and not on its last word alone.
 */
@Tag("slow")
final class RandomWeightsTest {
    private static final LlamaConfig CONFIG =
            new LlamaConfig(50257, 16, 40, 2, 2, 1, 8, 256, 1e-5, 10000, new RopeScaling.None(), false, 0.35, -1, -1);

    @Test
    void guessOnPrimersQuestions(@TempDir Path primer) {
        Primer.write(primer, new PrimerOptions(Size.QUICK, 1337), Progress.silent());

        assertGuessed(results(primer.resolve("benchmarks")));
    }

    @Test
    void guessOnTheRealQuestions() {
        GoldenScores.all()
                .map(GoldenScores::rows)
                .filter(rows -> rows.endsWith("benchmarks"))
                .forEach(rows -> assertGuessed(results(rows)));
    }

    private static List<BenchmarkResult> results(Path rows) {
        Evaluation evaluation = Evaluation.load(rows, List.of(), 0, Convention.HARNESS, Tokenizers.gpt2());
        try (LanguageModel model = Models.create(CONFIG, Device.CPU, Storage.inference(DType.FLOAT32), 1)) {
            Kernels kernels = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
            return evaluation.run(new ModelScorer(model, kernels), Progress.silent());
        }
    }

    private static void assertGuessed(List<BenchmarkResult> results) {
        assertThat(results).hasSize(Benchmark.values().length).allSatisfy(result -> {
            Accuracy accuracy = result.headline();
            assertThat(Math.abs(accuracy.value() - result.chance()))
                    .as("%s: %s, chance %.3f", result.benchmark().id(), accuracy, result.chance())
                    .isLessThan(3 * accuracy.standardError());
        });
    }
}
