package dev.cria.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A resume at step 200, so the window is 20 steps; the losses alternate around 3, 0.01 up and down. */
final class RestartCostTest {
    private static final int AT = 200;

    @TempDir
    Path directory;

    private static double calm(int step) {
        return 3 + (step % 2 == 0 ? 0.01 : -0.01);
    }

    /** Half a nat at once, gone after 40 steps. */
    private static double spike(int step) {
        return calm(step) + (step < AT || step >= AT + 40 ? 0 : 0.5 * (1 - (step - AT) / 40.0));
    }

    @Test
    void measuresASpikeAgainstTheLevelBeforeIt() throws IOException {
        Run run = run("lost", 0, 400, RestartCostTest::spike, "without", "");
        RestartCost cost = RestartCost.of(List.of(run)).getFirst();
        assertThat(cost.window()).isEqualTo(20);
        assertThat(cost.loss().median()).isEqualTo(3.0, within(1e-9));
        assertThat(cost.loss().deviation()).isEqualTo(0.014826, within(1e-9));
        assertThat(cost.lossHeight()).isEqualTo(0.51, within(1e-9));
        assertThat(cost.gradientNormHeight()).isEqualTo(5.1, within(1e-9));
        assertThat(cost.excess()).isEmpty();
    }

    @Test
    void healedIsWhenAWindowsMedianIsBackAtTheLevel() throws IOException {
        Run run = run("lost", 0, 400, RestartCostTest::spike, "without", "");
        // The allowance is 2.5 · 0.014826 / √20 = 0.0083. From step 230 on the window has ten steps of the spike and
        // ten calm ones: five at 3.01, five at 2.99, so its median is above; from 236 on it is near 3.
        assertThat(RestartCost.of(List.of(run)).getFirst().healing())
                .isInstanceOfSatisfying(
                        Healing.After.class, after -> assertThat(after.steps()).isBetween(31L, 40L));
    }

    @Test
    void calmResumeCostsNothing() throws IOException {
        Run run = run("kept", 0, 400, RestartCostTest::calm, "with", "");
        RestartCost cost = RestartCost.of(List.of(run)).getFirst();
        assertThat(cost.lossHeight()).isEqualTo(0.01, within(1e-9));
        assertThat(cost.lossSpreads()).isLessThan(1);
        assertThat(cost.healing()).isEqualTo(new Healing.Unharmed());
    }

    @Test
    void forkTakesTheLevelFromItsParentAndTheExcessBesideIt() throws IOException {
        Run parent = run("parent", 0, 400, RestartCostTest::calm, "", "");
        Run fork = run(
                "fork", AT, 400, RestartCostTest::spike, "without", parent.directory() + "/checkpoints/step-0000200");
        RestartCost cost = RestartCost.of(List.of(fork, parent)).getFirst();
        assertThat(cost.loss().median()).isEqualTo(3.0, within(1e-9));
        RestartCost.Excess excess = cost.excess().orElseThrow();
        assertThat(excess.unbroken()).isSameAs(parent);
        assertThat(excess.largest()).isEqualTo(0.5, within(1e-9));
        // From 237 on, three steps of the spike are left in the window: (0.0375 + 0.025 + 0.0125) / 20 < 0.01;
        // from 235 on, five: 0.1875 / 20 = 0.0094.
        assertThat(cost.healing()).isEqualTo(new Healing.After(35));
        assertThat(cost.ranksBefore()).hasValue(2);
    }

    @Test
    void exactResumeHasNoExcessAtAll() throws IOException {
        Run parent = run("parent", 0, 400, RestartCostTest::calm, "", "");
        Run fork = run(
                "fork",
                AT,
                400,
                RestartCostTest::calm,
                "with",
                parent.directory().toString());
        RestartCost cost = RestartCost.of(List.of(parent, fork)).getFirst();
        assertThat(cost.excess().orElseThrow().largest()).isZero();
        assertThat(cost.healing()).isEqualTo(new Healing.Unharmed());
    }

    @Test
    void spikeThatNeverHealsSaysSo() throws IOException {
        Run run = run("lost", 0, 300, s -> calm(s) + (s < AT ? 0 : 0.2), "without", "");
        RestartCost cost = RestartCost.of(List.of(run)).getFirst();
        assertThat(cost.healing()).isEqualTo(new Healing.NotWithin(100));
    }

    @Test
    void lossThatFallsAnywayDoesNotCountAsHealedWhileItIsAboveTheUnbrokenRuns() throws IOException {
        IntToDoubleFunction falling = step -> calm(step) - 0.02 * Math.max(0, step - 150);
        Run parent = run("parent", 0, 400, falling, "", "");
        IntToDoubleFunction broken = step -> falling.applyAsDouble(step) + (step > AT ? 0.1 : 0);
        Run fork = run("fork", AT, 400, broken, "without", parent.directory().toString());

        assertThat(RestartCost.of(List.of(parent, fork)).getFirst().healing()).isEqualTo(new Healing.NotWithin(200));
    }

