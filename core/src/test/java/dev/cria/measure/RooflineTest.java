package dev.cria.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.measure.Roofline.Part;
import dev.cria.measure.Roofline.Row;
import dev.cria.tensor.Work;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RooflineTest {

    private static Roofline roofline() {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("optimizer", new Part(0.2, new Work(2e9, 4e9)));
        parts.put("matrix_products", new Part(0.5, new Work(300e9, 1e9)));
        parts.put("other", new Part(0.1, Work.NONE));
        return Roofline.of(1000e9, 40e9, parts);
    }

    @Test
    void boundIsTheLongerOfOperationsOverPeakAndBytesOverBandwidth() {
        Row products = roofline().rows().getFirst();
        Row optimizer = roofline().rows().get(1);

        // 300 GFLOP at 1,000 a second are 0.3 s, 1 GB at 40 a second only 0.025.
        assertThat(products.bound().seconds()).isCloseTo(0.3, within(1e-12));
        assertThat(products.bound().word()).isEqualTo("compute");
        assertThat(products.reached()).isCloseTo(0.6, within(1e-12));
        assertThat(products.lost()).isCloseTo(0.2, within(1e-12));
        assertThat(optimizer.bound().seconds()).isCloseTo(0.1, within(1e-12));
        assertThat(optimizer.bound().word()).isEqualTo("memory");
    }

    @Test
    void wholeStepNeedsWhatItsKindsNeedOneAfterTheOther() {
        assertThat(roofline().rows()).extracting(Row::name).containsExactly("matrix_products", "optimizer", "other");
        assertThat(roofline().seconds()).isCloseTo(0.8, within(1e-12));
        assertThat(roofline().boundSeconds()).isCloseTo(0.4, within(1e-12));
        assertThat(roofline().reached()).isCloseTo(0.5, within(1e-12));
        assertThat(roofline().memoryShare()).isCloseTo(0.25, within(1e-12));
        assertThat(roofline().largestLoss().name()).isEqualTo("matrix_products");
    }

    @Test
    void peakIsNeverBelowWhatAKindOfOperationReaches() {
        var products = new Part(0.5, new Work(600e9, 1e9));
        Roofline faster = Roofline.of(1000e9, 40e9, Map.of("matrix_products", products));

        assertThat(faster.flops()).isEqualTo(1200e9);
        assertThat(faster.rows().getFirst().reached()).isCloseTo(1, within(1e-12));
    }

    @Test
    void textHasALineAKindAndNoBoundWhereThereIsNoWork() {
        assertThat(roofline().toText()).isEqualTo("""
            where the time goes    ms a step   share     GFLOP   GFLOP/s       GB    GB/s      at least, ms, by  reached
            matrix products            500.0   62.5%     300.0       600     1.00     2.0         300.0 compute    60.0%
            optimizer                  200.0   25.0%       2.0        10     4.00    20.0         100.0 memory     50.0%
            other                      100.0   12.5%
            together                   800.0  100.0%     302.0       378     5.00     6.3         400.0            50.0%
            """);
    }

    @Test
    void jsonHasTheKindsTheRoofAndTheWholeStep() {
        Map<String, Object> json = roofline().toJson();

        assertThat(json).containsEntry("gflops", 1000.0).containsEntry("gb_per_s", 40.0);
        assertThat((Map<?, ?>) ((Map<?, ?>) json.get("operations")).get("optimizer"))
                .isEqualTo(Map.of(
                        "ms",
                        200.0,
                        "gflop",
                        2.0,
                        "gb",
                        4.0,
                        "gflops",
                        10.0,
                        "gb_per_s",
                        20.0,
                        "bound_ms",
                        100.0,
                        "bound_by",
                        "memory",
                        "reached",
                        0.5));
        assertThat((Map<?, ?>) json.get("step")).extracting("gflop").isEqualTo(302.0);
    }
}
