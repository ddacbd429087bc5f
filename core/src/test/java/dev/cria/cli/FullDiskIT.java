package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run on a file system of 3 MB that fills up and is freed again; skipped where none can be mounted. */
@Timeout(300)
final class FullDiskIT {
    @TempDir
    private Path folder;

    private Path disk = Path.of("");

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectories(folder.resolve("disk"));
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=3m", "cria-test", disk.toString()))
                .as("mounting needs root")
                .isZero();
        Path data = Files.createDirectories(folder.resolve("data"));
        int[] tokens = IntStream.range(0, 5000).map(i -> (i * i + i / 7) % 61).toArray();
        Npy.write(data.resolve("t_train_000001.npy"), NpyType.UINT16, tokens);
        Files.writeString(folder.resolve("c.yaml"), """
            model: {hidden_size: 48, intermediate_size: 80, num_hidden_layers: 2, num_attention_heads: 2, vocab_size: 61}
            tokenizer: none
            data: {path: '%s'}
            batch: {sequence_length: 16, micro_batch: 2, tokens_per_step: 32}
            schedule: {learning_rate: 0.003, min_learning_rate: 0.0003, warmup_steps: 9, steps: 1000000}
            precision: {compute: fp32}
            validation: {every: 0}
            checkpoint: {every: 50, keep: 1, keep_every: 0}
            device: cpu
            """.formatted(data));
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", "--lazy", disk.toString());
    }

    @Test
    void aFullDiskLeavesTheEarlierCheckpointAndTheRunAliveUntilThereIsSpaceAgain() throws Exception {
        Path run = disk.resolve("run");
        var cria = new CriaProcess(folder.resolve("said"));
        Process process = cria.start(
                List.of("pretrain", "--config", folder.resolve("c.yaml").toString(), "--out", run.toString()));
        try {
            await(process, () -> !checkpoints(run).isEmpty());
            Path filler = disk.resolve("filler");
            fill(filler);
            await(process, () -> count(cria.said(), "could not be written (") >= 2);
            String earlier = checkpoints(run).getLast();
            await(process, () -> cria.said().contains("metrics.jsonl cannot be written"));
            Files.delete(filler);
            await(process, () -> !checkpoints(run).getLast().equals(earlier));
            process.destroy();
            assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(cria.said()).isEqualTo(130);
        } finally {
            process.destroyForcibly().waitFor();
        }
        int steps = Integer.parseInt(checkpoints(run).getLast().substring("step-".length()));
        List<String> log = Files.readAllLines(run.resolve("log.txt"));
        List<String> metrics = Files.readAllLines(run.resolve("metrics.jsonl"));
        assertThat(log).hasSize(steps);
        assertThat(metrics).hasSize(steps);
        for (int step = 0; step < steps; step++) {
            assertThat(log.get(step)).startsWith(step + " train ");
            assertThat(metrics.get(step)).startsWith("{\"step\":" + step + ",").endsWith("}");
        }
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Process process, Condition condition) throws Exception {
        while (!condition.holds()) {
            assertThat(process.isAlive()).isTrue();
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Takes all space that is left. */
    private static void fill(Path filler) throws IOException {
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(new byte[512]);
            }
        } catch (IOException e) {
            assertThat(e).hasMessage("No space left on device");
        }
    }

    private static List<String> checkpoints(Path run) throws IOException {
        Path directory = run.resolve("checkpoints");
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(n -> n.startsWith("step-"))
                    .sorted()
                    .toList();
        }
    }

    private static int count(String text, String words) {
        return text.split(Pattern.quote(words), -1).length - 1;
    }

    private static int run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException _) {
            return -1;
        }
    }
}
