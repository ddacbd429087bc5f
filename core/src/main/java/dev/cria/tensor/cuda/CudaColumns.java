package dev.cria.tensor.cuda;

import dev.cria.tensor.DType;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.Tensor;

/**
 * Sums over rows on CUDA. Blocks each sum up some of the rows, then the blocks' shares are added in their order: so the
 * result follows from the shape, whatever the GPU and however its blocks are scheduled.
 */
final class CudaColumns {
    /** Blocks that share the rows, at most: enough to fill a large GPU. */
    private static final long MOST_BLOCKS = 512;

    private static final int COLUMNS_OF_A_BLOCK = 32;

    private final CudaLauncher launcher;

    CudaColumns(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    /** Blocks among which rows are shared out. */
    static long blocks(long rows) {
        return Math.min(rows, MOST_BLOCKS);
    }

    /** sum += Σ over rows of x. */
    void sum(Matrix x, Tensor sum) {
        long blocks = blocks(x.rows());
        try (Tensor shares = Tensor.empty(DType.FLOAT32, sum.device(), blocks, x.width())) {
            int vector = Vectors.of(x.dtype(), x.width(), x);
            launcher.launch(
                    CudaKernel.of("columns", "column_shares", x.dtype(), vector),
                    blocks,
                    CudaLauncher.threads(x.width(), vector, CudaLauncher.THREADS),
                    0,
                    x.address(),
                    x.stride(),
                    x.rows(),
                    x.width(),
                    shares.address());
            add(shares, 0, sum);
        }
    }

    /** sum += Σ over rows of the shares, of as many columns from {@code first} on as the sum has elements. */
    void add(Tensor shares, long first, Tensor sum) {
        long columns = sum.elements();
        launcher.launch(
                CudaKernel.of("columns", "add_shares", DType.FLOAT32, sum.dtype(), 1),
                (columns + COLUMNS_OF_A_BLOCK - 1) / COLUMNS_OF_A_BLOCK,
                CudaLauncher.THREADS,
                0,
                shares.address(),
                shares.size(0),
                shares.size(1),
                first,
                columns,
                sum.address());
    }
}
