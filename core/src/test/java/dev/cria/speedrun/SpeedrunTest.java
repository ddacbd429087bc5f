package dev.cria.speedrun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.sweep.ScriptedTrainings;
import dev.cria.sweep.SmallRecipe;
import dev.cria.sweep.Sweep.Outcome;
import dev.cria.train.Interruption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** On trainings whose losses are known: Muon's fall exactly twice as fast as AdamW's. */
final class SpeedrunTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    private final ScriptedTrainings trainings = new ScriptedTrainings();

    private Speedrun speedrun(int seeds, OptionalDouble target, String... rates) throws IOException {
        return Speedrun.of(
                new SpeedrunPlan(List.of(rates), seeds, target),
                SmallRecipe.in(folder),
                folder.resolve("out"),
                trainings,
                Progress.silent());
    }

    private JsonNode json() {
        return JSON.readTree(folder.resolve("out/speedrun.json").toFile());
    }

    @Test
    void eachIsTunedAndThenRacedSeedBySeed() throws IOException {
        assertThat(speedrun(3, OptionalDouble.empty(), "1e-3", "1e-2", "3e-2").run(Interruption.never()))
                .isEqualTo(Outcome.FINISHED);
        assertThat(trainings.trained())
                .containsExactly(
                        "kind=adamw,learning_rate=1e-3",
                        "kind=adamw,learning_rate=1e-2",
                        "kind=adamw,learning_rate=3e-2",
                        "kind=muon,learning_rate=1e-3",
                        "kind=muon,learning_rate=1e-2",
                        "kind=muon,learning_rate=3e-2",
                        "seed=1,kind=adamw",
                        "seed=1,kind=muon",
                        "seed=2,kind=adamw",
                        "seed=2,kind=muon",
                        "seed=3,kind=adamw",
                        "seed=3,kind=muon");
        JsonNode muon = json().path("runners").path("muon");
        assertThat(muon.path("learning_rate").asString()).isEqualTo("1e-2");
        assertThat(muon.path("reached").asInt()).isEqualTo(3);
        // The target is AdamW's loss at step 24, and at step 12 Muon is validated.
        assertThat(muon.path("steps").asDouble()).isEqualTo(12);
        assertThat(muon.path("seconds").asDouble()).isEqualTo(6);
        assertThat(muon.path("steps_ratio").path("ratio").asDouble()).isEqualTo(0.5);
        assertThat(muon.path("seconds_ratio").path("low").asDouble()).isEqualTo(0.5);
        assertThat(folder.resolve("out/tables/result.csv")).content().contains("adamw,1e-2,3,3,", "muon,1e-2,3,3,");
        assertThat(folder.resolve("out/index.html")).content().contains("tuning/index.html", "0.500 ×");
        assertThat(folder.resolve("out/figures/curves.png")).isNotEmptyFile();
    }

    @Test
    void aTargetMayBeGivenAndNeedNotBeReached() throws IOException {
        // Seeds end at 1.001 and more, and AdamW at 1.05 and more.
        speedrun(3, OptionalDouble.of(1.01), "1e-2").run(Interruption.never());
        JsonNode runners = json().path("runners");
        assertThat(runners.path("adamw").path("reached").asInt()).isZero();
        assertThat(runners.path("adamw").path("steps").isNull()).isTrue();
        assertThat(runners.path("muon").path("reached").asInt()).isEqualTo(3);
        assertThat(runners.path("muon").has("steps_ratio")).isFalse();
    }

    @Test
    void whatIsFinishedIsShownAndTheRestIsTrainedLater() throws IOException {
        trainings.interruptsAfter(5);
        Speedrun cut = speedrun(2, OptionalDouble.empty(), "1e-2");
        assertThat(cut.run(Interruption.never())).isEqualTo(Outcome.INTERRUPTED);
        assertThat(json().path("runners").path("muon").path("seeds").asInt()).isEqualTo(1);
        trainings.interruptsAfter(Integer.MAX_VALUE);
        assertThat(speedrun(2, OptionalDouble.empty(), "1e-2").run(Interruption.never()))
                .isEqualTo(Outcome.FINISHED);
        assertThat(trainings.trained()).hasSize(7).endsWith("seed=2,kind=muon", "seed=2,kind=muon");
        assertThat(json().path("runners").path("muon").path("seeds").asInt()).isEqualTo(2);
        assertThat(json().path("runners")
                        .path("muon")
                        .path("steps_ratio")
                        .path("low")
                        .isNull())
                .isTrue();
    }

    @Test
    void anotherProgramsCurvesAreTakenIn() throws IOException {
        Speedrun speedrun = speedrun(1, OptionalDouble.empty(), "1e-2");
        speedrun.run(Interruption.never());
        Path peer = Files.createDirectories(folder.resolve("out/peers/pytorch-adamw"));
        Files.writeString(
                peer.resolve("seed-1.csv"), "step,val_loss,seconds,learning_rate\n0,3,0,0.01\n24,1,48,0.01\n");
        speedrun.report();
        JsonNode pytorch = json().path("runners").path("pytorch-adamw");
        assertThat(pytorch.path("final_loss").asDouble()).isEqualTo(1);
        // AdamW needs 12 seconds for its 24 steps, and the peer 2 a step.
        double steps = pytorch.path("steps").asDouble();
        assertThat(steps).isBetween(23.0, 24.0);
        assertThat(pytorch.path("seconds_ratio").path("ratio").asDouble()).isEqualTo(2 * steps / 12);
        Files.writeString(peer.resolve("seed-2.csv"), "step,loss\n0,3\n");
        assertThatThrownBy(speedrun::report)
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("seed-2.csv has not the columns step, val_loss, seconds, learning_rate");
    }

    @Test
    void whatCannotBeComparedIsRefused() throws IOException {
        assertThatThrownBy(() -> speedrun(0, OptionalDouble.empty(), "1e-3")).hasMessageContaining("--seeds is 0");
        assertThatThrownBy(() -> speedrun(1, OptionalDouble.of(-1), "1e-3")).hasMessageContaining("--target is -1.0");
        assertThatThrownBy(() -> speedrun(1, OptionalDouble.empty(), "1e-3", "x"))
                .hasMessageContaining("--budget has x, not a learning rate above 0");
        assertThatThrownBy(() -> speedrun(1, OptionalDouble.empty(), "5", "6").run(Interruption.never()))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("no rate of the budget trains adamw");
        assertThatThrownBy(() -> speedrun(1, OptionalDouble.empty(), "1e-3").run(Interruption.never()))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("holds another sweep");
        Files.createDirectories(folder.resolve("out/thesis"));
        assertThatThrownBy(() -> speedrun(1, OptionalDouble.empty(), "5", "6").run(Interruption.never()))
                .hasMessageContaining("holds thesis, which is of no speedrun");
        assertThatThrownBy(() -> Speedrun.onPrimer(
                        new SpeedrunPlan(List.of("1e-3"), 1, OptionalDouble.empty()),
                        19,
                        List.of(),
                        folder.resolve("p"),
                        trainings,
                        Progress.silent()))
                .hasMessageContaining("--steps is 19, not at least 20");
    }
}
