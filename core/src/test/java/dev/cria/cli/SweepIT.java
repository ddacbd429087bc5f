package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.format.Csv;
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

/** A sweep and its trials in processes of their own, killed and interrupted: it ends as one that was left alone. */
@Timeout(1800)
final class SweepIT {
    private static final int STEPS = 900;

    @TempDir
    private Path folder;

    private CriaProcess cria = new CriaProcess(Path.of(""));

    @BeforeEach
    void writeRecipe() throws IOException {
        cria = new CriaProcess(folder.resolve("said"));
        Path data = Files.createDirectories(folder.resolve("data"));
        int[] tokens = IntStream.range(0, 5000).map(i -> (i * i + i / 7) % 61).toArray();
        Npy.write(data.resolve("t_train_000001.npy"), NpyType.UINT16, tokens);
        Npy.write(
                data.resolve("t_val_000000.npy"),
                NpyType.UINT16,
                IntStream.of(tokens).limit(300).toArray());
        Files.writeString(folder.resolve("c.yaml"), """
            model: {hidden_size: 24, intermediate_size: 40, num_hidden_layers: 2, num_attention_heads: 2, vocab_size: 61}
            tokenizer: none
            data: {path: '%s'}
            batch: {sequence_length: 16, micro_batch: 2, tokens_per_step: 32}
            schedule: {learning_rate: 0.003, min_learning_rate: 0, warmup_steps: 9, steps: %d}
            precision: {compute: fp32}
            validation: {every: 150, batches: 2}
            benchmarks: {every: 0}
            checkpoint: {every: 50, keep: 2}
            log: {tensorboard: false}
            device: cpu
            """.formatted(data, STEPS));
    }

    @AfterEach
    void endWhatIsLeft() {
        cria.end();
    }

    @Test
    void killedAndInterruptedItEndsAsTheOneThatWasLeftAlone() throws Exception {
        Path whole = folder.resolve("whole");
        assertThat(start(whole).waitFor()).as(cria.said()).isZero();
        Path cut = folder.resolve("cut");

        Process killed = start(cut);
        Path first = cut.resolve("trials/learning_rate=1e-3");
        awaitSteps(first, 80);
        List<ProcessHandle> children = killed.children().toList();
        killed.destroyForcibly().waitFor();
        // A trial that nobody waits for any more ends too, and leaves the run's lock.
        for (ProcessHandle child : children) {
            child.onExit().get(5, TimeUnit.MINUTES);
        }

        Process interrupted = start(cut);
        awaitSteps(first, 160);
        interrupted.destroy();
        assertThat(interrupted.waitFor()).as(cria.said()).isEqualTo(130);
        assertThat(cria.said()).contains("stopped; ./cria sweep --resume " + cut + " goes on");

        assertThat(cria.start(List.of("sweep", "--resume", cut.toString())).waitFor())
                .as(cria.said())
                .isZero();
        assertThat(withoutClock(cut)).isEqualTo(withoutClock(whole)).hasSize(4);
        for (String row : List.of("1e-3", "1e-2", "1e30")) {
            assertThat(withoutClock(cut)).anyMatch(line -> line.contains("learning_rate=" + row));
        }
        assertThat(withoutClock(cut)).anyMatch(line -> line.endsWith("[diverged]"));
        assertThatSameWeights(cut, whole);
    }

    /** The rows, without the columns that a clock has a part in. */
    private static List<String> withoutClock(Path sweep) throws IOException {
        return Csv.read("sweep.csv", Files.readString(sweep.resolve("sweep.csv"))).stream()
                .map(row -> row.subList(0, 5) + "" + row.subList(row.size() - 1, row.size()))
                .toList();
    }

    private static void assertThatSameWeights(Path cut, Path whole) throws IOException {
        String checkpoint = "checkpoints/step-%07d".formatted(STEPS);
        try (Stream<Path> trials = Files.list(whole.resolve("trials"))) {
            List<Path> finished = trials.filter(trial -> Files.exists(trial.resolve(checkpoint)))
                    .toList();
            assertThat(finished).hasSize(1);
            Path trial = finished.getFirst().getFileName();
            assertThat(finished.getFirst().resolve(checkpoint).resolve("trainer_state.json"))
                    .content()
                    .containsPattern("\"threads\"\\s*:\\s*\"1\"");
            for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
                assertThat(cut.resolve("trials")
                                .resolve(trial)
                                .resolve(checkpoint)
                                .resolve(file))
                        .hasSameBinaryContentAs(
                                finished.getFirst().resolve(checkpoint).resolve(file));
            }
        }
    }

    private Process start(Path out) throws IOException {
        return cria.start(List.of(
                "sweep",
                "--config",
                folder.resolve("c.yaml").toString(),
                "--vary",
                "schedule.learning_rate=1e-3,1e-2,1e30",
                "--halving",
                "2",
                "--threads",
                "1",
                "--out",
                out.toString()));
    }

    private void awaitSteps(Path run, int steps) throws Exception {
        Path metrics = run.resolve("metrics.jsonl");
        while (!Files.exists(metrics) || Files.readAllLines(metrics).size() < steps) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
