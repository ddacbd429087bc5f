package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.format.AtomicFiles;
import dev.cria.model.SmallDirectories;
import dev.cria.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What is measured and averaged along the way, where no rank has all masters. */
@Timeout(400)
final class SharedEvaluationIT {
    private static final List<String> FILES =
            List.of("model.safetensors", "optimizer.safetensors", "ema/model.safetensors", "ema/config.json");

    @TempDir
    private Path folder;

    @BeforeEach
    void writeDataAndRows() throws IOException {
        Tokenizers.save(SmallDirectories.TOKENIZER, folder.resolve("tokenizer"));
        Path data = SmallDirectories.writeShards(folder.resolve("data"));
        Path rows = SmallDirectories.writePiqa(folder.resolve("rows"), 9);
        Files.writeString(folder.resolve("c.yaml"), """
            model: {hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 2,
                    num_key_value_heads: 1, vocab_size: 320, max_position_embeddings: 64}
            tokenizer: "%s"
            data: {path: "%s"}
            batch: {sequence_length: 16, micro_batch: 2, tokens_per_step: 128}
            schedule: {learning_rate: 1.0e-2, min_learning_rate: 1.0e-3, warmup_steps: 2, steps: 12}
            precision: {compute: bf16}
            parallel: {reproducible: true}
            ema: {decay: 0.9, every: 2}
            validation: {every: 4, batches: 2}
            benchmarks: {every: 4, tasks: [piqa], path: "%s"}
            samples: {every: 4, prompts: ["A llama"], count: 1, max_new_tokens: 5}
            checkpoint: {every: 4, keep: 9}
            log: {tensorboard: false}
            device: cpu
            """.formatted(folder.resolve("tokenizer"), data, rows));
    }

    @Test
    void isTheSameToTheLastBitWhoeverHasThem() throws IOException {
        RunOnDisk whole = new RunOnDisk(folder.resolve("whole"));
        List<String> begin =
                List.of("pretrain", "--config", folder.resolve("c.yaml").toString(), "--out");
        launch("1", begin, whole, "none");
        RunOnDisk shared = new RunOnDisk(folder.resolve("shared"));
        launch("2", begin, shared, "optimizer");
        RunOnDisk moved = new RunOnDisk(folder.resolve("moved"));
        launch("2", List.of("pretrain", "--resume", whole.path().toString(), "--at", "4", "--out"), moved, "gradients");

        List<String> scores = Files.readAllLines(whole.path().resolve("evaluations.jsonl"));
        assertThat(scores.stream().map(SharedEvaluationIT::weights).toList())
                .hasSize(4)
                .endsWith(
                        AtomicFiles.sha256(whole.path().resolve("checkpoints/step-0000008/model.safetensors")),
                        AtomicFiles.sha256(whole.path().resolve("checkpoints/step-0000012/model.safetensors")));
        for (RunOnDisk other : List.of(shared, moved)) {
            assertThat(Files.readAllLines(other.path().resolve("evaluations.jsonl")))
                    .isEqualTo(scores);
            assertThat(other.figures()).isEqualTo(whole.figures());
            assertThat(other.figures().stream().filter(line -> line.has("ema_val_loss") || line.has("ema_benchmarks")))
                    .hasSize(8);
            for (String file : FILES) {
                assertThat(other.checkpoints().getLast().resolve(file))
                        .hasSameBinaryContentAs(whole.checkpoints().getLast().resolve(file));
            }
        }
    }

    private static String weights(String line) {
        return new JsonMapper().readTree(line).get("weights_sha256").asString();
    }

    private static void launch(String ranks, List<String> command, RunOnDisk run, String shard) {
        List<String> arguments = new ArrayList<>(List.of("launch", "--threads", "1", "--nproc-per-node", ranks));
        arguments.addAll(command);
        arguments.addAll(List.of(run.path().toString(), "--set", "parallel.shard=" + shard));
        assertThat(Main.run(arguments.toArray(String[]::new))).isZero();
    }
}
