package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.cria.WorkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunLogTest {
    private static final Path ALWAYS_FULL = Path.of("/dev/full");

    @TempDir
    private Path run;

    private final Said said = new Said();

    @Test
    void linesAreAsDocumented() throws IOException {
        try (RunLog log = RunLog.open(run, said)) {
            log.step(step(12, 3.25), 1.5, 0.125, Map.of("data_s", 0.5));
            log.validation(20, 3.123456);
            log.benchmarks(20, Map.of("hellaswag", Map.of("acc_norm", 0.30004)));
            log.sample(20, "Hello", 7, "wörld\n");
        }
        assertThat(run.resolve("log.txt")).hasContent("12 train 3.250000\n20 val 3.1235\n20 hella 0.3000\n");
        assertThat(run.resolve("metrics.jsonl")).hasContent("""
            {"step":12,"loss":3.25,"lr":0.001,"grad_norm":0.5,"tokens":130,"tokens_per_s":20.0,"mfu":0.125,"elapsed_s":1.5,"data_s":0.5}
            {"step":20,"val_loss":3.123456}
            {"step":20,"benchmarks":{"hellaswag":{"acc_norm":0.30004}}}
            """);
        assertThat(run.resolve("samples.jsonl"))
                .hasContent("{\"step\":20,\"prompt\":\"Hello\",\"seed\":7,\"text\":\"wörld\\n\"}\n");
    }

    @Test
    void resumingDropsStepsFromThereOnAndEvaluationsAfterIt() throws IOException {
        Files.writeString(
                run.resolve("log.txt"), "8 train 1\n10 val 2\n9 train 1\n10 train 1\n11 val 2\n20 hella 1\n1");
        Files.writeString(run.resolve("metrics.jsonl"), """
            {"step":9,"loss":1.0}
            {"step":10,"val_loss":2.0}
            {"step":10,"loss":1.0}
            {"step":10,"benchmarks":{}}
            {"step":11,"val_loss":2.0}
            {"step":11,"lo\
            """);
        Files.writeString(run.resolve("samples.jsonl"), "{\"step\":10,\"text\":\"\\\"loss\\\"\"}\n{\"step\":11}\n");
        Files.writeString(run.resolve("events.jsonl"), "{\"event\":\"checkpoint\",\"step\":20}\n");
        RunLog.rewind(run, 10);
        assertThat(run.resolve("log.txt")).hasContent("8 train 1\n10 val 2\n9 train 1\n");
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl")))
                .containsExactly(
                        "{\"step\":9,\"loss\":1.0}",
                        "{\"step\":10,\"val_loss\":2.0}",
                        "{\"step\":10,\"benchmarks\":{}}");
        assertThat(Files.readAllLines(run.resolve("samples.jsonl"))).hasSize(1);
        assertThat(Files.readAllLines(run.resolve("events.jsonl"))).hasSize(1);
    }

    @Test
    void linesOfAReopenedLogFollowTheEarlierOnes() throws IOException {
        for (int step = 0; step < 2; step++) {
            try (RunLog log = RunLog.open(run, said)) {
                log.event("started", step, "ranks", 2);
            }
        }
        assertThat(Files.readAllLines(run.resolve("events.jsonl"))).hasSize(2).allSatisfy(line -> assertThat(line)
                .contains("\"event\":\"started\"", "\"time\":", "\"ranks\":2"));
    }

    @Test
    void aFullDiskStopsNothingButIsToldAndTheEndFails() throws IOException {
        assumeThat(ALWAYS_FULL).exists();
        Files.createSymbolicLink(run.resolve("log.txt"), ALWAYS_FULL);
        RunLog log = RunLog.open(run, said);
        log.step(step(0, 1), 0, 0, Map.of());
        log.step(step(1, 1), 0, 0, Map.of());
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(2);
        assertThat(said.lines())
                .containsExactly("warning: log.txt cannot be written (No space left on device); the run goes on and"
                        + " keeps its lines in memory: free some space");
        assertThatThrownBy(log::force).isInstanceOf(WorkException.class);
        assertThatThrownBy(log::close)
                .isInstanceOf(WorkException.class)
                .hasMessage("the run's log cannot be written: No space left on device");
    }

    private static StepResult step(long step, double loss) {
        return new StepResult(
                step, loss, 1e-3, 0.5, 10 * (step + 1), 10, 0.5, Map.of(), List.of(0.5), StepResult.Outcome.MOVED);
    }
}
