package dev.cria.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RowBlocksTest {

    @ParameterizedTest
    @CsvSource({"16, 3072, 4", "16, 768, 4", "1, 50304, 1", "3, 100, 1", "5, 1024, 2", "1024, 768, 25", "7, 100000, 7"})
    void fewRowsAreSharedAndSmallOnesAreNot(long rows, long width, int blocks) {
        assertThat(RowBlocks.of(rows, width).count()).isEqualTo(blocks);
    }

    @Test
    void eachRowIsInOneBlock() {
        for (long rows = 0; rows < 70; rows++) {
            var blocks = RowBlocks.of(rows, 613);
            long next = 0;
            for (int block = 0; block < blocks.count(); block++) {
                assertThat(blocks.first(block)).isEqualTo(next);
                next = blocks.end(block);
            }
            assertThat(next).isEqualTo(rows);
        }
    }
}
