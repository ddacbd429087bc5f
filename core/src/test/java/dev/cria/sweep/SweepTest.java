package dev.cria.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.Csv;
import dev.cria.sweep.Sweep.Outcome;
import dev.cria.sweep.TrialRun.State;
import dev.cria.train.Interruption;
import dev.cria.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps of trainings whose losses are known; {@code SweepIT} has real ones. */
final class SweepTest {
    private static final String RATES = "schedule.learning_rate=1e-3,3e-3,1e-2,3e-2";

    @TempDir
    private Path folder;

    private final ScriptedTrainings trainings = new ScriptedTrainings();

    private static SweepPlan plan(@Nullable Integer halving, String... vary) {
        return new SweepPlan(List.of(vary), null, 0, halving, null);
    }

    private Sweep sweep(String name, SweepPlan plan, String... overrides) throws IOException {
        Recipe base = SmallRecipe.in(folder, overrides);
        return Sweep.of(plan, base, folder.resolve(name), trainings, Progress.silent());
    }

    private static Outcome run(Sweep sweep) {
        return sweep.run(Interruption.never());
    }

    private static List<State> states(Sweep sweep) {
        return sweep.results().stream().map(TrialResult::state).toList();
    }

    private static List<Double> losses(Sweep sweep) {
        return sweep.results().stream()
                .map(r -> r.run().lastLoss().orElse(Double.NaN))
                .toList();
    }

    @Test
    void everyTrialIsARunOfItsOwnAndThePageShowsAll() throws IOException {
        Sweep sweep = sweep("s", plan(null, "optimizer.kind=adamw,muon", "schedule.learning_rate=3e-3,1e-2"));
        assertThat(run(sweep)).isEqualTo(Outcome.FINISHED);
        assertThat(trainings.trained()).hasSize(4).doesNotHaveDuplicates();
        assertThat(states(sweep)).containsOnly(State.FINISHED);
        assertThat(losses(sweep)).doesNotHaveDuplicates();
        Path out = folder.resolve("s");
        List<List<String>> rows = Csv.read("sweep.csv", Files.readString(out.resolve("sweep.csv")));
        assertThat(rows.getFirst())
                .containsExactly(
                        "trial",
                        "optimizer.kind",
                        "schedule.learning_rate",
                        "steps",
                        "val_loss",
                        "best_val_loss",
                        "seconds",
                        "tokens_per_s",
                        "state");
        assertThat(rows).hasSize(5);
        assertThat(rows.get(4)).startsWith("kind=muon,learning_rate=1e-2", "muon", "1e-2", "24");
        assertThat(rows.get(4)).last().isEqualTo("finished");
        assertThat(Double.parseDouble(rows.get(4).get(4)))
                .isEqualTo(losses(sweep).get(3));
        assertThat(out.resolve("figures/losses.svg")).content().contains("adamw", "muon", "logarithmic axis");
        assertThat(out.resolve("figures/losses.png")).isNotEmptyFile();
        assertThat(out.resolve("index.html"))
                .content()
                .contains("data-x-scale=\"log\"", "kind=muon,learning_rate=1e-2");
    }

    @Test
    void theSameCommandTrainsNothingAgainAndAnotherIsRefused() throws IOException {
        SweepPlan plan = plan(null, "seed=1,2");
        run(sweep("s", plan));
        Sweep again = sweep("s", plan);
        assertThat(run(again)).isEqualTo(Outcome.FINISHED);
        assertThat(trainings.trained()).containsExactly("seed=1", "seed=2");
        assertThat(run(Sweep.resumed(folder.resolve("s"), trainings, Progress.silent())))
                .isEqualTo(Outcome.FINISHED);
        assertThat(trainings.trained()).hasSize(2);
        assertThatThrownBy(() -> sweep("s", plan(null, "seed=1,2,3")))
                .isInstanceOf(RequestException.class)
                .hasMessage("%s holds another sweep: --vary seed=1,2, not --vary seed=1,2,3"
                        .formatted(folder.resolve("s")));
        assertThatThrownBy(() -> sweep("s", plan, "schedule.steps=48"))
                .hasMessage(
                        "%s holds another sweep: schedule.steps is 24 there, not 48".formatted(folder.resolve("s")));
    }

    @Test
    void halvingLetsTheBestGoOn() throws IOException {
        Sweep sweep = sweep("s", plan(2, RATES));
        assertThat(run(sweep)).isEqualTo(Outcome.FINISHED);
        assertThat(trainings.trained())
                .containsExactly(
                        "learning_rate=1e-3 until 8",
                        "learning_rate=3e-3 until 8",
                        "learning_rate=1e-2 until 8",
                        "learning_rate=3e-2 until 8",
                        "learning_rate=1e-2 until 12",
                        "learning_rate=3e-2 until 12",
                        "learning_rate=1e-2");
        assertThat(states(sweep)).containsExactly(State.STOPPED, State.STOPPED, State.FINISHED, State.STOPPED);
        assertThat(sweep.best()).hasValueSatisfying(best -> assertThat(best).endsWith("learning_rate=1e-2"));
        assertThat(folder.resolve("s/figures/losses.csv"))
                .content()
                .contains("after-8,all trials,0.001,", "after-12,all trials,0.03,", "after-24,all trials,0.01,");
    }

