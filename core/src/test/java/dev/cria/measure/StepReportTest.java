package dev.cria.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.format.ConfigFile;
import dev.cria.measure.Roofline.Part;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.GemmPeak.Rate;
import dev.cria.tensor.Product;
import dev.cria.tensor.Product.Form;
import dev.cria.tensor.Work;
import dev.cria.tensor.cpu.MemoryBandwidth.Measured;
import dev.cria.tensor.cpu.MemoryBandwidth.Pattern;
import dev.cria.train.Recipe;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class StepReportTest {
    private static final Product SQUARE = new Product(Form.FORWARD, 10, 10, 10);
    private static final Roof ROOF = new Roof(
            List.of(new Rate(SQUARE, DType.FLOAT32, 100e9, 90e9), new Rate(SQUARE, DType.BFLOAT16, 300e9, 400e9)),
            new Roof.Memory(
                    new Measured(2_000_000_000, Map.of(Pattern.COPY, 20e9, Pattern.TRIAD, 30e9)),
                    new Measured(50_000_000, Map.of(Pattern.COPY, 60e9))));

    private static StepReport report(double productOperations) {
        Map<String, Part> parts = Map.of(
                "matrix_products", new Part(0.075, new Work(productOperations, 0.3e9)),
                "other", new Part(0.025, Work.NONE));
        return new StepReport(
                Device.CPU,
                "some kernels",
                1_000_000,
                new StepSpeed(new Recipe.Batch(100, 5, 1000), DType.BFLOAT16, 6e6, List.of(0.1, 0.2, 0.4, 0.5)),
                ROOF,
                Roofline.of(ROOF.flops(DType.BFLOAT16), ROOF.bytesPerSecond(), parts),
                Map.of());
    }

    @Test
    void figuresAtTheTopAreTheBestStepsAndUtilisationIsAShareOfThePeakOfItsType() {
        Map<String, Object> json = report(6e9).toJson();

        assertThat(json).containsEntry("tokens_per_s", 10_000.0).containsEntry("step_ms", 100.0);
        // 6e6 operations a token · 10,000 tokens/s = 60 GFLOP/s of 400.
        assertThat((double) json.get("mfu")).isCloseTo(0.15, within(1e-12));
        assertThat(json.get("gemm_gflops")).isEqualTo(Map.of("fp32", 100.0, "bf16", 400.0));
        assertThat(json.get("parts")).isEqualTo(Map.of("matrix_products", 75.0, "other", 25.0));
        assertThat(json).containsKeys("roofline", "products", "memory");
    }

    @Test
    void peakIsNeverBelowWhatTheStepItselfReached() {
        // 45 GFLOP in 75 ms are 600 GFLOP/s, more than any product by itself.
        Map<String, Object> json = report(45e9).toJson();

        assertThat(json.get("gemm_gflops")).isEqualTo(Map.of("fp32", 100.0, "bf16", 600.0));
        assertThat((double) json.get("mfu")).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void medianOfAnEvenNumberOfStepsLiesBetweenTheMiddleTwo() {
        assertThat((Map<?, ?>) report(6e9).toJson().get("median"))
                .extracting("step_ms")
                .isEqualTo(300.00000000000006);
    }

    @Test
    void textShowsTheRoofTheStepAndThePartsLargestFirst() {
        assertThat(report(6e9).toText())
                .containsSubsequence(
                        "peak       matrix products 100 GFLOP/s in fp32, 400 in bf16, the best of those below",
                        "memory     30.0 GB/s over 2.0 GB (copy 20.0, triad 30.0), 60.0 over 50 MB",
                        "best",
                        "15.0%",
                        "median",
                        "matrix products",
                        "75.0%",
                        "other",
                        "10 × 10 × 10");
    }

    @Test
    @Tag("slow")
    void measuredStepIsInsideTheRoof() {
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

        StepReport report = new StepBench(recipe, Progress.silent(), 64 << 20).run();

        Roofline roofline = report.roofline();
        assertThat(roofline.rows())
                .extracting(Roofline.Row::name)
                .contains("matrix_products", "attention", "optimizer", "other");
        assertThat(roofline.rows())
                .allSatisfy(row -> assertThat(row.bound().compute()).isLessThanOrEqualTo(row.seconds()));
        assertThat(report.peak(report.roof().products().getFirst().dtype())).isGreaterThan(1e8);
    }
}
