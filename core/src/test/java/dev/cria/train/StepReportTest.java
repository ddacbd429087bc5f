package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.format.ConfigFile;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.train.StepReport.Peaks;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class StepReportTest {
    private static final StepReport REPORT = new StepReport(
            Device.CPU,
            "some kernels",
            DType.BFLOAT16,
            1_000_000,
            6e6,
            new Recipe.Batch(100, 5, 1000),
            new Peaks(100e9, 400e9, 400e9),
            List.of(0.1, 0.2, 0.4, 0.5),
            Map.of("matrix_products", 0.075, "other", 0.025));

    @Test
    void figuresAtTheTopAreTheBestStepsAndUtilisationIsAShareOfThePeakOfItsType() {
        Map<String, Object> json = REPORT.toJson();

        assertThat(json).containsEntry("tokens_per_s", 10_000.0).containsEntry("step_ms", 100.0);
        // 6e6 operations a token · 10,000 tokens/s = 60 GFLOP/s of 400.
        assertThat((double) json.get("mfu")).isCloseTo(0.15, within(1e-12));
        assertThat(json.get("gemm_gflops")).isEqualTo(Map.of("fp32", 100.0, "bf16", 400.0));
        assertThat(json.get("parts")).isEqualTo(Map.of("matrix_products", 75.0, "other", 25.0));
    }

    @Test
    void medianOfAnEvenNumberOfStepsLiesBetweenTheMiddleTwo() {
        assertThat((Map<?, ?>) REPORT.toJson().get("median"))
                .extracting("step_ms")
                .isEqualTo(300.00000000000006);
    }

    @Test
    void textShowsThePartsLargestFirst() {
        assertThat(REPORT.toText()).containsSubsequence("best", "15.0%", "median", "matrix products", "75.0%", "other");
    }

    @Test
    @Tag("slow")
    void partsOfAMeasuredStepAddUpToIt() {
        Recipe recipe = ConfigFile.defaults(
                Recipe.defaults(),
                List.of(
                        "model.preset=nano",
                        "model.num_hidden_layers=1",
                        "model.vocab_size=300",
                        "batch.sequence_length=16",
                        "batch.micro_batch=2",
                        "batch.tokens_per_step=96",
                        "device=cpu"));

        StepReport report = new StepBench(recipe, Progress.silent()).run();

        double parts =
                report.partSeconds().values().stream().mapToDouble(d -> d).sum();
        assertThat(parts).isGreaterThan(report.stepSeconds().getFirst());
        assertThat(report.partSeconds().keySet()).contains("matrix_products", "attention", "optimizer", "other");
        assertThat(report.stepSeconds()).isSorted().hasSizeGreaterThanOrEqualTo(3);
        assertThat(report.peaks().compute()).isGreaterThan(1e8);
    }
}
