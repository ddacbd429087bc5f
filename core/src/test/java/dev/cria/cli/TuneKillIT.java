package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** SIGKILL during tuning: a run that goes on has the log, adapter and moments of the one that was never killed. */
@Tag("slow")
@Timeout(900)
final class TuneKillIT {
    private static final int KILLS = 3;
    private static final int STEPS = 60;

    @TempDir
    private Path folder;

    @Test
    void aTuningKilledThreeTimesEndsBitForBitAsTheOneThatWasNot() throws Exception {
        SmallDirectories.write(
                SmallDirectories.llama(new RopeScaling.None(), false), folder.resolve("model"), DType.FLOAT32);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 37; i++) {
            rows.append(
                    "{\"instruction\": \"Count %d\", \"output\": \"%s\"}\n".formatted(i, "one more ".repeat(i % 5)));
        }
        Files.writeString(folder.resolve("rows.jsonl"), rows);
        Path whole = folder.resolve("whole");
        assertThat(tune(whole).waitFor()).as(said()).isZero();

        Path cut = folder.resolve("cut");
        var random = new SplittableRandom(5);
        for (int kill = 1; kill <= KILLS; kill++) {
            Process process = tune(cut);
            int steps = STEPS * kill / (KILLS + 1);
            while (metrics(cut).size() < steps && process.isAlive()) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            process.waitFor(random.nextInt(60), TimeUnit.MILLISECONDS);
            process.destroyForcibly();
            assertThat(process.waitFor()).as(said()).isEqualTo(128 + 9);
        }
        assertThat(tune(cut).waitFor()).as(said()).isZero();

        assertThat(metrics(cut)).isEqualTo(metrics(whole)).hasSize(STEPS);
        for (String file : List.of(
                "adapter/adapter_model.safetensors",
                "checkpoints/step-0000060/adapter_model.safetensors",
                "checkpoints/step-0000060/optimizer.safetensors")) {
            assertThat(cut.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
        }
    }

    /** Begins a run, or goes on with it once it has a checkpoint. */
    private Process tune(Path run) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("tune"));
        if (Files.isDirectory(run.resolve("checkpoints"))) {
            arguments.addAll(List.of("--resume", run.toString()));
        } else {
            arguments.addAll(List.of("--model", folder.resolve("model").toString(), "--out", run.toString()));
            arguments.addAll(List.of("--data", folder.resolve("rows.jsonl").toString()));
            for (String setting : List.of(
                    "lora.rank=4",
                    "batch.micro_batch=3",
                    "batch.accumulation=2",
                    "schedule.steps=" + STEPS,
                    "checkpoint.every=4",
                    "device=cpu")) {
                arguments.addAll(List.of("--set", setting));
            }
        }
        return new CriaProcess(folder.resolve("said")).start(arguments);
    }

    private String said() throws IOException {
        return "it said: " + new CriaProcess(folder.resolve("said")).said();
    }

    /** The whole lines of metrics.jsonl but for what a clock has measured. */
    private static List<JsonNode> metrics(Path run) throws IOException {
        Path file = run.resolve("metrics.jsonl");
        String text = Files.exists(file) ? Files.readString(file) : "";
        List<JsonNode> lines = text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .map(new JsonMapper()::readTree)
                .toList();
        lines.forEach(line -> ((ObjectNode) line).remove(List.of("tokens_per_s", "mfu", "elapsed_s")));
        return lines;
    }
}
