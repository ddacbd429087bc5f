package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A training in a process of its own, and what others do to it. */
@Timeout(300)
final class SignalsIT {
    @TempDir
    private Path folder;

    private Path run = Path.of("");
    private CriaProcess cria = new CriaProcess(Path.of(""));

    @BeforeEach
    void writeRecipe() throws IOException {
        run = folder.resolve("run");
        cria = new CriaProcess(folder.resolve("said"));
        Path data = Files.createDirectories(folder.resolve("data"));
        int[] tokens = IntStream.range(0, 5000).map(i -> (i * i + i / 7) % 61).toArray();
        Npy.write(data.resolve("t_train_000001.npy"), NpyType.UINT16, tokens);
        Files.writeString(folder.resolve("c.yaml"), """
            model: {hidden_size: 24, intermediate_size: 40, num_hidden_layers: 2, num_attention_heads: 2, vocab_size: 61}
            tokenizer: none
            data: {path: '%s'}
            batch: {sequence_length: 16, micro_batch: 2, tokens_per_step: 32}
            schedule: {learning_rate: 0.003, min_learning_rate: 0.0003, warmup_steps: 9, steps: 100000000}
            precision: {compute: fp32}
            validation: {every: 0}
            checkpoint: {every: 0}
            log: {tensorboard: false}
            device: cpu
            """.formatted(data));
    }

    @AfterEach
    void endWhatIsLeft() {
        cria.end();
    }

    @Test
    void terminatedItFinishesTheStepWritesACheckpointAndExitsWith130() throws Exception {
        Process process = start();
        process.destroy();
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(cria.said()).isEqualTo(130);
        assertThat(cria.said())
                .contains("interrupted: finishing the step and writing a checkpoint (again to stop at once)");
        long steps = Files.readAllLines(run.resolve("metrics.jsonl")).size();
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            assertThat(checkpoints.map(p -> p.getFileName().toString())).containsExactly("step-%07d".formatted(steps));
        }
        assertThat(Files.readAllLines(run.resolve("events.jsonl")).getLast())
                .contains("\"event\":\"interrupted\",\"step\":" + steps);
    }

    @Test
    void aSecondSignalEndsItAtOnce() throws Exception {
        // Steps of some seconds, so that the first signal finds one that has just begun.
        Process process = start("--set", "batch.tokens_per_step=128000");
        process.destroy();
        while (process.isAlive() && !cria.said().contains("interrupted: ")) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        process.destroy();
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(1);
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(run.resolve("checkpoints")).isEmptyDirectory();
    }

    @Test
    void asLongAsItRunsNobodyElseGoesOnWithItsRun() throws Exception {
        Process process = start();
        var other = new CriaProcess(folder.resolve("other"));
        assertThat(other.start(List.of("pretrain", "--resume", run.toString())).waitFor())
                .isEqualTo(2);
        assertThat(other.said())
                .contains(
                        "error: " + run + " is being written by another process",
                        "hint: ./cria watch " + run + " shows it");
        process.destroyForcibly().waitFor();
        assertThat(other.start(List.of("pretrain", "--resume", run.toString())).waitFor())
                .isEqualTo(2);
        assertThat(other.said()).contains("error: " + run + " has no checkpoint yet");
    }

    /** Begins a training and waits until it is at work. */
    private Process start(String... more) throws Exception {
        String config = folder.resolve("c.yaml").toString();
        List<String> arguments = Stream.concat(
                        Stream.of("pretrain", "--config", config, "--out", run.toString()), Stream.of(more))
                .toList();
        Process process = cria.start(arguments);
        Path steps = run.resolve("metrics.jsonl");
        while (process.isAlive() && (!Files.exists(steps) || Files.size(steps) == 0)) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(process.isAlive()).as(cria.said()).isTrue();
        return process;
    }
}
