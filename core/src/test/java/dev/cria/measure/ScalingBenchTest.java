package dev.cria.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import dev.cria.format.ConfigFile;
import dev.cria.measure.Roofline.Part;
import dev.cria.measure.ScalingBench.Sizes;
import dev.cria.measure.ScalingReport.Axis;
import dev.cria.model.Presets;
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
import org.junit.jupiter.api.Test;

class ScalingBenchTest {
    private static final Recipe TINY = ConfigFile.defaults(
            Recipe.defaults(),
            List.of(
                    "model.hidden_size=16",
                    "model.intermediate_size=24",
                    "model.num_hidden_layers=1",
                    "model.num_attention_heads=2",
                    "model.vocab_size=40",
                    "batch.sequence_length=6",
                    "batch.micro_batch=3",
                    "batch.tokens_per_step=36",
                    "precision.compute=fp32",
                    "device=cpu"));

    private static StepReport own() {
        var product = new Product(Form.FORWARD, 4, 4, 4);
        var memory = new Measured(1 << 20, Map.of(Pattern.COPY, 1e9));
        var roof = new Roof(List.of(new Rate(product, DType.FLOAT32, 50e9, 40e9)), new Roof.Memory(memory, memory));
        return new StepReport(
                Device.CPU,
                "some",
                1,
                new StepSpeed(TINY.batch(), DType.FLOAT32, 1, List.of(0.25)),
                roof,
                Roofline.of(50e9, 1e9, Map.of("matrix_products", new Part(0.25, new Work(1e6, 1e6)))),
                Map.of());
    }

    @Test
    void oneSizeChangesAtATimeAndLongerRowsComeWithFewerOfThem() {
        var nano = new Sizes(256, 16, 6);

        assertThat(nano.along(Axis.SEQUENCE_LENGTH))
                .containsExactly(nano, new Sizes(512, 8, 6), new Sizes(1024, 4, 6), new Sizes(2048, 2, 6));
        assertThat(nano.along(Axis.MICRO_BATCH))
                .containsExactly(
                        new Sizes(256, 1, 6), new Sizes(256, 2, 6), new Sizes(256, 4, 6), new Sizes(256, 8, 6), nano);
        assertThat(nano.along(Axis.LAYERS))
                .containsExactly(
                        new Sizes(256, 16, 2),
                        new Sizes(256, 16, 4),
                        nano,
                        new Sizes(256, 16, 8),
                        new Sizes(256, 16, 12));
        assertThat(new Sizes(256, 4, 12).along(Axis.SEQUENCE_LENGTH)).endsWith(new Sizes(2048, 1, 12));
    }

    @Test
    void recipeOfOtherSizesKeepsItsMicroBatchesAndHasThePositionsItNeeds() {
        for (String preset : List.of("nano", "gpt2-10m")) {
            Recipe recipe = ConfigFile.defaults(
                    Recipe.defaults(),
                    List.of(
                            "model.preset=" + preset,
                            "batch.sequence_length=256",
                            "batch.micro_batch=16",
                            "batch.tokens_per_step=12288",
                            "device=cpu"));

            Recipe longer = new ScalingBench(recipe, Progress.silent(), 0).recipe(new Sizes(2048, 2, 9));

            assertThat(longer.batch()).isEqualTo(new Recipe.Batch(2048, 2, 3 * 4096));
            var model = Presets.resolve(longer.model(), 2048);
            assertThat(model.layers()).isEqualTo(9);
            assertThat(model.positions()).isEqualTo(2048);
        }
    }

    @Test
    void everySizeIsMeasuredAndTheOwnOneTakenFromTheReport() {
        var report = new ScalingBench(TINY, Progress.silent(), 1e12).run(own(), List.of(Axis.LAYERS));

        assertThat(report.skipped()).isEmpty();
        assertThat(report.points().get(Axis.LAYERS))
                .extracting(ScalingReport.Point::layers)
                .containsExactly(1, 2, 4, 8, 12);
        assertThat(report.points().get(Axis.LAYERS))
                .allSatisfy(point -> assertThat(point.tokens()).isEqualTo(36));
        assertThat(report.points().get(Axis.LAYERS).getFirst().seconds()).isEqualTo(0.25);
        assertThat(report.points().get(Axis.LAYERS).get(1).roofline().rows())
                .extracting(Roofline.Row::name)
                .contains("matrix_products", "attention", "head_and_loss", "optimizer");
    }

    @Test
    void sizesThatDoNotFitTheMemoryAreSkippedAndNamed() {
        var report = new ScalingBench(TINY, Progress.silent(), 1).run(own(), List.of(Axis.MICRO_BATCH));

        assertThat(report.points().get(Axis.MICRO_BATCH))
                .extracting(ScalingReport.Point::microBatch)
                .containsExactly(3);
        assertThat(report.skipped()).hasSize(5).first().asString().startsWith("1 × 6 with 1 layers: needs ");
    }
}
