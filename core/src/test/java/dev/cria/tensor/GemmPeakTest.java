package dev.cria.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.GemmPeak.Rate;
import dev.cria.tensor.Kernels.Choice;
import dev.cria.tensor.Product.Form;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GemmPeakTest {
    private final Kernels kernels = Kernels.of(Device.CPU, Choice.AUTO);

    @ParameterizedTest
    @EnumSource(Form.class)
    void everyFormIsMultipliedByBothInBothTypes(Form form) {
        var product = new Product(form, 131, 30, 34);
        for (DType type : new DType[] {DType.FLOAT32, DType.BFLOAT16}) {
            Rate rate = GemmPeak.measure(kernels, product, type, Device.CPU, 0);

            assertThat(rate.product()).isEqualTo(product);
            assertThat(rate.dtype()).isEqualTo(type);
            assertThat(rate.kernels()).isPositive().isFinite();
            assertThat(rate.libtorch()).isPositive().isFinite();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void theFirstWordIsOfNativeCodeThatNeedsNoWarming(DType type) {
        Rate rate = GemmPeak.atOnce(type, Device.CPU);

        assertThat(rate.kernels()).isZero();
        // No speed to keep, only that nothing interpreted was timed: that gave 0.01 GFLOP/s on a busy machine.
        assertThat(rate.best()).isGreaterThan(1e8);
        assertThat(rate.words()).isEqualTo("the best matrix product measured here, 1024 × 1024 × 1024, by libtorch");
    }

    @Test
    void measuringGivesItsMemoryBack() {
        long before = Memory.of(Device.CPU).liveBytes();
        GemmPeak.atOnce(DType.BFLOAT16, Device.CPU);
        GemmPeak.measure(kernels, new Product(Form.WEIGHT_GRADIENT, 64, 32, 96), DType.BFLOAT16, Device.CPU, 0);
        assertThat(Memory.of(Device.CPU).liveBytes()).isEqualTo(before);
    }

    @Test
    void bestIsTheFasterOfBothAndOfTwoMeasurements() {
        var product = new Product(Form.FORWARD, 1, 2, 3);
        Rate both = new Rate(product, DType.FLOAT32, 5, 7).or(new Rate(product, DType.FLOAT32, 6, 4));

        assertThat(both).isEqualTo(new Rate(product, DType.FLOAT32, 6, 7));
        assertThat(both.best()).isEqualTo(7);
    }

    @Test
    void peakIsMeasuredUntilTheCodeIsWarmAndOfTheProductThatReachesMost() {
        var slow = new Product(Form.FORWARD, 1, 2, 3);
        var fast = new Product(Form.FORWARD, 4, 5, 6);
        // What an EPYC with AVX512_BF16 said: 241 GFLOP/s cold, 435 warm; one more call is a busy moment.
        double[] warming = {241e9, 290e9, 288e9, 287e9, 340e9, 435e9, 100e9};
        int[] calls = {0};

        Rate peak = GemmPeak.fastest(
                List.of(slow, fast),
                product -> new Rate(
                        product,
                        DType.BFLOAT16,
                        product.equals(fast) ? warming[Math.min(calls[0]++, warming.length - 1)] : 200e9,
                        150e9),
                () -> 1e9);

        assertThat(peak.product()).isEqualTo(fast);
        assertThat(peak.best()).isEqualTo(435e9);
    }

    @Test
    void kernelsThatAreColdForLongAreWaitedForThoughLibtorchIsSteady() {
        int[] calls = {0};
        Rate peak = GemmPeak.fastest(
                List.of(new Product(Form.FORWARD, 1, 2, 3)),
                product -> new Rate(product, DType.BFLOAT16, Math.min(900e9, 100e9 + 40e9 * calls[0]++), 454e9),
                () -> 1e9);

        assertThat(peak.best()).isEqualTo(900e9);
    }

    @Test
    void peakThatKeepsRisingIsMeasuredToAnEnd() {
        int[] calls = {0};
        Rate peak = GemmPeak.fastest(
                List.of(new Product(Form.FORWARD, 1, 2, 3)),
                product -> new Rate(product, DType.FLOAT32, Math.pow(2, calls[0]++), 0),
                () -> 1e9);

        assertThat(peak.best()).isEqualTo(Math.pow(2, calls[0] - 1));
    }

    @Test
    void measuringEndsWhenItsSecondsAreOverAndLeavesOutWhatWouldTakeLonger() {
        var small = new Product(Form.FORWARD, 10, 10, 10);
        var large = new Product(Form.FORWARD, 1000, 1000, 1000);
        double[] left = {10};
        int[] calls = {0};
        Rate peak = GemmPeak.fastest(
                List.of(large, small),
                product -> {
                    left[0] -= 1;
                    return new Rate(product, DType.FLOAT32, 1e7 * ++calls[0], 0);
                },
                () -> left[0]);

        assertThat(peak.product()).isEqualTo(small);
        assertThat(calls[0]).isEqualTo(10);
    }
}
