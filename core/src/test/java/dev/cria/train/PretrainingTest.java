package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import dev.cria.model.Attention;
import dev.cria.model.Presets;
import dev.cria.model.Tokens;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Tape;
import dev.cria.optim.AdamW;
import dev.cria.parallel.Ranks;
import dev.cria.run.RunDirectory.Leftover;
import dev.cria.run.RunFiles;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Memory;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.train.Runs.OptimizerState;
import dev.cria.train.Runs.Resume;
import dev.cria.weights.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A tiny model from nothing to a checkpoint, and on from there. */
final class PretrainingTest {
    private static final Map<String, Object> TINY = Map.of(
            "hidden_size", 32,
            "intermediate_size", 48,
            "num_hidden_layers", 2,
            "num_attention_heads", 2,
            "num_key_value_heads", 1,
            "vocab_size", 61);

    @TempDir
    Path folder;

    @Test
    void lossFallsAndAForkWithStateIsTheRunItselfBitForBit() throws IOException {
        pretraining().start(recipe(), Optional.empty());
        Path run = folder.resolve("run");
        List<Double> losses = losses(run);
        assertThat(losses).hasSize(40);
        assertThat(losses.getLast()).isLessThan(losses.getFirst() - 1);

        Path fork = folder.resolve("fork");
        pretraining().resume(Resume.fork(run, 20, OptimizerState.RESTORED, fork, List.of()));
        assertThat(losses(fork)).isEqualTo(losses);
        for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
            assertThat(last(fork).resolve(file))
                    .hasSameBinaryContentAs(last(run).resolve(file));
        }