    @Test
    void anInterruptedSweepGoesOnWhereItWas() throws IOException {
        SweepPlan plan = plan(2, RATES);
        Sweep whole = sweep("whole", plan);
        run(whole);
        trainings.trained().clear();
        trainings.interruptsAfter(2);
        Sweep cut = sweep("cut", plan);
        assertThat(run(cut)).isEqualTo(Outcome.INTERRUPTED);
        assertThat(states(cut)).containsExactly(State.UNFINISHED, State.UNFINISHED, State.UNFINISHED, State.WAITING);
        trainings.interruptsAfter(Integer.MAX_VALUE);
        Sweep again = sweep("cut", plan);
        assertThat(run(again)).isEqualTo(Outcome.FINISHED);
        assertThat(states(again)).isEqualTo(states(whole));
        assertThat(losses(again)).isEqualTo(losses(whole));
        assertThat(trainings.trained().subList(2, 5))
                .containsExactly(
                        "learning_rate=1e-2 until 8", "learning_rate=1e-2 until 8", "learning_rate=3e-2 until 8");
    }

    @Test
    void aTrialThatDivergesIsARowAndNotTheEnd() throws IOException {
        Sweep sweep = sweep("s", plan(null, "schedule.learning_rate=1e30,1e-2"));
        assertThat(run(sweep)).isEqualTo(Outcome.FINISHED);
        assertThat(states(sweep)).containsExactly(State.DIVERGED, State.FINISHED);
        assertThat(run(sweep("s", plan(null, "schedule.learning_rate=1e30,1e-2"))))
                .isEqualTo(Outcome.FINISHED);
        assertThat(trainings.trained()).hasSize(2);
        assertThat(folder.resolve("s/sweep.csv")).content().contains("diverged");
        assertThat(folder.resolve("s/index.html")).content().contains("Not drawn, since they diverged");
    }

    @Test
    void aTrialThatFailsLeavesTheOthersAloneAndIsTriedAgain() throws IOException {
        SweepPlan plan = plan(null, "seed=1,2");
        trainings.breaks("seed=1");
        Sweep sweep = sweep("s", plan);
        assertThatThrownBy(() -> run(sweep))
                .isInstanceOf(WorkException.class)
                .hasMessage("1 of 2 trials failed: seed=1");
        assertThat(states(sweep)).containsExactly(State.FAILED, State.FINISHED);
        trainings.breaks("");
        assertThat(run(sweep("s", plan))).isEqualTo(Outcome.FINISHED);
        assertThat(trainings.trained()).containsExactly("seed=1", "seed=2", "seed=1");
    }

    @Test
    void allThatIsWrongIsToldBeforeATrialBegins() throws IOException {
        assertThatThrownBy(() -> sweep("s", plan(null, "optimizer.kind=adamw,sgd", "schedule.learning_rat=1,2")))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("--vary optimizer.kind is sgd, not adamw or muon")
                .hasMessageContaining("--vary unknown key schedule.learning_rat");
        assertThatThrownBy(() -> sweep("s", plan(null, "schedule.learning_rate=1e-3,-1")))
                .hasMessageContaining("learning_rate is -1.0, not 0 or more");
        assertThatThrownBy(() -> run(sweep("s", plan(null, "batch.micro_batch=2,3"))))
                .hasMessageContaining("batch.tokens_per_step is 32, not a multiple of micro_batch");
        assertThatThrownBy(() -> sweep("s", plan(null, "seed=1,2"), "validation.every=0"))
                .hasMessageContaining("trials are compared by their validation loss");
        assertThatThrownBy(() -> sweep("s", plan(2, "schedule.steps=10,20")))
                .hasMessageContaining("--halving compares trials at the same steps");
        Files.createDirectories(folder.resolve("s/mine"));
        assertThatThrownBy(() -> sweep("s", plan(null, "seed=1,2"))).hasMessageContaining("holds no sweep");
        assertThatThrownBy(() -> Sweep.resumed(folder.resolve("none"), trainings, Progress.silent()))
                .hasMessageContaining("holds no sweep");
        assertThat(trainings.trained()).isEmpty();
    }

    @Test
    void dataThatHaveChangedAreRefused() throws IOException {
        SweepPlan plan = plan(null, "seed=1,2");
        trainings.breaks("seed=2");
        assertThatThrownBy(() -> run(sweep("s", plan))).isInstanceOf(WorkException.class);
        Sweep again = sweep("s", plan);
        SmallRecipe.shard(folder.resolve("data"), "t_train_000001.npy", 4000);
        assertThatThrownBy(() -> run(again))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("the data have changed since the sweep")
                .hasMessageContaining("t_train_000001");
        Files.delete(folder.resolve("data/t_val_000000.npy"));
        assertThatThrownBy(() -> run(sweep("other", plan))).hasMessageContaining("has no validation shard");
    }
}
