package dev.cria.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.tensor.DType;
import dev.cria.tensor.Into;
import dev.cria.tensor.KernelCheck;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.ShapeException;
import dev.cria.tensor.Tensor;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The three products of a linear layer against float64, on sizes that fill no block. */
final class CpuGemmTest {

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 1, 1, 1",
        "FLOAT32, 13, 7, 5",
        "FLOAT32, 207, 33, 65",
        "FLOAT32, 128, 64, 64",
        "FLOAT32, 300, 3100, 70",
        "FLOAT32, 100, 34, 600",
        "BFLOAT16, 1, 2, 1",
        "BFLOAT16, 13, 6, 5",
        "BFLOAT16, 7, 7, 7",
        "BFLOAT16, 207, 34, 65",
        "BFLOAT16, 128, 64, 64",
        "BFLOAT16, 513, 256, 200",
        "BFLOAT16, 300, 3100, 70",
        "BFLOAT16, 3333, 34, 65",
        "BFLOAT16, 200, 3100, 600"
    })
    void productsAgree(DType dtype, int rows, int in, int out) {
        try (var check = new KernelCheck()) {
            Tensor x = check.columns(dtype, rows, in);
            Tensor w = check.random(dtype, out, in);
            Tensor dy = check.random(dtype, rows, out);
            Tensor y = check.unwritten(dtype, rows, out);
            Tensor dx = check.unwritten(dtype, rows, in);
            check.fast.run(new MatrixProduct.Forward(x, w, y, Into.OVERWRITE));
            check.fast.run(new MatrixProduct.InputGradient(dy, w, dx, Into.OVERWRITE));
            Tensor yExact = check.wide(rows, out);
            Tensor dxExact = check.wide(rows, in);
            check.exact.run(new MatrixProduct.Forward(check.wide(x), check.wide(w), yExact, Into.OVERWRITE));
            check.exact.run(new MatrixProduct.InputGradient(check.wide(dy), check.wide(w), dxExact, Into.OVERWRITE));
            KernelCheck.close("y", y, yExact, in);
            KernelCheck.close("dx", dx, dxExact, out);
            for (DType gradient : new DType[] {DType.FLOAT32, dtype}) {
                Tensor dw = check.random(gradient, out, in);
                Tensor dwExact = check.wide(dw);
                check.fast.run(new MatrixProduct.WeightGradient(dy, x, dw, Into.ACCUMULATE));
                check.exact.run(
                        new MatrixProduct.WeightGradient(check.wide(dy), check.wide(x), dwExact, Into.ACCUMULATE));
                KernelCheck.close("dw " + gradient, dw, dwExact, rows);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 13, 7, 5",
        "FLOAT32, 300, 3100, 70",
        "FLOAT32, 128, 64, 64",
        "BFLOAT16, 129, 6, 5",
        "BFLOAT16, 207, 34, 65",
        "BFLOAT16, 256, 64, 192",
        "BFLOAT16, 200, 130, 600",
        "BFLOAT16, 3333, 34, 65"
    })
    void biasesAreAddedAndGetTheirGradients(DType dtype, int rows, int in, int out) {
        try (var check = new KernelCheck()) {
            Tensor x = check.columns(dtype, rows, in);
            Tensor w = check.random(dtype, out, in);
            Tensor y = check.unwritten(dtype, rows, out);
            Tensor yExact = check.wide(rows, out);
            for (DType type : new DType[] {DType.FLOAT32, dtype}) {
                Tensor b = check.random(type, out);
                check.fast.run(new MatrixProduct.Forward(x, w, Optional.of(b), y, Into.OVERWRITE));
                check.exact.run(new MatrixProduct.Forward(
                        check.wide(x), check.wide(w), Optional.of(check.wide(b)), yExact, Into.OVERWRITE));
                KernelCheck.close("y, bias in " + type, y, yExact, in);
                Tensor dw = check.random(DType.FLOAT32, out, in);
                Tensor dwExact = check.wide(dw);
                Tensor dbExact = check.wide(b);
                check.fast.run(new MatrixProduct.WeightGradient(y, x, dw, Into.ACCUMULATE, Optional.of(b)));
                check.exact.run(new MatrixProduct.WeightGradient(
                        check.wide(y), check.wide(x), dwExact, Into.ACCUMULATE, Optional.of(dbExact)));
                KernelCheck.close("dw", dw, dwExact, rows);
                KernelCheck.close("db in " + type, b, dbExact, rows);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 1, 64, 1", "FLOAT32, 3, 96, 207", "BFLOAT16, 1, 64, 2003", "BFLOAT16, 8, 768, 13"})
    void productsOfFewRowsAgree(DType dtype, int rows, int in, int out) {
        try (var check = new KernelCheck()) {
            Tensor x = check.columns(dtype, rows, in);
            Tensor w = check.random(dtype, out, in);
            Tensor y = check.unwritten(dtype, rows, out);
            Tensor yExact = check.wide(rows, out);
            check.fast.run(new MatrixProduct.Forward(x, w, y, Into.OVERWRITE));
            check.exact.run(new MatrixProduct.Forward(check.wide(x), check.wide(w), yExact, Into.OVERWRITE));
            KernelCheck.close("y", y, yExact, in);
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 13, 33, 65", "BFLOAT16, 207, 34, 65", "BFLOAT16, 64, 64, 128"})
    void productsAddUp(DType dtype, int rows, int in, int out) {
        try (var check = new KernelCheck()) {
            Tensor x = check.random(dtype, rows, in);
            Tensor w = check.random(dtype, out, in);
            Tensor y = check.columns(dtype, rows, out);
            Tensor yExact = check.wide(y);
            check.fast.run(new MatrixProduct.Forward(x, w, y, Into.ACCUMULATE));
            check.exact.run(new MatrixProduct.Forward(check.wide(x), check.wide(w), yExact, Into.ACCUMULATE));
            KernelCheck.close("y", y, yExact, in);
        }
    }

    /** x·xᵀ and xᵀ·x, and the product of x·xᵀ and its square added to what there is. */
    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 13, 7",
        "FLOAT32, 129, 33",
        "FLOAT32, 207, 640",
        "BFLOAT16, 7, 6",
        "BFLOAT16, 128, 64",
        "BFLOAT16, 207, 34",
        "BFLOAT16, 192, 3100",
        "BFLOAT16, 777, 642"
    })
    void symmetricProductsAgree(DType dtype, int rows, int width) {
        try (var check = new KernelCheck()) {
            Tensor x = check.columns(dtype, rows, width);
            Tensor square = check.unwritten(dtype, rows, rows);
            Tensor turned = check.unwritten(dtype, width, width);
            symmetric(check, new MatrixProduct.Forward(x, x, square, Into.OVERWRITE));
            symmetric(check, new MatrixProduct.WeightGradient(x, x, turned, Into.OVERWRITE));
            Tensor exact = check.wide(rows, rows);
            Tensor turnedExact = check.wide(width, width);
            check.exact.run(new MatrixProduct.Forward(check.wide(x), check.wide(x), exact, Into.OVERWRITE));
            check.exact.run(
                    new MatrixProduct.WeightGradient(check.wide(x), check.wide(x), turnedExact, Into.OVERWRITE));
            KernelCheck.close("x·xᵀ", square, exact, width);
            KernelCheck.close("xᵀ·x", turned, turnedExact, rows);
            isSymmetric(square);

            Tensor sum = check.scope.own(square.to(dtype));
            Tensor sumExact = check.wide(square);
            symmetric(check, new MatrixProduct.Forward(square, square, sum, Into.ACCUMULATE));
            check.exact.run(
                    new MatrixProduct.Forward(check.wide(square), check.wide(square), sumExact, Into.ACCUMULATE));
            KernelCheck.close("s + s·s", sum, sumExact, rows);
        }
    }

    private static void symmetric(KernelCheck check, MatrixProduct product) {
        check.fast.run(new MatrixProduct.Symmetric(product));
    }

    private static void isSymmetric(Tensor square) {
        int n = (int) square.size(0);
        float[] numbers = square.toFloats();
        for (int i = 0; i < n * n; i++) {
            assertThat(numbers[i]).as("%d", i).isEqualTo(numbers[i % n * n + i / n]);
        }
    }

    @Test
    void whatIsNoSquareIsNoSymmetricProduct() {
        try (var check = new KernelCheck()) {
            Tensor x = check.random(DType.FLOAT32, 3, 4);
            var product = new MatrixProduct.Forward(x, x.rows(0, 2), check.wide(3, 2), Into.OVERWRITE);
            assertThatThrownBy(() -> new MatrixProduct.Symmetric(product))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("a symmetric product is square");
        }
    }
}