        Path forgetful = folder.resolve("forgetful");
        pretraining().resume(Resume.fork(run, 20, OptimizerState.FORGOTTEN, forgetful, List.of()));
        assertThat(losses(forgetful)).isNotEqualTo(losses);
    }

    /** Muon's momentum and AdamW's 8-bit moments come back whole, and a stable run decays from any checkpoint. */
    @Test
    void muonResumesBitForBitAndDecaysAsABranchOfAStableRun() throws IOException {
        Recipe muon = recipe(List.of(
                "optimizer.kind=muon",
                "optimizer.state=int8",
                "optimizer.adamw_learning_rate=5e-3",
                "schedule.kind=wsd",
                "schedule.decay_steps=10"));
        pretraining().start(muon, Optional.empty());
        Path run = folder.resolve("run");
        List<Double> losses = losses(run);
        assertThat(losses.getLast()).isLessThan(losses.getFirst() - 1);

        Path fork = folder.resolve("fork");
        pretraining().resume(Resume.fork(run, 20, OptimizerState.RESTORED, fork, List.of()));
        assertThat(losses(fork)).isEqualTo(losses);
        for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
            assertThat(last(fork).resolve(file))
                    .hasSameBinaryContentAs(last(run).resolve(file));
        }

        Path branch = folder.resolve("branch");
        pretraining().resume(Resume.fork(run, 20, OptimizerState.RESTORED, branch, List.of("schedule.steps=30")));
        assertThat(losses(branch)).hasSize(30);
        assertThat(losses(branch).subList(0, 21)).isEqualTo(losses.subList(0, 21));
        assertThat(losses(branch).get(25)).isNotEqualTo(losses.get(25));
    }

    @Test
    void aForkStopsWhereItIsToldAndGoesOnToTheSameEnd() throws IOException {
        pretraining().start(recipe(), Optional.empty());
        Path run = folder.resolve("run");
        Path fork = folder.resolve("fork");
        pretraining()
                .resume(Resume.fork(run, 20, OptimizerState.RESTORED, fork, List.of())
                        .until(27));
        assertThat(losses(fork)).isEqualTo(losses(run).subList(0, 27));
        assertThat(last(fork).getFileName()).hasToString("step-0000027");

        var back = Resume.of(fork, List.of()).until(27);
        assertThatThrownBy(() -> pretraining().resume(back)).hasMessageContaining("--until 27 is not after step 27");
        pretraining().resume(Resume.of(fork, List.of()));
        assertThat(losses(fork)).isEqualTo(losses(run));
    }

    @Test
    void aDamagedNewestCheckpointIsPassedOver() throws IOException {
        pretraining().start(recipe(), Optional.empty());
        Path newest = last(folder.resolve("run")).resolve("optimizer.safetensors");
        byte[] bytes = Files.readAllBytes(newest);
        bytes[bytes.length / 2] ^= 1;
        Files.write(newest, bytes);
        Path found = Checkpoints.find(folder.resolve("run"), OptionalLong.empty(), "pretrain", Progress.silent())
                .checkpoint();
        assertThat(found.getFileName()).hasToString("step-0000030");
        Files.delete(found.resolve("model.safetensors"));
        found = Checkpoints.find(folder.resolve("run"), OptionalLong.empty(), "pretrain", Progress.silent())
                .checkpoint();
        assertThat(found.getFileName()).hasToString("step-0000020");
    }

    @Test
    void aRunIsNotWrittenOverAndAtNeedsAFork() throws IOException {
        pretraining().start(recipe(), Optional.empty());
        Path run = folder.resolve("run");
        assertThatThrownBy(() -> pretraining().start(recipe(), Optional.empty()))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("holds a run already");
        var at = new Resume(
                run,
                OptionalLong.of(20),
                OptimizerState.RESTORED,
                Optional.empty(),
                OptionalLong.empty(),
                List.of(),
                TrainingKind.Fit.REQUIRED,
                Leftover.REFUSED);
        assertThatThrownBy(() -> pretraining().resume(at)).isInstanceOf(RequestException.class);
    }

    @Test
    void nativeBytesAfterStep100EqualThoseAfterStep10() {
        Device device = Device.CPU;
        Kernels kernels = Kernels.of(device, Kernels.Choice.AUTO);
        long[] ids = IntStream.range(0, 2 * 16).mapToLong(i -> i % 61).toArray();
        var storage = Storage.training(DType.FLOAT32, DType.FLOAT32);
        try (var model = Models.create(Presets.resolve(TINY, 16), device, storage, 1);
                var optimizer =
                        new AdamW(kernels, model.parameters(), Recipe.defaults().optimizer())) {
            long after10 = 0;
            for (int step = 1; step <= 100; step++) {
                try (var scope = new Scope();
                        var tape = new Tape(kernels, Tape.Mode.TRAINING)) {
                    Tensor targets = scope.own(Tensor.of(ids, ids.length));
                    var hidden = model.hidden(tape, Tokens.of(scope, device, ids, 2, 0), Attention.wholeRows());
                    tape.linearCrossEntropy(hidden, model.head(), targets, 1.0 / ids.length);
                    tape.backward();
                }
                optimizer.step(1e-3, 1);
                after10 = step == 10 ? Memory.of(device).liveBytes() : after10;
            }
            assertThat(Memory.of(device).liveBytes()).isEqualTo(after10);
        }
    }

    private static Runs<Recipe> pretraining() {
        return Pretraining.runs(Progress.silent(), Ranks.solo(), Interruption.never());
    }

    private Recipe recipe() throws IOException {
        return recipe(List.of());
    }

    private Recipe recipe(List<String> settings) throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        int[] tokens = IntStream.range(0, 5000).map(i -> (i * i + i / 7) % 61).toArray();
        Npy.write(data.resolve("t_train_000001.npy"), NpyType.UINT16, tokens);
        Npy.write(data.resolve("t_val_000000.npy"), NpyType.UINT16, tokens);
        Path file = folder.resolve("tiny.yaml");
        Files.writeString(file, """
            model: {hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 2,
                    num_key_value_heads: 1, vocab_size: 61}
            tokenizer: none
            data: {path: "%s"}
            out: "%s"
            batch: {sequence_length: 16, micro_batch: 4, tokens_per_step: 128}
            schedule: {learning_rate: 1.0e-2, min_learning_rate: 1.0e-3, warmup_steps: 5, steps: 40}
            precision: {compute: fp32}
            validation: {every: 20, batches: 2}
            checkpoint: {every: 10, keep: 9, keep_every: 0}
            device: cpu
            """.formatted(slashes(data), slashes(folder.resolve("run"))));
        return ConfigFile.read(file, Recipe.defaults(), settings);
    }

    private static String slashes(Path path) {
        return path.toString().replace('\\', '/');
    }

    private static Path last(Path run) {
        return new RunFiles(run).checkpoints().getFirst();
    }

    private static List<Double> losses(Path run) throws IOException {
        JsonMapper json = new JsonMapper();
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(json::readTree)
                .map(line -> line.path("loss"))
                .filter(JsonNode::isNumber)
                .map(JsonNode::asDouble)
                .toList();
    }
}
