package dev.cria.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.measure.Roofline.Part;
import dev.cria.measure.ScalingReport.Axis;
import dev.cria.measure.ScalingReport.Point;
import dev.cria.tensor.Work;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScalingReportTest {

    /** Products at 80% of the peak beside an optimizer that needs 0.1 s at memory's speed and takes twice that. */
    private static Point point(int rows) {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("matrix_products", new Part(rows, new Work(rows * 0.8 * 1000e9, 1)));
        parts.put("optimizer", new Part(0.2, new Work(1, 4e9)));
        double seconds = rows + 0.2;
        return new Point(256, rows, 6, 256L * rows, seconds, 0.5, Roofline.of(1000e9, 40e9, parts));
    }

    private static final ScalingReport REPORT =
            new ScalingReport(Map.of(Axis.MICRO_BATCH, List.of(point(1), point(4))), List.of("64 × 256: too large"));

    @Test
    void textHasALineAPointAndSaysWhereTheStepLeavesTheRoofline() {
        assertThat(REPORT.toText()).isEqualTo("""

            along micro_batch        T    rows  layers  ms a step  tokens/s     mfu  roofline  of memory  most time lost in
            256 tokens             256       1       6     1200.0       213   50.0%     75.0%      11.1%  matrix products, 83% of the step, at 80% of compute
            1024 tokens            256       4       6     4200.0       244   50.0%     78.6%       3.0%  matrix products, 95% of the step, at 80% of compute
            nearest to the roofline at micro_batch 4 (78.6%), farthest at 1 (75.0%): there optimizer loses 8% of the step instead of 2%
            not measured: 64 × 256: too large
            """);
    }

    @Test
    void jsonHasThePointsByTheAxis() {
        List<?> points = (List<?>) REPORT.toJson().get("micro_batch");

        assertThat(points).hasSize(2);
        assertThat((Map<?, ?>) points.getFirst())
                .extracting("micro_batch", "tokens", "mfu")
                .containsExactly(1, 256L, 0.5);
        assertThat((double) ((Map<?, ?>) points.getFirst()).get("tokens_per_s")).isCloseTo(213.333, within(1e-3));
        assertThat(REPORT.toJson()).containsEntry("skipped", List.of("64 × 256: too large"));
    }
}
