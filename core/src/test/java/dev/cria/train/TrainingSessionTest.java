package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cria.Said;
import dev.cria.WorkException;
import dev.cria.nn.Parameters.Storage;
import dev.cria.optim.OptimizerSection;
import dev.cria.optim.Schedule;
import dev.cria.parallel.ParallelSection;
import dev.cria.run.Event;
import dev.cria.run.RunFiles;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.train.StepClock.Part;
import dev.cria.train.Trainer.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.function.LongToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Guard, events and checkpoints of a training whose losses and gradients are made up. */
final class TrainingSessionTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final LongPredicate NEVER = _ -> false;

    @TempDir
    private Path folder;

    private final Said said = new Said();

    @Test
    void aStepWithoutAFiniteGradientIsSkippedAndRecorded() throws IOException {
        assertThat(train(_ -> 1, step -> step == 5 ? Double.NaN : 0.25, NEVER, 8))
                .isEqualTo(Outcome.FINISHED);
        assertThat(events("skipped"))
                .singleElement()
                .satisfies(e -> assertThat(e.get("step").asLong()).isEqualTo(5));
        List<JsonNode> steps = lines("metrics.jsonl");
        assertThat(steps).hasSize(8);
        assertThat(steps.get(5).get("skipped").asBoolean()).isTrue();
        assertThat(steps.get(5).get("grad_norm").isNull()).isTrue();
        assertThat(steps.get(4).has("skipped")).isFalse();
        assertThat(said.lines()).contains("step 5: the gradient is not finite; the step is skipped");
        // Seven steps of Adam, each by the whole rate of 0.1, since the gradient never changes.
        assertThat(Files.readString(checkpoint(8).resolve("weights"))).startsWith("[-0.7000");
        assertThat(TrainerState.read(checkpoint(8)).optimizerSteps()).isEqualTo(7);
    }

    @Test
    void aLossThatIsNotFiniteSkipsTheStepToo() throws IOException {
        train(step -> step == 2 ? Double.POSITIVE_INFINITY : 1, _ -> 0.25, NEVER, 4);
        assertThat(events("skipped")).hasSize(1);
        assertThat(lines("metrics.jsonl").get(2).get("loss").isNull()).isTrue();
        assertThat(TrainerState.read(checkpoint(4)).optimizerSteps()).isEqualTo(3);
    }

    @Test
    void threeSkippedInARowEndTheTrainingAndTheLastGoodCheckpointIsNamed() throws IOException {
        LongToDoubleFunction gradient = step -> step == 2 || step == 3 || step >= 5 ? Double.NaN : 0.25;
        var failure = catchThrowableOfType(WorkException.class, () -> train(_ -> 1, gradient, NEVER, 20));
        // Step 4 was good, step 5 and what follows are not: the checkpoint of step 6 is inside the bad streak.
        assertThat(failure.error())
                .isEqualTo("the gradient was not finite 3 steps in a row, up to step 7; the last good checkpoint is "
                        + checkpoint(4));
        assertThat(failure.hint())
                .isEqualTo("./cria pretrain --resume %s --at 4 --out %s-slower --set schedule.learning_rate=0.001"
                        .formatted(folder.resolve("run"), folder.resolve("run")));
        assertThat(events("skipped").stream().map(e -> e.get("step").asLong())).containsExactly(2L, 3L, 5L, 6L, 7L);
        assertThat(Manifest.damage(checkpoint(4))).isEmpty();
        assertThat(TrainerState.read(checkpoint(6)).guard().skippedInARow()).isEqualTo(1);
    }

    @Test
    void whereTheFirstStepRuinedTheWeightsNoCheckpointIsCalledGood() {
        LongToDoubleFunction gradient = step -> step == 0 ? 0.25 : Double.NaN;
        var failure = catchThrowableOfType(WorkException.class, () -> train(_ -> 1, gradient, NEVER, 20));
        assertThat(failure.error())
                .isEqualTo("the gradient was not finite 3 steps in a row, up to step 3; no checkpoint is older than the"
                        + " trouble");
        assertThat(failure.hint()).isEqualTo("start again with another --out and --set schedule.learning_rate=0.001");
    }

    @Test
    void aDiskThatWasFullFromTheStartLeavesNoCheckpointAndThatIsSaid() {
        var failure = catchThrowableOfType(WorkException.class, () -> train(_ -> 1, _ -> 0.25, _ -> true, 3));
        assertThat(failure.error()).endsWith("no space left on device; the run has none");
        assertThat(failure.hint()).isEqualTo("free some space, then start again");
        assertThat(said.lines())
                .contains("warning: the checkpoint of step 2 could not be written (no space left on device); the run"
                        + " continues, and there is no earlier one");
    }

    @Test
    void theEndIsSummedUp() {
        train(step -> 3 - step, _ -> 0.25, NEVER, 2);
        assertThat(said.lines())
                .containsSubsequence(
                        "finished   at step 2 of 2: training loss 2.0000",
                        "checkpoint " + checkpoint(2),
                        "next       ./cria eval run");
    }

    @Test
    void aLossFarOutsideTheSpreadOfTheRecentOnesIsAnEvent() throws IOException {
        LongToDoubleFunction loss = step -> 2 + 0.01 * Math.sin(step) + (step == 30 ? 1 : 0) - (step == 35 ? 1 : 0);
        train(loss, _ -> 0.25, NEVER, 40);
        assertThat(events("spike")).singleElement().satisfies(e -> {
            assertThat(e.get("step").asLong()).isEqualTo(30);
            assertThat(e.get("loss").asDouble()).isGreaterThan(2.9);
            assertThat(e.get("sigmas").asDouble()).isGreaterThan(6);
        });
    }

    @Test
    void aCheckpointThatCannotBeWrittenIsToldEachTimeAndTheRunGoesOn() throws IOException {
        LongPredicate full = step -> step >= 4 && step < 8;
        assertThat(train(_ -> 1, _ -> 0.25, full, 10)).isEqualTo(Outcome.FINISHED);
        assertThat(events("checkpoint_failed").stream().map(e -> e.get("step").asLong()))
                .containsExactly(6L, 8L);
        assertThat(said.lines())
                .contains(
                        "warning: the checkpoint of step 6 could not be written (no space left on device); the run"
                                + " continues, and earlier checkpoints are whole",
                        "warning: the checkpoint of step 8 could not be written (no space left on device); the run"
                                + " continues, and earlier checkpoints are whole");
        try (Stream<Path> there = Files.list(folder.resolve("run/checkpoints"))) {
            assertThat(there.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder("step-0000002", "step-0000004", "step-0000010");
        }
        assertThat(Manifest.damage(checkpoint(4))).isEmpty();
    }

    @Test
    void aTrainingWhoseLastStateIsNotWrittenHasFailed() {
        var failure = catchThrowableOfType(WorkException.class, () -> train(_ -> 1, _ -> 0.25, step -> step >= 4, 10));
        assertThat(failure.error())
                .isEqualTo("the last checkpoint, of step 10, could not be written: no space left on device; the newest"
                        + " is step-0000004");
        assertThat(failure.hint()).isEqualTo("free some space, then --resume does the missing steps again");
    }

    @Test
    void eventsTellHowASegmentBeganAndEachCheckpoint() throws IOException {
        train(_ -> 1, _ -> 0.25, NEVER, 4);
        assertThat(lines("events.jsonl").stream().map(e -> e.get("event").asString()))
                .containsExactly("started", "checkpoint", "checkpoint", "memory", "finished");
        JsonNode started = lines("events.jsonl").getFirst();
        assertThat(started.get("ranks").asInt()).isEqualTo(1);
        assertThat(started.get("device").asString()).isEqualTo("cpu");
        assertThat(started.get("flops_per_token").asDouble()).isEqualTo(7);
        assertThat(started.get("peak_flops").asDouble()).isGreaterThan(1e8);
        assertThat(started.get("peak_source").asString())
                .matches("[\\d,]+ GFLOP/s in fp32, the best matrix product measured here, (1024|2048)( × \\1){2},"
                        + " by (Cria's kernels|libtorch)");
        assertThat(started.get("command").asString()).startsWith("java ");
        assertThat(started.get("environment").propertyNames())
                .contains("kernels", "device", "compute", "threads", "cpu", "jdk", "libtorch");
        assertThat(started.get("record").propertyNames()).contains("host", "jdk", "system", "git");
        JsonNode checkpoint = lines("events.jsonl").get(1);
        assertThat(checkpoint.get("bytes").asLong()).isPositive();
        assertThat(checkpoint.get("pause_s").asDouble())
                .isBetween(0.0, checkpoint.get("seconds").asDouble());
    }

    @Test
    void profiledStepsTellWhereTheirSecondsWent() throws IOException {
        train(_ -> 1, _ -> 0.25, NEVER, 5);
        for (JsonNode step : lines("metrics.jsonl")) {
            double whole = 10 / step.get("tokens_per_s").asDouble();
            double parts = Arrays.stream(Part.values())
                    .filter(p -> p != Part.CHECKPOINT)
                    .mapToDouble(p -> step.get(p.key()).asDouble())
                    .sum();
            assertThat(parts).isBetween(0.5 * whole, whole * 1.001);
        }
        assertThat(lines("metrics.jsonl").get(2).get("checkpoint_s").asDouble()).isPositive();
        assertThat(lines("metrics.jsonl").get(3).get("checkpoint_s").asDouble()).isZero();
    }

    @Test
    void aStepThatBeatsThePeakCorrectsItAndNoShareIsAboveTheWhole() throws IOException {
        // A token of 1e15 operations: any step reaches more than any machine.
        try (var objective = new ScriptedObjective(_ -> 1, _ -> 0.25, NEVER).costing(1e15)) {
            ScriptedObjective.train(objective, plan(6), folder.resolve("run"), said);
        }

        List<JsonNode> raised = events("peak_raised");
        assertThat(raised).isNotEmpty();
        double peak = lines("events.jsonl").getFirst().get("peak_flops").asDouble();
        for (JsonNode event : raised) {
            assertThat(event.get("peak_flops").asDouble()).isGreaterThan(peak);
            peak = event.get("peak_flops").asDouble();
            assertThat(event.get("peak_source").asString())
                    .matches("[\\d,]+ GFLOP/s in step \\d of the training, which is more than the [\\d,]+ measured"
                            + " before");
        }
        assertThat(lines("metrics.jsonl"))
                .allSatisfy(step -> assertThat(step.get("mfu").asDouble()).isBetween(0.0, 1.0));
        assertThat(said.lines().toString())
                .contains("peak       " + raised.getFirst().get("peak_source").asString());
    }

    @Test
    void aResumedRunKeepsTheHighestPeakItHasSeenOnTheSameMachine() {
        var seen = List.<Event>of(
                new Event.Started(segment("a", 3e11)),
                new Event.PeakRaised(2, 4e11, "step 2"),
                new Event.Resumed(4, "c", Event.OptimizerState.WITH, segment("b", 9e11)),
                new Event.PeakRaised(5, 9.5e11, "step 5"));
        Map<String, String> host = Map.of("host", "a");

        assertThat(new Peak(1e11, "cold").orSeen(seen, "cpu", Map.of(), host)).isEqualTo(new Peak(4e11, "step 2"));
        assertThat(new Peak(5e11, "warm").orSeen(seen, "cpu", Map.of(), host)).isEqualTo(new Peak(5e11, "warm"));
        assertThat(new Peak(1e11, "cold").orSeen(seen, "cuda:0", Map.of(), host))
                .isEqualTo(new Peak(1e11, "cold"));
    }

    private static Event.Segment segment(String host, double peak) {
        return new Event.Segment(1, "cpu", 7, peak, "measured", "", Map.of(), Map.of("host", host));
    }

    private Outcome train(
            LongToDoubleFunction loss, LongToDoubleFunction gradient, LongPredicate unwritable, long steps) {
        try (var objective = new ScriptedObjective(loss, gradient, unwritable)) {
            return ScriptedObjective.train(objective, plan(steps), folder.resolve("run"), said);
        }
    }

    private static SessionPlan plan(long steps) {
        return new SessionPlan(
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
                new Recipe.Log(false, false, true),
                new Recipe.Guard(3, 6),
                1,
                Storage.training(DType.FLOAT32, DType.FLOAT32),
                Device.CPU,
                Kernels.of(Device.CPU, Kernels.Choice.AUTO));
    }

    private Path checkpoint(long step) {
        return folder.resolve("run/checkpoints").resolve(RunFiles.checkpointName(step));
    }

    private List<JsonNode> events(String kind) throws IOException {
        return lines("events.jsonl").stream()
                .filter(e -> e.get("event").asString().equals(kind))
                .toList();
    }

    private List<JsonNode> lines(String file) throws IOException {
        return Files.readAllLines(folder.resolve("run").resolve(file)).stream()
                .map(JSON::readTree)
                .toList();
    }
}
