package dev.cria.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.measure.TimedKernels.Spent;
import dev.cria.tensor.DType;
import dev.cria.tensor.GemmPeak.Rate;
import dev.cria.tensor.Product;
import dev.cria.tensor.Product.Form;
import dev.cria.tensor.Work;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProductTableTest {
    private static final Product GRADIENT = new Product(Form.INPUT_GRADIENT, 4, 2, 3);
    private static final Product FORWARD = new Product(Form.FORWARD, 4, 2, 3);
    private static final Product SQUARE = new Product(Form.FORWARD, 1024, 1024, 1024);
    private static final ProductTable TABLE = new ProductTable(
            List.of(
                    new Rate(SQUARE, DType.FLOAT32, 1e9, 2e9),
                    new Rate(SQUARE, DType.BFLOAT16, 3e9, 4000e9),
                    new Rate(GRADIENT, DType.FLOAT32, 5e9, 6e9),
                    new Rate(GRADIENT, DType.BFLOAT16, 7e9, 8e9),
                    new Rate(FORWARD, DType.FLOAT32, 9e9, 10e9),
                    new Rate(FORWARD, DType.BFLOAT16, 11e9, 12e9)),
            Map.of(FORWARD, new Spent(0.5, new Work(10e9, 1)), GRADIENT, new Spent(0, Work.NONE)));

    @Test
    void formsOfTheSameSizesStandTogetherAndOnlyWhatTheStepTimedHasAFigureInIt() {
        assertThat(TABLE.toText()).isEqualTo("""
            matrix products, GFLOP/s                       fp32 Cria  libtorch     bf16 Cria  libtorch  in the step
            1024 × 1024 × 1024        forward                      1         2             3     4,000
            4 × 2 × 3                 forward                      9        10            11        12           20
                                      input gradient               5         6             7         8
            """);
    }

    @Test
    void machinesGetEveryFigureBySizesAndForm() {
        List<Map<String, Object>> rows = TABLE.toJson();

        assertThat(rows).hasSize(3);
        assertThat(rows.get(1))
                .isEqualTo(Map.of(
                        "rows",
                        4L,
                        "in",
                        2L,
                        "out",
                        3L,
                        "form",
                        "forward",
                        "in_step",
                        20.0,
                        "fp32",
                        Map.of("cria", 9.0, "libtorch", 10.0),
                        "bf16",
                        Map.of("cria", 11.0, "libtorch", 12.0)));
        assertThat(rows.get(0)).doesNotContainKey("in_step");
    }
}
