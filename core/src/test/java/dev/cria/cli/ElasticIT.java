package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** {@code launch --nproc-per-node 1:2}: fewer ranks where two fail again and again, two again where they may work. */
@Timeout(900)
final class ElasticIT {
    @TempDir
    private Path folder;

    private final List<CriaProcess> started = new ArrayList<>();

    private interface Condition {
        boolean holds() throws IOException;
    }

    @AfterEach
    void endWhatIsLeft() {
        started.forEach(CriaProcess::end);
    }

    /** By the signal, and by the restart after a checkpoint. */
    @Test
    void aRunThatShrinksAndGrowsBackEndsAsOneThatNobodyDisturbed() throws Exception {
        writeRecipe();
        RunOnDisk undisturbed = new RunOnDisk(folder.resolve("undisturbed"));
        assertThat(launch("1", undisturbed).waitFor()).as(said()).isZero();

        RunOnDisk run = new RunOnDisk(folder.resolve("elastic"));
        Process launcher = launch("1:2", run);
        awaitSave(launcher, run);
        kill(awaitRanks(launcher, 2, List.of()), launcher);
        List<ProcessHandle> second = awaitRanks(launcher, 2, List.of());
        killAll(second, launcher);
        awaitRanks(launcher, 1, second);
        awaitSave(launcher, run);
        new ProcessBuilder("kill", "-USR1", String.valueOf(launcher.pid()))
                .start()
                .waitFor();
        awaitRanks(launcher, 2, List.of());
        awaitSave(launcher, run);
        kill(awaitRanks(launcher, 2, List.of()), launcher);
        List<ProcessHandle> fifth = awaitRanks(launcher, 2, List.of());
        killAll(fifth, launcher);
        List<ProcessHandle> alone = awaitRanks(launcher, 1, fifth);
        awaitSave(launcher, run);
        kill(alone, launcher);
        awaitRanks(launcher, 2, List.of());

        assertThat(launcher.waitFor()).as(said()).isZero();
        assertThat(said()).contains("SIGUSR1: the run goes on with 2 rank(s)");
        assertThat(ranks(run)).as(said()).containsExactly(2, 1, 2, 1, 2);
        assertThat(run.figures()).isEqualTo(undisturbed.figures());
        for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
            assertThat(run.checkpoints().getLast().resolve(file))
                    .hasSameBinaryContentAs(undisturbed.checkpoints().getLast().resolve(file));
        }
    }

    /** How many ranks each stretch of the run had. */
    private static List<Integer> ranks(RunOnDisk run) throws IOException {
        var json = new JsonMapper();
        return Files.readAllLines(run.path().resolve("events.jsonl")).stream()
                .map(json::readTree)
                .filter(event -> event.has("ranks"))
                .map(event -> event.get("ranks").asInt())
                .toList();
    }

    /** Waits until the ranks that run now have written a checkpoint. */
    private void awaitSave(Process launcher, RunOnDisk run) throws Exception {
        List<Path> before = run.checkpoints();
        await(launcher, () -> !run.checkpoints().isEmpty() && !before.containsAll(run.checkpoints()));
    }

    /** @param others ranks that are not meant */
    private List<ProcessHandle> awaitRanks(Process launcher, int number, List<ProcessHandle> others) throws Exception {
        List<ProcessHandle> ranks = List.of();
        while (ranks.size() != number) {
            assertThat(launcher.isAlive()).as(said()).isTrue();
            List<ProcessHandle> seen = ranks(launcher, others);
            TimeUnit.MILLISECONDS.sleep(50);
            ranks = ranks(launcher, others).stream().filter(seen::contains).toList();
        }
        return ranks;
    }

    /**
     * The children that run Java. One that is about to become a rank does so twice: for an instant it is still its
     * parent's image, then the helper that starts it, at last a rank; only two looks in a row tell it from a rank.
     */
    private static List<ProcessHandle> ranks(Process launcher, List<ProcessHandle> others) {
        return launcher.children()
                .filter(child -> child.info().command().orElse("").endsWith("java"))
                .filter(rank -> !others.contains(rank))
                .toList();
    }

    private void await(Process launcher, Condition condition) throws Exception {
        while (!condition.holds()) {
            assertThat(launcher.isAlive()).as(said()).isTrue();
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** Kills the last of the ranks, and waits until all of them have ended. */
    private void kill(List<ProcessHandle> ranks, Process launcher) throws Exception {
        ranks.getLast().destroyForcibly();
        await(launcher, () -> ranks.stream().noneMatch(ProcessHandle::isAlive));
    }

    /** As {@link #kill}, without the time that the launcher gives to a rank which waits for the lost one to join. */
    private void killAll(List<ProcessHandle> ranks, Process launcher) throws Exception {
        ranks.forEach(ProcessHandle::destroyForcibly);
        await(launcher, () -> ranks.stream().noneMatch(ProcessHandle::isAlive));
    }

    private Process launch(String ranks, RunOnDisk run) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("launch", "--threads", "1", "--nproc-per-node", ranks, "--max-restarts", "9"));
        arguments.addAll(
                List.of("pretrain", "--config", folder.resolve("c.yaml").toString()));
        arguments.addAll(List.of("--out", run.path().toString()));
        var cria = new CriaProcess(folder.resolve("said"));
        started.add(cria);
        return cria.start(arguments);
    }

    private String said() throws IOException {
        return "it said: " + started.getLast().said();
    }

    private void writeRecipe() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        int[] tokens = IntStream.range(0, 20_000).map(i -> (i * i + i / 7) % 61).toArray();
        Npy.write(data.resolve("t_train_000001.npy"), NpyType.UINT16, tokens);
        Files.writeString(folder.resolve("c.yaml"), """
            model: {hidden_size: 24, intermediate_size: 40, num_hidden_layers: 2, num_attention_heads: 2, vocab_size: 64}
            tokenizer: none
            data: {path: '%s'}
            batch: {sequence_length: 16, micro_batch: 2, tokens_per_step: 128}
            schedule: {learning_rate: 0.01, min_learning_rate: 0.001, warmup_steps: 2, steps: 150}
            precision: {compute: fp32}
            parallel: {reproducible: true, shard: optimizer}
            validation: {every: 0}
            benchmarks: {every: 0}
            samples: {every: 0}
            checkpoint: {every: 5, keep: 3}
            log: {tensorboard: false}
            device: cpu
            """.formatted(data));
    }
}
