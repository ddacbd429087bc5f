package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.format.ConfigFile;
import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import dev.cria.parallel.Ranks;
import dev.cria.run.RunFiles;
import dev.cria.tensor.DeviceUnderTest;
import dev.cria.train.Runs.OptimizerState;
import dev.cria.train.Runs.Resume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A small model trained on one device and on another, and from one to the other. */
@Tag("gpu")
final class DevicesTest {
    private static final int STEPS = 40;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"CPU, bf16", "CUDA, fp32", "CUDA, bf16", "CUDA, fp16"})
    void aForkIsTheRunItselfBitForBit(DeviceUnderTest on, String compute) throws IOException {
        List<String> where = List.of("device=" + on.device(), "precision.compute=" + compute);
        Path run = train("run", where);
        Path fork = resume(run, "fork", List.of());
        assertThat(losses(fork)).isEqualTo(losses(run));
        for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
            assertThat(last(fork).resolve(file))
                    .hasSameBinaryContentAs(last(run).resolve(file));
        }
    }

    @ParameterizedTest
    @CsvSource({"CPU, CPU", "CPU, CUDA", "CUDA, CPU"})
    void aCheckpointOfOneDeviceGoesOnOnTheOther(DeviceUnderTest first, DeviceUnderTest second) throws IOException {
        List<String> fp32 = List.of("device=" + first.device(), "precision.compute=fp32");
        Path run = train("run", fp32);
        Path fork = resume(run, "fork", List.of("device=" + second.device()));
        List<Double> whole = losses(run);
        List<Double> moved = losses(fork);
        assertThat(moved).hasSize(STEPS);
        for (int step = 0; step < STEPS; step++) {
            assertThat(moved.get(step)).as("step %d", step).isCloseTo(whole.get(step), within(1e-3));
        }
    }

    @ParameterizedTest
    @CsvSource({"CPU, bf16", "CUDA, bf16", "CUDA, fp16"})
    void fewerBitsLearnWhatFloat32DoesOnAProcessor(DeviceUnderTest on, String compute) throws IOException {
        List<String> where = List.of("device=" + on.device(), "precision.compute=" + compute);
        List<Double> exact = losses(train("exact", List.of("device=cpu", "precision.compute=fp32")));
        List<Double> fewer = losses(train("fewer", where));
        double difference = 0;
        for (int step = 0; step < STEPS; step++) {
            difference += Math.abs(fewer.get(step) - exact.get(step)) / STEPS;
        }
        assertThat(difference).isLessThan(0.05);
        assertThat(fewer.getLast()).isLessThan(fewer.getFirst() - 1);
    }

    private Path train(String name, List<String> settings) throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        int[] tokens = IntStream.range(0, 20_000).map(i -> (i * i + i / 7) % 61).toArray();
        Npy.write(data.resolve("t_train_000001.npy"), NpyType.UINT16, tokens);
        Npy.write(data.resolve("t_val_000000.npy"), NpyType.UINT16, tokens);
        Path file = Files.writeString(folder.resolve("small.yaml"), """
            model: {hidden_size: 64, intermediate_size: 96, num_hidden_layers: 2, num_attention_heads: 4,
                    num_key_value_heads: 2, vocab_size: 61}
            tokenizer: none
            batch: {sequence_length: 32, micro_batch: 4, tokens_per_step: 256}
            schedule: {learning_rate: 1.0e-2, min_learning_rate: 1.0e-3, warmup_steps: 5, steps: 40}
            validation: {every: 20, batches: 2}
            checkpoint: {every: 20, keep: 9, keep_every: 0}
            """);
        Path run = folder.resolve(name);
        List<String> all = new ArrayList<>(settings);
        all.add("data.path=" + data);
        all.add("out=" + run);
        pretraining().start(ConfigFile.read(file, Recipe.defaults(), all), Optional.empty());
        return run;
    }

    private Path resume(Path run, String name, List<String> settings) {
        Path fork = folder.resolve(name);
        pretraining().resume(Resume.fork(run, 20, OptimizerState.RESTORED, fork, settings));
        return fork;
    }

    private static Runs<Recipe> pretraining() {
        return Pretraining.runs(Progress.silent(), Ranks.solo(), Interruption.never());
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
