package dev.cria.tensor;

import java.util.Optional;

/**
 * Rows cut into blocks, one a task. The cut follows from the sizes alone.
 *
 * @param perBlock rows of every block but the last
 */
record RowBlocks(long rows, long perBlock) {
    private static final long ELEMENTS = 32768;

    /** Blocks that add up into one sum; each has a partial sum of its own. */
    private static final long MOST_SUMMED = 32;

    static RowBlocks of(long rows, long width) {
        return new RowBlocks(rows, Math.max(1, ELEMENTS / Math.max(1, width)));
    }

    /** Few enough that each block may have a sum of its own. */
    static RowBlocks summed(long rows, long width) {
        return new RowBlocks(rows, Math.max(of(rows, width).perBlock(), CpuGemm.divideUp(rows, MOST_SUMMED)));
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
                Elementwise.add(total, sums + 4 * width * block, total, width);
            }
            if (t.dtype() == DType.FLOAT32) {
                Lanes.copy(total, address, 4 * width);
            } else {
                Lanes.narrow(total, address, width);
            }
            scratch.reset(mark);
        });
    }
}
