package dev.cria.tensor;

/**
 * y = x·wᵀ for up to {@value #MOST_ROWS} rows of x, such as a batch that is decoded or a short prompt, from {@link Brgemm}'s
 * blocks: each weight is read once, where it lies. The product is taken the other way round, yᵀ = w·xᵀ, so that the weights
 * are the left operand, which the blocks read in its own order; x, the small one, is turned and filled up to 16 columns, or
 * 32, 64 or 128: few widths, since a kernel is compiled for each.
 */
final class CpuRowProduct {
    private static final int MOST_ROWS = 127;

    private static final int LEAST_COLUMNS = 16;

    /** Rows of weights of a block product. */
    private static final int BLOCK = 64;

    private static final long TASK_BYTES = 1 << 18;
    private static final int TURNED_WORDS = 512;

    private final Brgemm blocks;
    private final Workers workers;

    CpuRowProduct(Brgemm blocks, Workers workers) {
        this.blocks = blocks;
        this.workers = workers;
    }

    static boolean fits(Matrix x, Matrix w) {
        return x.rows() > 1
                && x.rows() <= MOST_ROWS
                && w.rows() >= BLOCK
                && w.width() * w.dtype().bytes() % 4 == 0;
    }

    void multiply(Matrix x, Matrix w, Matrix y) {
        long bytes = w.dtype().bytes();
        long words = w.width() * bytes / 4;
        int columns = Math.max(LEAST_COLUMNS, Integer.highestOneBit(2 * (int) x.rows() - 1));
        int blockCount = (int) CpuGemm.divideUp(w.rows(), BLOCK);
        int perTask = (int) Math.clamp(TASK_BYTES / (BLOCK * w.width() * bytes), 1, Math.max(1, blockCount / 4));
        try (Tensor turned = Tensor.empty(DType.FLOAT32, Device.CPU, words * columns)) {
            turn(x, words, turned.address(), columns);
            workers.run((int) CpuGemm.divideUp(blockCount, perTask), (task, scratch) -> {
                long sums = scratch.floats((long) BLOCK * columns);
                long inRows = scratch.floats((long) BLOCK * columns);
                for (int i = task * perTask; i < Math.min(blockCount, (task + 1) * perTask); i++) {
                    // The last block overlaps the one before and computes some outputs again, to the same bits.
                    long first = Math.min((long) i * BLOCK, w.rows() - BLOCK);
                    blocks.multiply(
                            w.dtype(),
                            BLOCK,
                            columns,
                            w.width(),
                            w.at(first),
                            w.stride(),
                            turned.address(),
                            columns,
                            sums,
                            columns,
                            Into.OVERWRITE);
                    var mark = scratch.mark();
                    Packing.transpose(sums, 4L * columns, BLOCK, columns, inRows, 4 * BLOCK, scratch);
                    scratch.reset(mark);
                    for (long row = 0; row < x.rows(); row++) {
                        Lanes.finish(y.dtype(), inRows + 4 * BLOCK * row, y.at(row, first), BLOCK);
                    }
                }
                blocks.release();
            });
        }
    }

    /** target [words, columns] = x turned, a word being a float or a pair of bfloat16; zeros in the columns that x lacks. */
    private void turn(Matrix x, long words, long target, int columns) {
        workers.run((int) CpuGemm.divideUp(words, TURNED_WORDS), (task, scratch) -> {
            long first = (long) task * TURNED_WORDS;
            long count = Math.min(words - first, TURNED_WORDS);
            long place = target + 4 * first * columns;
            Lanes.zero(place, 4 * count * columns);
            Packing.transpose(x.at(0) + 4 * first, x.strideBytes(), x.rows(), count, place, 4L * columns, scratch);
        });
    }
}
