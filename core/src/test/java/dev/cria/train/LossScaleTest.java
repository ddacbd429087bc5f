package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.DType;
import org.junit.jupiter.api.Test;

final class LossScaleTest {

    @Test
    void onlyFloat16IsScaled() {
        assertThat(LossScale.of(DType.FLOAT16).factor()).isEqualTo(65536);
        assertThat(LossScale.of(DType.BFLOAT16)).isEqualTo(LossScale.NONE);
        assertThat(LossScale.NONE.quiet()).isEqualTo(LossScale.NONE);
        assertThat(LossScale.NONE.canShrink()).isFalse();
    }

    @Test
    void anOverflowHalvesTheFactorAndBeginsTheCountAnew() {
        LossScale after = LossScale.of(DType.FLOAT16).quiet().quiet().overflowed();
        assertThat(after).isEqualTo(new LossScale(32768, 0, 1));
    }

    @Test
    void twoThousandQuietStepsDoubleIt() {
        LossScale scale = LossScale.of(DType.FLOAT16);
        for (int i = 0; i < 1999; i++) {
            scale = scale.quiet();
        }
        assertThat(scale).isEqualTo(new LossScale(65536, 1999, 0));
        assertThat(scale.quiet()).isEqualTo(new LossScale(131072, 0, 0));
    }

    @Test
    void itStaysBetweenOneAndALargestAndAPowerOfTwo() {
        LossScale small = LossScale.of(DType.FLOAT16);
        for (int i = 0; i < 40; i++) {
            small = small.overflowed();
        }
        assertThat(small).isEqualTo(new LossScale(1, 0, 40));
        assertThat(small.canShrink()).isFalse();
        LossScale large = small;
        for (int i = 0; i < 60 * 2000; i++) {
            large = large.quiet();
        }
        assertThat(large.factor()).isEqualTo(0x1p24);
    }
}
