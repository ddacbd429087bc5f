package dev.cria.tensor.cpu;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Into;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.Tensor;

/**
 * y = x·wᵀ for up to {@value #MOST_ROWS} rows of x, such as a batch that is decoded or a short prompt, from {@link Brgemm}'s
 * blocks: each weight is read once, where it lies. The product is taken the other way round, yᵀ = w·xᵀ, so that the weights
 * are the left operand, which the blocks read in its own order; x, the small one, is transposed and filled up to 16 columns, or
 * 32, 64 or 128: few widths, since a kernel is compiled for each.
 */
final class CpuRowProduct {
    private static final int MOST_ROWS = 127;

    private static final int LEAST_COLUMNS = 16;

    /** Rows of weights of a block product: fewer streams of memory for a few columns, less traffic of x for many. */
    private static final int FEW = 32;

    private static final int BLOCK = 64;

    /** Tasks of a small matrix: enough for the threads to end together. */
    private static final int TASKS = 12;

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
        int block = columns > 2 * LEAST_COLUMNS ? BLOCK : FEW;
        int blockCount = (int) CpuGemm.divideUp(w.rows(), block);
        int perTask = (int) Math.clamp(TASK_BYTES / (block * w.width() * bytes), 1, Math.max(1, blockCount / TASKS));
        try (Tensor transposed = Tensor.empty(DType.FLOAT32, Device.CPU, words * columns)) {
            transpose(x, words, transposed.address(), columns);
            workers.run((int) CpuGemm.divideUp(blockCount, perTask), (task, scratch) -> {
                long start = Math.min((long) task * perTask * block, w.rows() - block);
                long outputs = Math.min(w.rows(), (task + 1L) * perTask * block) - start;
                long sums = scratch.floats((long) block * columns);
                long inRows = scratch.floats(outputs * columns);
                for (int i = task * perTask; i < Math.min(blockCount, (task + 1) * perTask); i++) {
                    // The last block overlaps the one before and computes some outputs again, to the same bits.
                    long first = Math.min((long) i * block, w.rows() - block);
                    blocks.multiply(
                            w.dtype(),
                            block,
                            columns,
                            w.width(),
                            w.at(first),
                            w.stride(),
                            transposed.address(),
                            columns,
                            sums,
                            columns,
                            Into.OVERWRITE);
                    var mark = scratch.mark();
                    long place = inRows + 4 * (first - start);
                    Packing.transpose(sums, 4L * columns, block, columns, place, 4 * outputs, scratch);
                    scratch.reset(mark);
                }
                for (long row = 0; row < x.rows(); row++) {
                    Lanes.finish(y.dtype(), inRows + 4 * outputs * row, y.at(row, start), outputs);
                }
            });
            blocks.release();
        }
    }

    /** target [words, columns] = x transposed, a word being a float or a pair of bfloat16; zeros in the columns that x lacks. */
    private void transpose(Matrix x, long words, long target, int columns) {
        workers.run((int) CpuGemm.divideUp(words, TURNED_WORDS), (task, scratch) -> {
            long first = (long) task * TURNED_WORDS;
            long count = Math.min(words - first, TURNED_WORDS);
            long place = target + 4 * first * columns;
            Lanes.zero(place, 4 * count * columns);
            Packing.transpose(x.at(0) + 4 * first, x.strideBytes(), x.rows(), count, place, 4L * columns, scratch);
        });
    }
}
