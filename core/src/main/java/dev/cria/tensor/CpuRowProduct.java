package dev.cria.tensor;

import static dev.cria.tensor.Lanes.ALL;

import java.lang.foreign.ValueLayout;

/**
 * y = x·wᵀ for up to {@value #MOST_ROWS} rows of x, such as a batch that is decoded, from {@link Brgemm}'s blocks: each
 * weight is read once, where it lies. The product is taken the other way round, yᵀ = w·xᵀ, so that the weights are the left
 * operand, which the blocks read in its own order; x, the small one, is turned and filled up to 16 columns.
 */
final class CpuRowProduct {
    private static final int MOST_ROWS = 16;

    /** Rows of weights of a block product, of one size alone, since a kernel is compiled for each. */
    private static final int BLOCK = 64;

    private static final long TASK_BYTES = 1 << 18;

    private final Brgemm blocks;
    private final Workers workers;

    CpuRowProduct(Brgemm blocks, Workers workers) {
        this.blocks = blocks;
        this.workers = workers;
    }

    static boolean fits(Matrix x, Matrix w) {
        return x.rows() > 1 && x.rows() <= MOST_ROWS && w.rows() >= BLOCK && w.width() * w.dtype().bytes() % 4 == 0;
    }

    void multiply(Matrix x, Matrix w, Matrix y) {
        long bytes = w.dtype().bytes();
        long words = w.width() * bytes / 4;
        int blockCount = (int) CpuGemm.divideUp(w.rows(), BLOCK);
        int perTask = (int) Math.clamp(TASK_BYTES / (BLOCK * w.width() * bytes), 1, Math.max(1, blockCount / 4));
        try (Tensor turned = Tensor.empty(DType.FLOAT32, Device.CPU, words * MOST_ROWS)) {
            turn(x, words, turned.address());
            workers.run((int) CpuGemm.divideUp(blockCount, perTask), (task, scratch) -> {
                long sums = scratch.floats(BLOCK * MOST_ROWS);
                long inRows = scratch.floats(BLOCK * MOST_ROWS);
                for (int i = task * perTask; i < Math.min(blockCount, (task + 1) * perTask); i++) {
                    // The last block overlaps the one before and computes some outputs again, to the same bits.
                    long first = Math.min((long) i * BLOCK, w.rows() - BLOCK);
                    blocks.multiply(
                            w.dtype(),
                            BLOCK,
                            MOST_ROWS,
                            w.width(),
                            w.at(first),
                            w.stride(),
                            turned.address(),
                            MOST_ROWS,
                            sums,
                            MOST_ROWS,
                            Into.OVERWRITE);
                    var mark = scratch.mark();
                    Packing.transpose(sums, 4 * MOST_ROWS, BLOCK, MOST_ROWS, inRows, 4 * BLOCK, scratch);
                    scratch.reset(mark);
                    for (long row = 0; row < x.rows(); row++) {
                        Lanes.finish(y.dtype(), inRows + 4 * BLOCK * row, y.at(row, first), BLOCK);
                    }
                }
                blocks.release();
            });
        }
    }

    /** target [words][16] = x turned, a word being a float or a pair of bfloat16; zeros in the columns that x lacks. */
    private static void turn(Matrix x, long words, long target) {
        Lanes.zero(target, 4 * words * MOST_ROWS);
        for (long row = 0; row < x.rows(); row++) {
            long source = x.at(row);
            for (long word = 0; word < words; word++) {
                int bits = ALL.get(ValueLayout.JAVA_INT_UNALIGNED, source + 4 * word);
                ALL.set(ValueLayout.JAVA_INT_UNALIGNED, target + 4 * (word * MOST_ROWS + row), bits);
            }
        }
    }
}