    @Test
    void damageThatComesAWhileAfterTheRestartIsNotHealedBeforeItCame() throws IOException {
        IntToDoubleFunction late = step -> calm(step) + (step >= AT + 30 && step < AT + 80 ? 0.5 : 0);
        Run run = run("lost", 0, 400, late, "without", "");

        assertThat(RestartCost.of(List.of(run)).getFirst().healing())
                .isInstanceOfSatisfying(
                        Healing.After.class, after -> assertThat(after.steps()).isBetween(65L, 80L));
    }

    @Test
    void forkWithAnotherLearningRateIsNoRestartDamage() throws IOException {
        Run parent = run("parent", 0, 400, RestartCostTest::calm, "", "");
        Files.writeString(directory.resolve("parent/config.yaml"), "schedule: {learning_rate: 1.0e-3}\n");
        String from = parent.directory() + "/checkpoints/step-0000200";
        run("fork", AT, 400, RestartCostTest::spike, "with", from);
        Files.writeString(
                directory.resolve("fork/config.yaml"), "schedule: {learning_rate: 3.0e-3}\nlog: {profile: true}\n");
        List<Run> runs = RunReader.readAll(List.of(directory.resolve("parent"), directory.resolve("fork")));

        assertThat(RestartCost.of(runs)).isEmpty();
        assertThat(Departure.all(runs)).singleElement().satisfies(d -> assertThat(d.how())
                .isEqualTo("schedule.learning_rate 0.001 → 0.003"));
    }

    @Test
    void resumeWhoseLearningRateJumpsIsNoRestartDamageEither() throws IOException {
        run("changed", 0, 400, RestartCostTest::spike, "with", "");
        Path metrics = directory.resolve("changed/metrics.jsonl");
        StringBuilder lines = new StringBuilder();
        for (String line : Files.readAllLines(metrics)) {
            boolean isLate = line.matches("\\{\"step\": [23]\\d\\d, \"loss.*");
            lines.append(line.replace("\"grad_norm\"", "\"lr\": " + (isLate ? "5e-3" : "1e-3") + ", \"grad_norm\""))
                    .append('\n');
        }
        Files.writeString(metrics, lines);

        assertThat(Departure.all(List.of(RunReader.read("changed", directory.resolve("changed")))))
                .singleElement()
                .satisfies(d -> assertThat(d.how()).isEqualTo("learning rate 0.001 → 0.005"));
    }

    @Test
    void evaluationAtTheResumeBelongsToBefore() throws IOException {
        Run run = run("lost", 0, 400, RestartCostTest::spike, "without", "");
        RestartCost cost = RestartCost.of(List.of(run)).getFirst();
        assertThat(cost.validationRise().orElseThrow()).isEqualTo(0.25, within(1e-9));
        assertThat(cost.pointsLost().orElseThrow().task()).isEqualTo("HellaSwag");
        assertThat(cost.pointsLost().orElseThrow().points()).isEqualTo(4, within(1e-9));
    }

    @Test
    void tooFewStepsGiveNoFigure() throws IOException {
        Run run = run("short", 0, AT + 3, RestartCostTest::spike, "without", "");
        assertThat(RestartCost.of(List.of(run))).isEmpty();
    }

    private Run run(String name, int first, int end, IntToDoubleFunction loss, String state, String from)
            throws IOException {
        StringBuilder metrics = new StringBuilder();
        for (int step = first; step < end; step++) {
            metrics.append(String.format(
                    Locale.ROOT,
                    "{\"step\": %d, \"loss\": %.9f, \"grad_norm\": %.9f}%n",
                    step,
                    loss.applyAsDouble(step),
                    10 * (loss.applyAsDouble(step) - 3) + 1));
        }
        metrics.append("""
            {"step": 180, "val_loss": 3.00, "benchmarks": {"hellaswag": {"acc_norm": 0.30}, "piqa": {"acc": 0.6}}}
            {"step": 200, "val_loss": 3.05, "benchmarks": {"hellaswag": {"acc_norm": 0.31}, "piqa": {"acc": 0.6}}}
            {"step": 220, "val_loss": 3.30, "benchmarks": {"hellaswag": {"acc_norm": 0.27}, "piqa": {"acc": 0.5}}}
            {"step": 240, "val_loss": 3.10, "benchmarks": {"hellaswag": {"acc_norm": 0.29}, "piqa": {"acc": 0.6}}}
            """);
        Path run = Files.createDirectories(directory.resolve(name));
        Files.writeString(run.resolve("metrics.jsonl"), metrics);
        Files.writeString(run.resolve("config.yaml"), "seed: 1\n");
        String started = first == 0 ? "{\"event\": \"started\", \"step\": 0, \"ranks\": 2}\n" : "";
        String resumed = state.isEmpty()
                ? ""
                : "{\"event\": \"resumed\", \"step\": 200, \"ranks\": 1, \"optimizer_state\": %s, \"from\": \"%s\"}\n"
                        .formatted(state.equals("with"), from);
        Files.writeString(run.resolve("events.jsonl"), started + resumed);
        return RunReader.read(name, run);
    }
}
