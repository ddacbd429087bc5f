package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.Said;
import dev.cria.WorkException;
import dev.cria.nn.Parameters.Storage;
import dev.cria.optim.OptimizerSection;
import dev.cria.optim.Schedule;
import dev.cria.parallel.ParallelSection;
import dev.cria.run.RunFiles;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.train.Trainer.Outcome;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A training in float16 whose scripted gradients overflow where their scale is too large. */
final class LossScalingTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    private final Said said = new Said();

    @Test
    void overflowsLowerTheScaleAndAreNoReasonToGiveUp() throws IOException {
        // 16 overflows at 65536 and at the four scales below it: five steps in a row are skipped, the sixth goes
        // through.
        assertThat(train(DType.FLOAT16, _ -> 1, step -> step >= 2 ? 16 : 0.25, 10))
                .isEqualTo(Outcome.FINISHED);
        TrainerState end = TrainerState.read(checkpoint(10));
        assertThat(end.lossScale()).isEqualTo(new LossScale(2048, 3, 5));
        assertThat(end.optimizerSteps()).isEqualTo(5);
        assertThat(end.guard().skippedInARow()).isZero();
        List<JsonNode> skipped = lines("events.jsonl").stream()
                .filter(e -> e.get("event").asString().equals("skipped"))
                .toList();
        assertThat(skipped.stream().map(e -> e.get("step").asLong())).containsExactly(2L, 3L, 4L, 5L, 6L);
        assertThat(skipped.getLast().get("loss_scale").asDouble()).isEqualTo(2048);
        assertThat(lines("metrics.jsonl").get(7).get("grad_norm").asDouble()).isEqualTo(16 * Math.sqrt(5));
        assertThat(said.lines())
                .contains(
                        "step 2: the gradient overflows in fp16; the step is skipped, the loss scaled by 32768 from now"
                                + " on");
    }

    @Test
    void theWeightsMoveAsWithoutAScale() throws IOException {
        train(DType.FLOAT16, _ -> 1, step -> 0.25 / (step + 1), 6);
        String scaled = Files.readString(checkpoint(6).resolve("weights"));
        Files.move(folder.resolve("run"), folder.resolve("scaled"));
        train(DType.FLOAT32, _ -> 1, step -> 0.25 / (step + 1), 6);
        assertThat(Files.readString(checkpoint(6).resolve("weights"))).isEqualTo(scaled);
        assertThat(TrainerState.read(checkpoint(6)).lossScale()).isEqualTo(LossScale.NONE);
    }

    @Test
    void aLossThatIsNotFiniteIsNoMatterOfItsScale() {
        assertThatThrownBy(() -> train(DType.FLOAT16, _ -> Double.NaN, _ -> 1e9, 10))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("3 steps in a row");
    }

    @Test
    void checkpointsFromBeforeTheScaleAreRead() throws IOException {
        train(DType.FLOAT32, _ -> 1, _ -> 0.25, 2);
        Path file = checkpoint(2).resolve(TrainerState.FILE);
        String text = Files.readString(file);
        String without = text.replaceFirst("(?s)\"loss_scale\" : \\{.*?\\},\\s*", "");
        assertThat(without).isNotEqualTo(text);
        Files.writeString(file, without);
        LossScale read = TrainerState.read(checkpoint(2)).lossScale();
        assertThat(read).isEqualTo(LossScale.NONE);
        assertThat(read.under(DType.FLOAT16)).isEqualTo(LossScale.of(DType.FLOAT16));
        assertThat(new LossScale(512, 3, 7).under(DType.FLOAT16)).isEqualTo(new LossScale(512, 3, 7));
        assertThat(new LossScale(512, 3, 7).under(DType.BFLOAT16)).isEqualTo(LossScale.NONE);
    }

    private Outcome train(DType compute, LongToDoubleFunction loss, LongToDoubleFunction gradient, long steps) {
        var plan = new SessionPlan(
                new OptimizerSection(
                        OptimizerSection.Kind.ADAMW,
                        List.of(0.9, 0.95),
                        1e-8,
                        0.1,
                        0,
                        OptimizerSection.State.FP32,
                        OptimizerSection.USUAL_MOMENTUM,
                        Optional.empty()),
                new Schedule.Constant(0.1, 0),
                steps,
                OptionalLong.empty(),
                Recipe.Recompute.NONE,
                ParallelSection.USUAL,
                new Recipe.Checkpoint(2, 5, 0, List.of(), false, false, false),
                new Recipe.Log(false, false, false),
                new Recipe.Guard(3, 0),
                1,
                Storage.training(compute, DType.FLOAT32),
                Device.CPU,
                withoutProducts());
        try (var objective = new ScriptedObjective(loss, gradient, _ -> false)) {
            return ScriptedObjective.train(objective, plan, folder.resolve("run"), said);
        }
    }

    /** The script needs no matrix products, and their peak in float16 takes a processor seconds to measure. */
    private static Kernels withoutProducts() {
        Kernels kernels = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
        return (Kernels) Proxy.newProxyInstance(
                Kernels.class.getClassLoader(),
                new Class<?>[] {Kernels.class},
                (_, method, arguments) -> method.getName().equals("linear") ? null : method.invoke(kernels, arguments));
    }

    private Path checkpoint(long step) {
        return folder.resolve("run/checkpoints").resolve(RunFiles.checkpointName(step));
    }

    private List<JsonNode> lines(String file) throws IOException {
        return Files.readAllLines(folder.resolve("run").resolve(file)).stream()
                .map(JSON::readTree)
                .toList();
    }
}
