package dev.cria.tensor;

import dev.cria.tensor.PackedOperand.Order;

/**
 * Matrix products from {@link Brgemm}'s blocks.
 *
 * <p>C [m, n] = A [m, k] · B [k, n]. First B is brought into panels of 64 columns, in parallel; then each task takes some
 * rows of A that fit the second cache beside one panel, and goes over its panels with them. C is summed in float32:
 * straight into C where that is float32, so that weight gradients grow in place without a temporary; else in a tile of
 * 128 × 64 that is rounded on its way out. An A that lies transposed, as in weight gradients, is turned task by task.
 *
 * @see "Goto and van de Geijn 2008, Anatomy of High-Performance Matrix Multiplication"
 */
final class CpuGemm {
    /** Rows of a block product; few distinct counts, since each is compiled. */
    private static final int BLOCK_ROWS = 128;

    private static final int ROW_GRAIN = 32;
    private static final long CACHED_BYTES = 1 << 20;

    private final Brgemm blocks;
    private final Workers workers;

    CpuGemm(Brgemm blocks, Workers workers) {
        this.blocks = blocks;
        this.workers = workers;
    }

    /** How A lies in memory: as [m, k], or as [k, m]. */
    enum Left {
        ROWS,
        COLUMNS
    }

    /** True if the blocks can compute this product: pairs of bfloat16 must not straddle the ends of A's rows. */
    static boolean fits(Matrix a, Left left, Matrix b, Matrix c) {
        boolean types = a.dtype() == b.dtype()
                && (a.dtype() == DType.FLOAT32 || a.dtype() == DType.BFLOAT16)
                && (c.dtype() == DType.FLOAT32 || c.dtype() == DType.BFLOAT16);
        return types && (a.dtype() == DType.FLOAT32 || left == Left.COLUMNS || a.width() % 2 == 0);
    }

    /** C = A·B or C += A·B; shapes have been checked. */
    void multiply(Matrix a, Left left, Matrix b, Order order, Matrix c, Into into) {
        long k = left == Left.ROWS ? a.width() : a.rows();
        var packed = new PackedOperand(b, order, c.width(), k, left == Left.COLUMNS);
        try (Tensor memory = Tensor.empty(DType.INT8, Device.CPU, packed.bytes())) {
            long address = memory.address();
            workers.run(packed.pieces(), (i, scratch) -> packed.pack(i, address, scratch));
            var grid = Grid.of(c.rows(), packed, left, workers.count());
            var product = new Product(a, left, packed, address, c, into, grid);
            workers.run(grid.tasks(), product::run);
        }
    }

    /** How C is cut into tasks. */
    private record Grid(long rows, long rowsPerTask, int panels, int panelsPerTask) {

        static Grid of(long rows, PackedOperand b, Left left, int threads) {
            long rowBytes = b.blockLength() * b.dtype().bytes();
            long cached = Math.clamp(CACHED_BYTES / rowBytes / BLOCK_ROWS * BLOCK_ROWS, BLOCK_ROWS, 2048);
            long most = divideUp(rows, BLOCK_ROWS);
            long wanted = 4L * threads;
            long down = divideUp(rows, cached);
            if (left == Left.COLUMNS) {
                down = Math.max(down, Math.min(most, wanted));
            }
            long across = Math.min(b.panels(), divideUp(wanted, down));
            down = Math.max(down, Math.min(most, divideUp(wanted, across)));
            long perTask = divideUp(divideUp(rows, down), ROW_GRAIN) * ROW_GRAIN;
            return new Grid(rows, perTask, b.panels(), (int) divideUp(b.panels(), across));
        }

        int down() {
            return (int) divideUp(rows, rowsPerTask);
        }

        int tasks() {
            return down() * (int) divideUp(panels, panelsPerTask);
        }
    }

    static long divideUp(long a, long b) {
        return (a + b - 1) / b;
    }

    /** One product's tasks. */
    private final class Product {
        private final Matrix a;
        private final Left left;
        private final PackedOperand b;
        private final long packed;
        private final Matrix c;
        private final Into into;
        private final Grid grid;

        Product(Matrix a, Left left, PackedOperand b, long packed, Matrix c, Into into, Grid grid) {
            this.a = a;
            this.left = left;
            this.b = b;
            this.packed = packed;
            this.c = c;
            this.into = into;
            this.grid = grid;
        }

