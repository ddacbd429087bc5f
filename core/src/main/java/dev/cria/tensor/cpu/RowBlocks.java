package dev.cria.tensor.cpu;

import dev.cria.tensor.DType;
import dev.cria.tensor.Tensor;
import java.util.Optional;

/**
 * Rows cut into blocks, one a task. The cut follows from the sizes alone.
 *
 * @param perBlock rows of every block but the last
 */
record RowBlocks(long rows, long perBlock) {
    private static final long ELEMENTS = 32768;
    private static final long LEAST_ELEMENTS = 4096;

    /** Blocks that add up into one sum; each has a partial sum of its own. */
    private static final long MOST_SUMMED = 32;

    /** Of a few rows, as a batch that is decoded has, four blocks, unless they come out too small to share. */
    static RowBlocks of(long rows, long width) {
        long quarter = Math.max(CpuGemm.divideUp(rows, 4), rowsOf(LEAST_ELEMENTS, width));
        return new RowBlocks(rows, Math.min(rowsOf(ELEMENTS, width), quarter));
    }

    private static long rowsOf(long elements, long width) {
        return Math.max(1, elements / Math.max(1, width));
    }

    /** Few enough that each block may have a sum of its own. */
    static RowBlocks summed(long rows, long width) {
        return new RowBlocks(rows, Math.max(rowsOf(ELEMENTS, width), CpuGemm.divideUp(rows, MOST_SUMMED)));
    }

    int count() {
        return (int) CpuGemm.divideUp(rows, perBlock);
    }

    long first(int block) {
        return block * perBlock;
    }

    long end(int block) {
        return Math.min(rows, first(block) + perBlock);
    }

    /** Adds the blocks' sums, [count, width] floats, to a vector in the order of the blocks. */
    void addSums(long sums, long width, Optional<Tensor> target) {
        target.ifPresent(t -> {
            Scratch scratch = Workers.shared().scratch();
            var mark = scratch.mark();
            long address = t.address();
            long total = scratch.floats(width);
            Lanes.copy(Lanes.widened(t.dtype(), address, width, scratch), total, 4 * width);
            for (int block = 0; block < count(); block++) {
                CpuElementwise.add(total, sums + 4 * width * block, total, width);
            }
            if (t.dtype() == DType.FLOAT32) {
                Lanes.copy(total, address, 4 * width);
            } else {
                Lanes.toBf16(total, address, width);
            }
            scratch.reset(mark);
        });
    }
}
