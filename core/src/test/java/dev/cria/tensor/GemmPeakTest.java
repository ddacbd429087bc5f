package dev.cria.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.GemmPeak.Rate;
import dev.cria.tensor.Kernels.Choice;
import dev.cria.tensor.Product.Form;
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

    @Test
    void measuringGivesItsMemoryBack() {
        long before = Memory.of(Device.CPU).liveBytes();
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
}