        void run(int task, Scratch scratch) {
            long row = (long) (task % grid.down()) * grid.rowsPerTask();
            long rows = Math.min(grid.rowsPerTask(), grid.rows() - row);
            int panel = task / grid.down() * grid.panelsPerTask();
            int panels = Math.min(grid.panelsPerTask(), grid.panels() - panel);
            boolean direct = c.dtype() == DType.FLOAT32;
            boolean manyBlocks = b.blocks() > 1;
            long padded = divideUp(rows, ROW_GRAIN) * ROW_GRAIN;
            long sums = direct && rows == padded && (panel + panels) * 64L <= c.width()
                    ? 0
                    : scratch.floats(manyBlocks ? padded * panels * 64 : BLOCK_ROWS * 64);
            for (int block = 0; block < b.blocks(); block++) {
                var mark = scratch.mark();
                Rows rowsOfA = left(block, row, rows, scratch);
                for (int p = 0; p < panels; p++) {
                    long sum = manyBlocks ? sums + 4 * padded * 64 * p : sums;
                    panel(block, row, rows, rowsOfA, panel + p, sum, scratch);
                }
                scratch.reset(mark);
            }
            blocks.release();
        }

        /** Rows of A as a block product reads them; those past {@code whole} are copies, padded with what may be. */
        private record Rows(long address, long strideBytes, long whole, long tail) {
            long at(long row) {
                return row < whole ? address + row * strideBytes : tail;
            }
        }

        private Rows left(int block, long row, long rows, Scratch scratch) {
            long k = block * b.blockLength();
            long length = b.length(block);
            int bytes = a.dtype().bytes();
            long padded = divideUp(rows, ROW_GRAIN) * ROW_GRAIN;
            if (left == Left.COLUMNS) {
                long turned = scratch.take(padded * length * bytes);
                PackedOperand.turn(a, k, length, row, rows, turned, scratch);
                return new Rows(turned, length * bytes, padded, 0);
            }
            if (rows == padded) {
                return new Rows(a.at(row, k), a.strideBytes(), rows, 0);
            }
            long whole = rows / BLOCK_ROWS * BLOCK_ROWS;
            long rest = divideUp(rows - whole, ROW_GRAIN) * ROW_GRAIN;
            long tail = scratch.take(rest * a.strideBytes());
            for (long r = whole; r < rows; r++) {
                Lanes.copy(a.at(row + r, k), tail + (r - whole) * a.strideBytes(), length * bytes);
            }
            return new Rows(a.at(row, k), a.strideBytes(), whole, tail);
        }

        private void panel(int block, long row, long rows, Rows rowsOfA, int panel, long sums, Scratch scratch) {
            long columns = Math.min(64, c.width() - panel * 64L);
            long length = b.length(block);
            boolean first = block == 0;
            boolean last = block == b.blocks() - 1;
            for (long r = 0; r < rows; r += BLOCK_ROWS) {
                long valid = Math.min(BLOCK_ROWS, rows - r);
                long padded = divideUp(valid, ROW_GRAIN) * ROW_GRAIN;
                boolean direct = c.dtype() == DType.FLOAT32 && columns == 64 && valid == padded;
                long target = direct ? c.at(row + r, panel * 64L) : b.blocks() > 1 ? sums + 4 * 64 * r : sums;
                Into how = first && !(direct && into == Into.ACCUMULATE) ? Into.OVERWRITE : Into.ACCUMULATE;
                blocks.multiply(
                        a.dtype(),
                        padded,
                        64,
                        length,
                        rowsOfA.at(r),
                        rowsOfA.strideBytes() / a.dtype().bytes(),
                        b.panel(packed, block, panel),
                        64,
                        target,
                        direct ? c.stride() : 64,
                        how);
                if (last && !direct) {
                    store(target, valid, columns, row + r, panel * 64L, scratch);
                }
            }
        }

        private void store(long sums, long rows, long columns, long row, long column, Scratch scratch) {
            if (into == Into.OVERWRITE && columns == 64 && c.dtype() == DType.BFLOAT16) {
                Lanes.narrowTile(sums, rows, c.at(row, column), c.strideBytes());
                return;
            }
            var mark = scratch.mark();
            long wide = scratch.floats(64);
            for (long r = 0; r < rows; r++) {
                long source = sums + 4 * 64 * r;
                long target = c.at(row + r, column);
                if (into == Into.ACCUMULATE) {
                    long old = Lanes.widened(c.dtype(), target, columns, scratch);
                    Elementwise.add(old, source, wide, columns);
                    source = wide;
                    scratch.reset(mark);
                    scratch.floats(64);
                }
                if (c.dtype() == DType.FLOAT32) {
                    Lanes.copy(source, target, 4 * columns);
                } else {
                    Lanes.narrow(source, target, columns);
                }
            }
            scratch.reset(mark);
        }
    }
}
