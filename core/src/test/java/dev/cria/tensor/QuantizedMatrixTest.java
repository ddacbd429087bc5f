package dev.cria.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class QuantizedMatrixTest {

    @Test
    void everyWeightIsWithinHalfTheScaleOfItsRowAndZerosStayZero() {
        int out = 7;
        int in = 13;
        float[] numbers = new float[out * in];
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 6 * in; i++) {
            numbers[i] = (float) (random.nextGaussian() * (1 + i / in));
        }
        try (var scope = new Scope();
                QuantizedMatrix packed = QuantizedMatrix.allocate(DType.INT8, Device.CPU, out, in)) {
            Tensor whole = scope.own(Tensor.of(numbers, out, in));
            packed.pack(0, scope.own(whole.rows(0, 3)));
            packed.pack(3, scope.own(whole.rows(3, 4)));
            Tensor back = scope.empty(DType.FLOAT32, Device.CPU, out, in);
            packed.unpack(back);
            float[] unpacked = back.toFloats();
            for (int row = 0; row < out; row++) {
                float largest = 0;
                for (int i = 0; i < in; i++) {
                    largest = Math.max(largest, Math.abs(numbers[row * in + i]));
                }
                for (int i = 0; i < in; i++) {
                    assertThat(Math.abs(unpacked[row * in + i] - numbers[row * in + i]))
                            .isLessThanOrEqualTo(largest / 127 * 0.50001f);
                }
            }
            // Filled up to a panel of 64 rows, and to inputs by four; with each row's scale and the sum of its codes.
            assertThat(packed.bytes()).isEqualTo(64 * 16 + 64 * 4L + 64 * 4L);
        }
    }
}
