package dev.cria.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.DType;
import dev.cria.tensor.Into;
import dev.cria.tensor.KernelCheck;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Tensor;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products of few rows against float64, with and without blocks, on numbers of outputs that fill no task. */
final class CpuGemvTest {

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 1, 32, 1",
        "FLOAT32, 1, 96, 131",
        "FLOAT32, 1, 704, 1000",
        "FLOAT32, 2, 96, 131",
        "FLOAT32, 3, 64, 7",
        "FLOAT32, 4, 320, 515",
        "FLOAT32, 5, 320, 515",
        "FLOAT32, 16, 13, 1000",
        "BFLOAT16, 1, 32, 1",
        "BFLOAT16, 1, 96, 131",
        "BFLOAT16, 2, 96, 131",
        "BFLOAT16, 7, 62, 64",
        "BFLOAT16, 16, 704, 515",
        "BFLOAT16, 3, 768, 2305",
        "BFLOAT16, 33, 128, 1031",
        "FLOAT32, 17, 30, 70",
        "FLOAT32, 127, 77, 130",
        "BFLOAT16, 40, 1026, 64",
        "BFLOAT16, 100, 64, 200"
    })
    void agrees(DType dtype, int rows, int in, int out) {
        try (var check = new KernelCheck()) {
            Tensor x = check.columns(dtype, rows, in);
            Tensor w = check.random(dtype, out, in);
            Tensor exact = check.wide(rows, out);
            check.exact.run(new MatrixProduct.Forward(check.wide(x), check.wide(w), exact, Into.OVERWRITE));
            for (Optional<Brgemm> blocks : java.util.List.of(Brgemm.here(), Optional.<Brgemm>empty())) {
                for (DType result : new DType[] {DType.FLOAT32, dtype}) {
                    var gemv = new CpuGemv(Workers.shared(), blocks);
                    Tensor y = check.columns(result, rows, out);
                    if (gemv.fits(Matrix.of(x), Matrix.of(w), Matrix.of(y), Into.OVERWRITE)) {
                        gemv.multiply(Matrix.of(x), Matrix.of(w), Matrix.of(y));
                        KernelCheck.near("y", y, exact, result == DType.FLOAT32 ? 0x1p-20 : 0x1p-8);
                    } else {
                        assertThat(blocks).isEqualTo(Optional.empty());
                    }
                }
            }
        }
    }
}
