package dev.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class Q8BlocksTest {

    @Test
    void everyNumberIsWithinHalfAScaleOfItsBlock() {
        float[] numbers = new float[96];
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 64; i++) {
            numbers[i] = (float) (random.nextGaussian() * Math.pow(10, i / 32 * 3 - 2));
        }
        ByteBuffer blocks = ByteBuffer.wrap(Q8Blocks.of(numbers).toArray(ValueLayout.JAVA_BYTE))
                .order(ByteOrder.LITTLE_ENDIAN);
        assertThat(blocks.remaining()).isEqualTo(3 * 34);
        for (int block = 0; block < 3; block++) {
            float scale = Float.float16ToFloat(blocks.getShort());
            for (int i = 0; i < 32; i++) {
                float back = scale * blocks.get();
                // Half a scale, and what rounding the scale to float16 adds at the largest code.
                float allowance = scale * (0.5f + 127f / 2048);
                assertThat(Math.abs(back - numbers[block * 32 + i])).isLessThanOrEqualTo(allowance);
            }
        }
    }
}
