package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import dev.cria.format.ConfigFile;
import dev.cria.model.SmallDirectories;
import dev.cria.parallel.Ranks;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.Runs.Resume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Validation, benchmarks and samples between the steps change nothing of the training, and survive a resume. */
final class InLoopEvaluationTest {
    private static final String EVALUATED = """
        validation: {every: 5, batches: 2}
        benchmarks: {every: 5, tasks: [piqa, boolq], path: "%s", limit: 20}
        samples: {every: 5, prompts: ["A llama", "The"], count: 2, max_new_tokens: 5}
        """;
    private static final String NOT_EVALUATED = """
        validation: {every: 0}
        benchmarks: {every: 0}
        samples: {every: 0}
        """;

    @TempDir
    Path folder;

    @BeforeEach
    void writeDataAndRows() throws IOException {
        Tokenizers.save(SmallDirectories.TOKENIZER, folder.resolve("tokenizer"));
        SmallDirectories.writeShards(folder.resolve("data"));
        Path rows = SmallDirectories.writePiqa(folder.resolve("rows"), 300);
        StringBuilder boolq = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            boolq.append("{\"passage\": \"A dog.\", \"question\": \"is it %d\", \"label\": %d}\n".formatted(i, i % 2));
        }
        Files.writeString(rows.resolve("boolq.jsonl"), boolq);
    }

    @Test
    void aTrainingWithEvaluationIsTheOneWithoutBitForBit() throws IOException {
        Path with = run("with", EVALUATED.formatted(folder.resolve("rows")));
        Path without = run("without", NOT_EVALUATED);

        assertThat(lines(with, "benchmarks")).hasSize(5);
        assertThat(lines(with, "val_loss")).hasSize(5);
        assertThat(Files.readAllLines(with.resolve("samples.jsonl"))).hasSize(5 * 2 * 2);
        for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
            assertThat(with.resolve("checkpoints/step-0000020").resolve(file))
                    .hasSameBinaryContentAs(
                            without.resolve("checkpoints/step-0000020").resolve(file));
        }
    }

    @Test
    void aResumedTrainingHasEveryEvaluationOnceAndTheSame() throws IOException {
        Path whole = run("whole", EVALUATED.formatted(folder.resolve("rows")));
        Path stopped = folder.resolve("stopped");
        copy(whole, stopped);
        delete(stopped.resolve("checkpoints/step-0000020"));
        pretraining().resume(Resume.of(stopped, List.of()));

        for (String kind : List.of("benchmarks", "val_loss", "loss")) {
            assertThat(lines(stopped, kind)).isEqualTo(lines(whole, kind)).isNotEmpty();
        }
        assertThat(stopped.resolve("samples.jsonl")).hasSameTextualContentAs(whole.resolve("samples.jsonl"));
    }

    @Test
    void aTimeBudgetEndsABenchmarkAfterItsFirstDocuments() throws IOException {
        String rarely = EVALUATED.formatted(folder.resolve("rows")).replace("every: 5", "every: 20");
        Path budget = run("budget", rarely.replace("limit: 20", "max_seconds: 0.001"));
        Path first = run("first", rarely.replace("limit: 20", "limit: 256"));

        assertThat(lines(budget, "benchmarks"))
                .isEqualTo(lines(first, "benchmarks"))
                .hasSize(2);
    }

    private static Runs<Recipe> pretraining() {
        return Pretraining.runs(Progress.silent(), Ranks.solo(), Interruption.never());
    }

    private Path run(String name, String evaluation) throws IOException {
        Path file = Files.writeString(
                folder.resolve(name + ".yaml"),
                """
                model: {hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 2,
                        num_key_value_heads: 1, vocab_size: 320, max_position_embeddings: 64}
                tokenizer: "%s"
                data: {path: "%s"}
                out: "%s"
                batch: {sequence_length: 16, micro_batch: 4, tokens_per_step: 128}
                schedule: {learning_rate: 1.0e-2, min_learning_rate: 1.0e-3, warmup_steps: 5, steps: 20}
                precision: {compute: fp32}
                checkpoint: {every: 10, keep: 9, keep_every: 0}
                log: {tensorboard: false}
                device: cpu
                """.formatted(folder.resolve("tokenizer"), folder.resolve("data"), folder.resolve(name)) + evaluation);
        pretraining().start(ConfigFile.read(file, Recipe.defaults(), List.of()), Optional.empty());
        return folder.resolve(name);
    }

    /** The lines that have a key, without what a clock decides. */
    private static List<JsonNode> lines(Path run, String key) throws IOException {
        JsonMapper json = new JsonMapper();
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(json::readTree)
                .filter(line -> line.has(key))
                .map(line -> ((ObjectNode) line).remove(List.of("tokens_per_s", "mfu", "elapsed_s")))
                .map(JsonNode.class::cast)
                .toList();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
