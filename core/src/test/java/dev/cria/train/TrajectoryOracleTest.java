package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.format.ConfigFile;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.model.Oracles;
import dev.cria.parallel.Ranks;
import dev.cria.run.RunFiles;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Twenty steps of the reference models: loss, gradient norm and rate of each, and the weights at the end. The reference is
 * in float64; in float32 the loss drifts by some 1e-6, and a weight by 1e-3 of its tensor's norm.
 */
final class TrajectoryOracleTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path folder;

    static List<Path> models() {
        return Oracles.models();
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyStepIsTheReferences(Path golden) throws IOException {
        JsonNode expected = JSON.readTree(golden.resolve("expected.json"));
        Recipe recipe = recipe(golden, expected.path("args"));
        Pretraining.runs(Progress.silent(), Ranks.solo(), Interruption.never())
                .start(recipe, Optional.of(golden.resolve("model")));

        List<String> lines = Files.readAllLines(folder.resolve("run/metrics.jsonl"));
        assertThat(lines).hasSameSizeAs(expected.path("train").values());
        for (int i = 0; i < lines.size(); i++) {
            JsonNode ours = JSON.readTree(lines.get(i));
            JsonNode theirs = expected.path("train").path(i);
            assertThat(ours.path("loss").asDouble())
                    .isCloseTo(theirs.path("loss").asDouble(), within(1e-4));
            double norm = theirs.path("norm").asDouble();
            assertThat(ours.path("grad_norm").asDouble()).isCloseTo(norm, within(1e-3 * norm));
            assertThat(ours.path("lr").asDouble()).isCloseTo(theirs.path("lr").asDouble(), within(1e-9));
        }
        compareWeights(new RunFiles(folder.resolve("run")).checkpoints().getFirst(), golden);
    }

    private Recipe recipe(Path golden, JsonNode args) throws IOException {
        Path file = folder.resolve("recipe.yaml");
        int micro = args.path("batch").intValue();
        int seq = args.path("seq").intValue();
        Files.writeString(file, """
            tokenizer: none
            data: {path: '%s'}
            out: '%s'
            batch: {sequence_length: %d, micro_batch: %d, tokens_per_step: %d}
            schedule: {learning_rate: %s, min_learning_rate: %s, warmup_steps: %d, steps: %d}
            precision: {compute: fp32}
            validation: {every: 0}
            benchmarks: {every: 0}
            samples: {every: 0}
            checkpoint: {every: 0}
            device: cpu
            """.formatted(
                        golden.resolve("data").toAbsolutePath(),
                        folder.resolve("run"),
                        seq,
                        micro,
                        micro * seq * args.path("accum").intValue(),
                        args.path("maxlr").asDouble(),
                        args.path("minlr").asDouble(),
                        args.path("warm").intValue(),
                        args.path("steps").intValue()));
        return ConfigFile.read(file, Recipe.defaults(), List.of());
    }

    private static void compareWeights(Path checkpoint, Path golden) {
        try (var ours = SafetensorsDirectory.open(checkpoint, "model");
                var theirs = SafetensorsDirectory.open(golden, "final")) {
            assertThat(ours.names()).containsExactlyInAnyOrderElementsOf(theirs.names());
            for (String name : theirs.names()) {
                // A third of it, the keys' biases, has no true gradient: Adam makes steps of rounding noise.
                if (!name.endsWith("attn.c_attn.bias")) {
                    float[] a = ours.data(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
                    float[] b = theirs.data(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
                    assertThat(distance(a, b)).as(name).isLessThan(1e-3);
                }
            }
        }
    }

    /** The difference's norm as a part of the second's. */
    private static double distance(float[] a, float[] b) {
        assertThat(a).hasSameSizeAs(b);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < a.length; i++) {
            difference += Math.pow(a[i] - b[i], 2);
            norm += Math.pow(b[i], 2);
        }
        return Math.sqrt(difference / norm);
    }
}
