package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** {@code launch} and {@code tune} together, as a user runs them. */
@Timeout(300)
final class LaunchTuneIT {
    @TempDir
    private Path folder;

    @Test
    void twoRanksTuneAsOneDoes() throws IOException {
        Path model = SmallDirectories.write(
                SmallDirectories.llama(new RopeScaling.None(), false), folder.resolve("model"), DType.FLOAT32);
        Path rows = writeRows();
        List<String> tune = List.of("tune", "--model", model.toString(), "--data", rows.toString());
        List<String> settings = settings(
                "lora.rank=4",
                "lora.alpha=8",
                "batch.micro_batch=3",
                "batch.accumulation=2",
                "optimizer.state=fp32",
                "schedule.steps=9",
                "schedule.learning_rate=5e-3",
                "precision.compute=fp32",
                "log.tensorboard=false",
                "device=cpu");
        assertThat(run(List.of(), tune, settings, "one")).isZero();
        assertThat(run(List.of("launch", "--nproc-per-node", "2"), tune, settings, "two"))
                .isZero();
        List<Double> one = losses("one");
        List<Double> two = losses("two");
        assertThat(one).hasSize(9);
        assertThat(two).hasSize(9);
        for (int i = 0; i < one.size(); i++) {
            assertThat(two.get(i)).as("step " + i).isCloseTo(one.get(i), within(1e-5 * one.get(i)));
        }
        assertThat(folder.resolve("two/adapter/adapter_model.safetensors")).exists();
        assertThat(run(List.of("launch", "--nproc-per-node", "4"), tune, settings, "four"))
                .isEqualTo(2);
    }

    /** Where rows are packed, and one rank or two have all, moments or gradients too. */
    @Test
    void aReproducibleTuningEndsWithTheSameBitsOnOneRankAndTwo() throws IOException {
        Path model = SmallDirectories.write(
                SmallDirectories.llama(new RopeScaling.None(), false), folder.resolve("model"), DType.FLOAT32);
        List<String> tune = List.of(
                "tune", "--model", model.toString(), "--data", writeRows().toString());
        List<String> settings = settings(
                "lora.rank=4",
                "lora.alpha=8",
                "batch.micro_batch=3",
                "batch.accumulation=4",
                "data.max_length=16",
                "data.packing=true",
                "schedule.steps=9",
                "schedule.learning_rate=5e-3",
                "checkpoint.every=4",
                "precision.compute=bf16",
                "parallel.reproducible=true",
                "log.tensorboard=false",
                "device=cpu");
        List<String> one = List.of("launch", "--threads", "1", "--nproc-per-node", "1");
        List<String> two = List.of("launch", "--nproc-per-node", "2");
        List<String> begun = List.of("launch", "--threads", "1", "--nproc-per-node", "2");
        assertThat(run(one, tune, settings, "one")).isZero();
        assertThat(run(begun, tune, plus(settings, "parallel.shard=gradients"), "two"))
                .isZero();
        List<String> fork = List.of("--at", "4", "--set", "parallel.shard=optimizer");
        assertThat(run(two, List.of("tune", "--resume", folder.resolve("one").toString()), fork, "moved"))
                .isZero();

        for (String other : List.of("two", "moved")) {
            assertThat(losses(other)).isEqualTo(losses("one")).hasSize(9);
            for (String file : List.of("adapter_model.safetensors", "optimizer.safetensors")) {
                assertThat(folder.resolve(other).resolve("checkpoints/step-0000009/" + file))
                        .hasSameBinaryContentAs(folder.resolve("one/checkpoints/step-0000009/" + file));
            }
            assertThat(folder.resolve(other).resolve("adapter/adapter_model.safetensors"))
                    .hasSameBinaryContentAs(folder.resolve("one/adapter/adapter_model.safetensors"));
        }
        assertThat(run(begun, tune, plus(settings, "batch.accumulation=6"), "refused"))
                .isEqualTo(2);
        assertThat(folder.resolve("refused")).doesNotExist();
    }

    private static List<String> settings(String... keys) {
        return Stream.of(keys).flatMap(key -> Stream.of("--set", key)).toList();
    }

    private static List<String> plus(List<String> settings, String setting) {
        List<String> all = new ArrayList<>(settings);
        all.addAll(settings(setting));
        return all;
    }

    private int run(List<String> launch, List<String> tune, List<String> settings, String out) {
        List<String> arguments = new ArrayList<>(launch);
        arguments.addAll(tune);
        arguments.addAll(settings);
        arguments.addAll(List.of("--out", folder.resolve(out).toString()));
        return Main.run(arguments.toArray(String[]::new));
    }

    /** Rows of unlike lengths and unlike counts of masked places, so that a mean of means would be another number. */
    private Path writeRows() throws IOException {
        List<String> rows = new ArrayList<>();
        for (int row = 0; row < 20; row++) {
            List<Integer> ids = new ArrayList<>();
            List<Integer> labels = new ArrayList<>();
            for (int i = 0; i < 5 + row % 7; i++) {
                int id = (row * 31 + i * i * 7) % 200;
                ids.add(id);
                labels.add(i < 1 + row % 4 ? -100 : id);
            }
            rows.add("{\"input_ids\": %s, \"labels\": %s}".formatted(ids, labels));
        }
        return Files.writeString(folder.resolve("rows.jsonl"), String.join("\n", rows) + "\n");
    }

    private List<Double> losses(String run) throws IOException {
        var json = new JsonMapper();
        return Files.readAllLines(folder.resolve(run).resolve("metrics.jsonl")).stream()
                .map(l -> json.readTree(l).get("loss").asDouble())
                .toList();
    }
}
