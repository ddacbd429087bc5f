package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at every kind of instant: however often a run was killed and resumed, its log, weights and moments are those
 * of the run that was never killed, bit for bit. {@code scripts/kill-resume 50} does more kills.
 */
@Timeout(1800)
final class KillResumeIT {
    private static final int KILLS = Integer.getInteger("kills", 10);
    private static final long SEED = Long.getLong("kills.seed", 1337);
    private static final int KILLS_A_RUN = 10;
    private static final int STEPS = 80;
    private static final int KILLED_UP_TO = 70;

    @TempDir
    private Path folder;

    /** What a run is doing when it is to be killed. */
    private enum Aim {
        START,
        STEP,
        SAVE,
        BETWEEN_FILES,
        RENAME
    }

    @Test
    void howeverOftenItIsKilledARunEndsBitForBitAsTheOneThatWasNot() throws Exception {
        writeRecipe();
        RunOnDisk whole = new RunOnDisk(folder.resolve("whole"));
        assertThat(cria(whole).waitFor()).as(said()).isZero();
        assertThat(whole.figures()).hasSizeGreaterThan(STEPS);

        var random = new SplittableRandom(SEED);
        List<String> table = new ArrayList<>();
        for (int runs = 0; table.size() < KILLS; runs++) {
            RunOnDisk cut = new RunOnDisk(folder.resolve("cut-" + runs));
            int here = Math.min(KILLS_A_RUN, KILLS - table.size());
            for (int i = 0; i < here; i++) {
                Aim aim = Aim.values()[table.size() % Aim.values().length];
                long notBefore = random.nextLong(KILLED_UP_TO * i / here, KILLED_UP_TO * (i + 1) / here);
                kill(cut, aim, notBefore, random);
                table.add("| %d | %s | %s |".formatted(table.size() + 1, word(aim), cut.whatIsLeft()));
            }
            assertThat(cria(cut).waitFor()).as(said()).isZero();
            assertThatSame(cut, whole);
        }
        System.out.println("""
            | kill | aimed at | last step logged | newest checkpoint | unfinished checkpoint |
            | --- | --- | --- | --- | --- |
            %s
            %d kills (seed %d): every run ended bit for bit as the one that was not killed\
            """.formatted(String.join("\n", table), KILLS, SEED));
    }

    private static void assertThatSame(RunOnDisk cut, RunOnDisk whole) throws IOException {
        assertThat(cut.figures()).isEqualTo(whole.figures());
        assertThat(cut.path().resolve("log.txt"))
                .hasSameTextualContentAs(whole.path().resolve("log.txt"));
        for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
            assertThat(cut.checkpoints().getLast().resolve(file))
                    .hasSameBinaryContentAs(whole.checkpoints().getLast().resolve(file));
        }
    }

    /** Lets a run go on from where it stands, and kills it at an instant of a kind. */
    private void kill(RunOnDisk run, Aim aim, long notBefore, SplittableRandom random) throws Exception {
        Process process = cria(run);
        switch (aim) {
            case START -> process.waitFor(random.nextInt(50, 2000), TimeUnit.MILLISECONDS);
            case STEP -> {
                await(process, () -> run.lastStep() >= notBefore);
                process.waitFor(random.nextInt(30), TimeUnit.MILLISECONDS);
            }
            case SAVE -> {
                await(process, () -> run.lastStep() >= notBefore && Files.isDirectory(run.unfinished()));
                process.waitFor(random.nextInt(40), TimeUnit.MILLISECONDS);
            }
            case BETWEEN_FILES -> {
                int files = random.nextInt(1, 6);
                await(
                        process,
                        () -> run.lastStep() >= notBefore
                                && RunOnDisk.names(run.unfinished()).size() >= files);
            }
            case RENAME -> {
                await(process, () -> run.lastStep() >= notBefore);
                List<Path> before = run.checkpoints();
                await(process, () -> !run.checkpoints().equals(before));
            }
        }
        process.destroyForcibly();
        assertThat(process.waitFor())
                .as("of the process to be killed; " + said())
                .isEqualTo(128 + 9);
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    /** Looks often enough to see a file of a save that the next one follows a few milliseconds later. */
    private static void await(Process process, Condition condition) throws Exception {
        while (!condition.holds() && process.isAlive()) {
            TimeUnit.MICROSECONDS.sleep(200);
        }
    }

    /** Begins a run or goes on with it, as a user would after a kill. */
    private Process cria(RunOnDisk run) throws IOException {
        boolean begun = !run.checkpoints().isEmpty();
        if (!begun && Files.exists(run.path())) {
            Files.move(run.path(), run.path().resolveSibling(run.path().getFileName() + "-" + System.nanoTime()));
        }
        List<String> arguments = begun
                ? List.of("pretrain", "--resume", run.path().toString())
                : List.of(
                        "pretrain",
                        "--config",
                        folder.resolve("c.yaml").toString(),
                        "--out",
                        run.path().toString());
        return new CriaProcess(folder.resolve("said")).start(arguments);
    }

    private String said() throws IOException {
        return "it said: " + new CriaProcess(folder.resolve("said")).said();
    }

    private void writeRecipe() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        int[] tokens =
                IntStream.range(0, 20_000).map(i -> (i * i + i / 7) % 4001).toArray();
        Npy.write(data.resolve("t_train_000001.npy"), NpyType.UINT16, tokens);
        Npy.write(data.resolve("t_val_000000.npy"), NpyType.UINT16, tokens);
        Files.writeString(folder.resolve("c.yaml"), """
            model: {hidden_size: 72, intermediate_size: 104, num_hidden_layers: 2, num_attention_heads: 3, vocab_size: 4001}
            tokenizer: none
            data: {path: '%s', order: shuffled}
            batch: {sequence_length: 24, micro_batch: 2, tokens_per_step: 96}
            schedule: {learning_rate: 0.003, min_learning_rate: 0.0003, warmup_steps: 9, steps: %d}
            precision: {compute: fp32}
            validation: {every: 7, batches: 2}
            benchmarks: {every: 0}
            samples: {every: 0}
            checkpoint: {every: 3, keep: 3, keep_every: 30}
            device: cpu
            """.formatted(data, STEPS));
    }

    private static String word(Aim aim) {
        return aim.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
