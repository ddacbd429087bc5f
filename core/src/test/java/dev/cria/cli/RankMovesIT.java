package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * From 1 rank to 2, to 4 and back to 1, a rank killed by SIGKILL before each move, in a step or in a save: log, weights and
 * moments are those of the run that was one rank all along and was never killed, bit for bit, whoever had which part of
 * the memory. {@code scripts/rank-moves 50} goes through all of it.
 */
@Timeout(7200)
final class RankMovesIT {
    private static final int RUNS = Integer.getInteger("moves", 1);

    /** Few processes, unless more was asked for. */
    private static final List<Integer> RANKS =
            Integer.getInteger("moves") == null ? List.of(4, 1) : List.of(1, 2, 4, 1);

    private static final long SEED = Long.getLong("moves.seed", 1337);
    private static final int STEPS_A_MOVE = 12;
    private static final int STEPS = STEPS_A_MOVE * RANKS.size();

    @TempDir
    private Path folder;

    private final Map<String, RunOnDisk> whole = new HashMap<>();
    private final List<CriaProcess> started = new ArrayList<>();

    /** What a run is trained with. */
    private record Kind(String optimizer, String compute, String state) {}

    private enum Aim {
        STEP,
        SAVE
    }

    @AfterEach
    void endWhatIsLeft() {
        started.forEach(CriaProcess::end);
    }

    @Test
    void howeverARunIsMovedAndKilledItEndsBitForBitAsTheOneThatWasNot() throws Exception {
        writeRecipe();
        var random = new SplittableRandom(SEED);
        List<String> table = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            Kind kind = new Kind(
                    i / 2 % 2 == 0 ? "muon" : "adamw", i / 4 % 2 == 0 ? "bf16" : "fp32", i % 5 == 4 ? "int8" : "fp32");
            // Another kind of sharing after each move.
            int first = i == 0 ? 2 : random.nextInt(3);
            List<String> shards = IntStream.range(0, RANKS.size())
                    .mapToObj(move -> List.of("none", "optimizer", "gradients").get((first + move) % 3))
                    .toList();
            RunOnDisk moved = new RunOnDisk(folder.resolve("moved-" + i));
            String kills = "";
            for (int move = 0; move < RANKS.size(); move++) {
                if (move < RANKS.size() - 1) {
                    Aim aim = Aim.values()[random.nextInt(2)];
                    kill(
                            launch(moved, kind, RANKS.get(move), shards.get(move)),
                            moved,
                            aim,
                            (long) STEPS_A_MOVE * move,
                            random);
                    kills += " %s at step %d".formatted(aim.name().toLowerCase(Locale.ROOT), moved.lastStep());
                } else {
                    assertThat(launch(moved, kind, RANKS.get(move), shards.get(move))
                                    .waitFor())
                            .as(said())
                            .isZero();
                }
            }
            assertThatSame(moved, whole(kind));
            table.add("| %d | %s | %s | %s | %s | %s |"
                    .formatted(
                            i + 1, kind.optimizer(), kind.compute(), kind.state(), String.join(" → ", shards), kills));
            System.out.println(table.getLast());
        }
        System.out.println("%d of %d runs on %s ranks (seed %d) ended bit for bit as one rank does alone"
                .formatted(table.size(), RUNS, RANKS, SEED));
    }

    /** The same training on one rank, never killed. */
    private RunOnDisk whole(Kind kind) throws Exception {
        String name = "%s-%s-%s".formatted(kind.optimizer(), kind.compute(), kind.state());
        RunOnDisk known = whole.get(name);
        if (known != null) {
            return known;
        }
        RunOnDisk run = new RunOnDisk(folder.resolve(name));
        assertThat(launch(run, kind, 1, "none").waitFor()).as(said()).isZero();
        whole.put(name, run);
        return run;
    }

    private static void assertThatSame(RunOnDisk moved, RunOnDisk whole) throws IOException {
        assertThat(moved.figures()).isEqualTo(whole.figures()).hasSizeGreaterThan(STEPS);
        for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
            assertThat(moved.checkpoints().getLast().resolve(file))
                    .hasSameBinaryContentAs(whole.checkpoints().getLast().resolve(file));
        }
    }

    private void kill(Process launcher, RunOnDisk run, Aim aim, long notBefore, SplittableRandom random)
            throws Exception {
        while (launcher.isAlive()
                && (run.lastStep() < notBefore || aim == Aim.SAVE && !Files.isDirectory(run.unfinished()))) {
            TimeUnit.MICROSECONDS.sleep(200);
        }
        TimeUnit.MILLISECONDS.sleep(random.nextInt(20));
        List<ProcessHandle> ranks = launcher.children().toList();
        assertThat(ranks).as(said()).isNotEmpty();
        ranks.get(random.nextInt(ranks.size())).destroyForcibly();
        assertThat(launcher.waitFor()).as(said()).isNotZero();
    }

    /** Begins a run or goes on with it on so many ranks. */
    private Process launch(RunOnDisk run, Kind kind, int ranks, String shard) throws IOException {
        boolean begun = !run.checkpoints().isEmpty();
        if (!begun && Files.exists(run.path())) {
            Files.move(run.path(), run.path().resolveSibling(run.path().getFileName() + "-" + System.nanoTime()));
        }
        List<String> arguments = new ArrayList<>(
                List.of("launch", "--threads", "1", "--nproc-per-node", String.valueOf(ranks), "pretrain"));
        arguments.addAll(
                begun
                        ? List.of("--resume", run.path().toString())
                        : List.of(
                                "--config",
                                folder.resolve("c.yaml").toString(),
                                "--out",
                                run.path().toString(),
                                "--set",
                                "optimizer.kind=" + kind.optimizer(),
                                "--set",
                                "optimizer.state=" + kind.state(),
                                "--set",
                                "precision.compute=" + kind.compute()));
        arguments.addAll(List.of("--set", "parallel.shard=" + shard));
        var cria = new CriaProcess(folder.resolve("said"));
        started.add(cria);
        return cria.start(arguments);
    }

    private String said() throws IOException {
        return "it said: " + new CriaProcess(folder.resolve("said")).said();
    }

    private void writeRecipe() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        int[] tokens =
                IntStream.range(0, 20_000).map(i -> (i * i + i / 7) % 1501).toArray();
        Npy.write(data.resolve("t_train_000001.npy"), NpyType.UINT16, tokens);
        Npy.write(data.resolve("t_val_000000.npy"), NpyType.UINT16, tokens);
        Files.writeString(folder.resolve("c.yaml"), """
            model: {hidden_size: 72, intermediate_size: 104, num_hidden_layers: 2, num_attention_heads: 3, vocab_size: 1501}
            tokenizer: none
            data: {path: '%s', order: shuffled}
            batch: {sequence_length: 24, micro_batch: 2, tokens_per_step: 384}
            schedule: {learning_rate: 0.003, min_learning_rate: 0.0003, warmup_steps: 9, steps: %d}
            parallel: {reproducible: true}
            validation: {every: 7, batches: 2}
            benchmarks: {every: 0}
            samples: {every: 0}
            checkpoint: {every: 3, keep: 3}
            device: cpu
            """.formatted(data, STEPS));
    }
}
