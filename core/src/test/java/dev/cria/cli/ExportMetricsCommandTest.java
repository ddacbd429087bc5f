package dev.cria.cli;

import static dev.cria.cli.CommandRun.output;
import static dev.cria.cli.CommandRun.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.json.JsonMapper;

@Isolated("it stands in for the process's standard streams")
final class ExportMetricsCommandTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path run;

    @BeforeEach
    void writeRun() throws IOException {
        Files.writeString(run.resolve("config.yaml"), "seed: 3\nschedule: {steps: 2}\n");
        Files.writeString(run.resolve("metrics.jsonl"), """
            {"step": 0, "val_loss": 4.5}
            {"step": 0, "benchmarks": {"hellaswag": {"acc": 0.25, "acc_norm": 0.5}}}
            {"step": 0, "loss": 4.25, "lr": 0.1, "grad_norm": 1.5, "tokens": 8, "tokens_per_s": 5, "mfu": 0.5, "elapsed_s": 2}
            {"step": 1, "loss": null, "lr": 0.2, "grad_norm": null, "tokens": 16, "tokens_per_s": 5, "mfu": 0.5, "elapsed_s": 4}
            """);
    }

    @Test
    void csvHasARowAStepAndEmptyCellsForWhatIsNotFinite() {
        assertThat(output("export-metrics", run)).isEqualTo("""
            step,val_loss,hellaswag/acc,hellaswag/acc_norm,loss,lr,grad_norm,tokens,tokens_per_s,mfu,elapsed_s
            0,4.5,0.25,0.5,4.25,0.1,1.5,8,5.0,0.5,2.0
            1,,,,,0.2,,16,5.0,0.5,4.0
            """);
    }

    @Test
    void jsonLinesHaveTheSameRows() {
        assertThat(output("export-metrics", run, "--format", "jsonl").lines().map(JSON::readTree))
                .extracting(
                        row -> row.path("step").asInt() + " " + row.path("lr").asDouble())
                .containsExactly("0 0.1", "1 0.2");
    }

    @Test
    void whatIsNoRunIsRefused() {
        refuses("run " + run.resolve("none") + " has no metrics.jsonl", "export-metrics", run.resolve("none"));
    }
}
