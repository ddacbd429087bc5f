package dev.cria.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Into;
import dev.cria.tensor.KernelCheck;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.QuantizedMatrix;
import dev.cria.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products with bytes against float64 products with the numbers that the bytes stand for. */
final class CpuByteProductTest {

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 1, 1, 1",
        "FLOAT32, 1, 207, 130",
        "FLOAT32, 3, 96, 64",
        "FLOAT32, 16, 13, 1000",
        "BFLOAT16, 2, 207, 70",
        "BFLOAT16, 5, 64, 257",
        "FLOAT32, 70, 100, 65",
        "BFLOAT16, 200, 33, 129"
    })
    void agreesWithTheNumbersThatTheBytesStandFor(DType dtype, int rows, int in, int out) {
        try (var check = new KernelCheck();
                QuantizedMatrix w = QuantizedMatrix.allocate(DType.INT8, Device.CPU, out, in)) {
            w.pack(0, check.random(DType.FLOAT32, out, in));
            Tensor numbers = check.unwritten(DType.FLOAT32, out, in);
            w.unpack(numbers);
            Tensor x = check.columns(dtype, rows, in);
            Tensor exact = check.wide(rows, out);
            check.exact.run(new MatrixProduct.Forward(check.wide(x), check.wide(numbers), exact, Into.OVERWRITE));
            double part = dtype == DType.FLOAT32 ? 0x1p-13 : 0x1p-8;
            Tensor y = check.columns(dtype, rows, out);
            check.fast.run(new MatrixProduct.Quantized(x, w, y));
            KernelCheck.near("y", y, exact, part);
            if (rows <= 16) {
                Tensor portable = check.unwritten(dtype, rows, out);
                new CpuByteProduct(Workers.shared(), Optional.empty())
                        .multiply(Matrix.of(x), w.panels().orElseThrow(), Matrix.of(portable));
                KernelCheck.near("without tiles", portable, exact, dtype == DType.FLOAT32 ? 0x1p-18 : 0x1p-8);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 207, 130", "13, 64, 500", "70, 300, 64"})
    void aRowDoesNotDependOnTheRowsBesideIt(int rows, int in, int out) {
        try (var check = new KernelCheck();
                QuantizedMatrix w = QuantizedMatrix.allocate(DType.INT8, Device.CPU, out, in)) {
            w.pack(0, check.random(DType.FLOAT32, out, in));
            Tensor x = check.random(DType.FLOAT32, rows, in);
            Tensor y = check.unwritten(DType.FLOAT32, rows, out);
            check.fast.run(new MatrixProduct.Quantized(x, w, y));
            Tensor alone = check.unwritten(DType.FLOAT32, 1, out);
            check.fast.run(new MatrixProduct.Quantized(check.scope.own(x.rows(rows - 1, 1)), w, alone));
            float[] last = Arrays.copyOfRange(y.toFloats(), (rows - 1) * out, rows * out);
            // Exact sums where there are tiles; without them long products take another way.
            if (Brgemm.here().filter(Brgemm::hasBytes).isPresent() || rows <= 16) {
                assertThat(alone.toFloats()).isEqualTo(last);
            }
        }
    }

    @Test
    void packsPartsThatBeginInTheMiddleOfAPanelAndUnpacksThemInEveryType() {
        try (var check = new KernelCheck();
                QuantizedMatrix whole = QuantizedMatrix.allocate(DType.INT8, Device.CPU, 150, 37);
                QuantizedMatrix parts = QuantizedMatrix.allocate(DType.INT8, Device.CPU, 150, 37)) {
            Tensor numbers = check.random(DType.BFLOAT16, 150, 37);
            Tensor floats = check.scope.own(numbers.to(DType.FLOAT32));
            whole.pack(0, floats);
            parts.pack(0, check.scope.own(numbers.rows(0, 11)));
            parts.pack(11, check.scope.own(numbers.rows(11, 100)));
            parts.pack(111, check.scope.own(floats.rows(111, 39)));
            Tensor a = check.unwritten(DType.FLOAT32, 150, 37);
            Tensor b = check.unwritten(DType.FLOAT32, 150, 37);
            whole.unpack(a);
            parts.unpack(b);
            assertThat(b.toFloats()).isEqualTo(a.toFloats());
            for (DType type : new DType[] {DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16}) {
                Tensor other = check.unwritten(type, 150, 37);
                whole.unpack(other);
                KernelCheck.near("unpacked to " + type, other, check.wide(a), 0x1p-8);
            }
        }
    }

    @Test
    void nanIsNotHiddenByRounding() {
        try (var check = new KernelCheck();
                QuantizedMatrix w = QuantizedMatrix.allocate(DType.INT8, Device.CPU, 64, 20)) {
            w.pack(0, check.random(DType.FLOAT32, 64, 20));
            Tensor x = check.scope.own(Tensor.of(new float[40], 2, 20));
            x.segment().setAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, 25, Float.NaN);
            Tensor y = check.unwritten(DType.FLOAT32, 2, 64);
            check.fast.run(new MatrixProduct.Quantized(x, w, y));
            float[] results = y.toFloats();
            assertThat(results[63]).isZero();
            assertThat(results[64]).isNaN();
            assertThat(results[127]).isNaN();
        }
    }
}
