package dev.cria.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.cria.Said;
import dev.cria.WorkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
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
            log.take(new Line.Step(
                    12,
                    3.25,
                    1e-3,
                    0.5,
                    130,
                    20,
                    0.125,
                    1.5,
                    Line.Step.Outcome.MOVED,
                    Map.of("data_s", 0.5),
                    List.of()));
            log.take(new Line.Validation(20, 3.123456));
            log.take(new Line.Validation(30, Double.NaN));
            log.take(new Line.Benchmarks(20, "harness", Map.of("hellaswag", Map.of("acc_norm", 0.30004))));
            log.take(new Line.Sample(20, "Hello", 7, "wörld\n"));
        }
        assertThat(run.resolve("log.txt"))
                .hasContent("12 train 3.250000\n20 val 3.1235\n30 val NaN\n20 hella 0.3000\n");
        assertThat(run.resolve("metrics.jsonl")).hasContent("""
            {"step":12,"loss":3.25,"lr":0.001,"grad_norm":0.5,"tokens":130,"tokens_per_s":20.0,"mfu":0.125,"elapsed_s":1.5,"data_s":0.5}
            {"step":20,"val_loss":3.123456}
            {"step":30,"val_loss":null}
            {"step":20,"benchmarks":{"hellaswag":{"acc_norm":0.30004}},"convention":"harness"}
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
        new RunFiles(run).rewind(10);
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
                log.take(new Event.Spike(step, 2, 7.5));
            }
        }
        assertThat(Files.readAllLines(run.resolve("events.jsonl"))).hasSize(2).allSatisfy(line -> assertThat(line)
                .contains("\"event\":\"spike\"", "\"time\":", "\"sigmas\":7.5"));
    }

    @Test
    void aFullDiskStopsNothingButIsToldAndTheEndFails() throws IOException {
        assumeThat(ALWAYS_FULL).exists();
        Files.createSymbolicLink(run.resolve("log.txt"), ALWAYS_FULL);
        RunLog log = RunLog.open(run, said);
        log.take(step(0, 1));
        log.take(step(1, 1));
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(2);
        assertThat(said.lines())
                .containsExactly("warning: log.txt cannot be written (No space left on device); the run continues and"
                        + " keeps its lines in memory: free some space");
        assertThatThrownBy(log::force).isInstanceOf(WorkException.class);
        assertThatThrownBy(log::close)
                .isInstanceOf(WorkException.class)
                .hasMessage("the run's log cannot be written: No space left on device");
    }

    @Test
    void aForkHasTheRecordsUpToItsStepAndNothingElse() throws IOException {
        try (RunLog log = RunLog.open(run, said)) {
            for (int step = 0; step < 6; step++) {
                log.take(new Line.Validation(step, 2));
                log.take(step(step, 3));
                log.take(new Event.Checkpoint(step, "checkpoints/step-000000" + step, 1, 1, 1));
                log.take(new Line.Sample(step, "A", 1, "b"));
            }
        }
        for (String later : List.of("eval.json", "facts.json", "judged.jsonl", "notes.txt")) {
            Files.writeString(run.resolve(later), "{}");
        }
        Path fork = Files.createDirectory(run.resolve("fork"));
        new RunFiles(run).fork(fork, 3);
        RunFiles files = new RunFiles(fork);
        assertThat(files.metrics()).hasSize(3 + 4).allMatch(line -> line.isBefore(3));
        assertThat(files.samples()).hasSize(4);
        assertThat(files.events()).hasSize(4);
        try (Stream<Path> all = Files.list(fork)) {
            assertThat(all.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrder("log.txt", "metrics.jsonl", "samples.jsonl", "events.jsonl");
        }
        assertThat(Files.readAllLines(fork.resolve("log.txt"))).last().isEqualTo("3 val 2.0000");
    }

    @Test
    void everyLineAndEventReadsBackAsItWasWritten() throws IOException {
        var segment = new Event.Segment(2, "cpu", 7, 1e9, "measured", "./cria", Map.of("jdk", "25"), Map.of());
        List<Event> events = List.of(
                new Event.Started(segment),
                new Event.Resumed(3, "a/b", Event.OptimizerState.WITHOUT, segment),
                new Event.Checkpoint(4, "c", 5, 6, 7),
                new Event.CheckpointFailed(4, "full"),
                new Event.Skipped(5, 2.5, OptionalDouble.of(4)),
                new Event.Spike(6, 3, 7),
                new Event.Memory(7, 8, Map.of("weights", 9L)),
                new Event.Interrupted(8),
                new Event.Finished(9));
        List<Line> lines = List.of(
                step(0, 1.25),
                new Line.Step(
                        1, 1, 2, 3, 4, 5, 0.5, 7, Line.Step.Outcome.SKIPPED, Map.of("data_s", 1.0), List.of(2L, 3L)),
                new Line.Validation(1, 2),
                new Line.Benchmarks(1, "nanogpt", Map.of("piqa", Map.of("acc", 0.5))));
        try (RunLog log = RunLog.open(run, said)) {
            events.forEach(log::take);
            lines.forEach(log::take);
        }
        assertThat(new RunFiles(run).events()).isEqualTo(events);
        assertThat(new RunFiles(run).metrics()).isEqualTo(lines);
    }

    private static Line.Step step(long step, double loss) {
        return new Line.Step(
                step, loss, 1e-3, 0.5, 10 * (step + 1), 20, 0, 0, Line.Step.Outcome.MOVED, Map.of(), List.of());
    }
}
