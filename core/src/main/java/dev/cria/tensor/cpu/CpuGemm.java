package dev.cria.tensor.cpu;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Into;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.cpu.GemmGrid.Kept;
import dev.cria.tensor.cpu.GemmGrid.Part;
import dev.cria.tensor.cpu.PackedOperand.Order;

/**
 * Matrix products from {@link Brgemm}'s blocks: C [m, n] = A [m, k] · B [k, n].
 *
 * <p>A long k is gone through in blocks. For each of them B is brought into panels of columns: a weight that lies
 * transposed by the task that uses the panels, so that they never leave its L2 cache; rows that lie as they are by
 * all threads first. Then a task goes over its rows of A, some at a time. C is summed in float32: straight into C where that
 * is float32, so that weight gradients grow in place without a temporary; else in tiles that are rounded on their way out.
 * An A that lies transposed, as in weight gradients, is transposed by the task. Of a symmetric C the blocks below
 * the diagonal are computed, whichever way the rest is cut, and mirrored.
 *
 * @see "Goto and van de Geijn 2008, Anatomy of High-Performance Matrix Multiplication"
 */
public final class CpuGemm {
    /** Columns of a panel that fits the L2 cache: a row of A in the first cache then serves four times as many. */
    private static final int WIDE_PANEL = 256;

    /** Panels of a symmetric product of which only what lies below the diagonal is wanted, at least. */
    private static final int LOWER_PANELS = 6;

    /** Rows of a block product, by a narrow panel and by a wide one; few distinct counts, since each is compiled. */
    private static final int BLOCK_ROWS = 128;

    private static final int WIDE_BLOCK_ROWS = 64;

    /** Above this many, k is cut into blocks so that a panel and the rows of A stay in the L2 cache. */
    private static final long LONGEST_BLOCK = 3072;

    private static final int GRAIN = PackedOperand.GRAIN;

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

    /** What there is to a product besides its operands. */
    sealed interface Extra {
        /** Nothing. */
        record None() implements Extra {}

        /** {@code b [n]} is added to each row of C, which it overwrites. */
        record Bias(Matrix b) implements Extra {}

        /** The sums over k of A, which lies as [k, m], are added to {@code db [m]}. */
        record BiasGradient(Matrix db) implements Extra {}

        /** C is known to be symmetric: blocks above its diagonal are copied from those below. */
        record Symmetry() implements Extra {}
    }

    /** True if the blocks can compute this product: pairs of bfloat16 must not straddle the ends of A's rows. */
    static boolean fits(Matrix a, Left left, Matrix b, Matrix c) {
        boolean types = a.dtype() == b.dtype()
                && (a.dtype() == DType.FLOAT32 || a.dtype() == DType.BFLOAT16)
                && (c.dtype() == DType.FLOAT32 || c.dtype() == DType.BFLOAT16);
        return types && (a.dtype() == DType.FLOAT32 || left == Left.COLUMNS || a.width() % 2 == 0);
    }

    public static long divideUp(long a, long b) {
        return (a + b - 1) / b;
    }

    /** C = A·B or C += A·B; shapes have been checked. */
    void multiply(Matrix a, Left left, Matrix b, Order order, Matrix c, Into into, Extra extra) {
        Scratch scratch = workers.scratch();
        var mark = scratch.mark();
        switch (extra) {
            case Extra.None() -> multiply(a, left, b, order, c, into, 0, false);
            case Extra.Bias(Matrix added) -> {
                long floats = scratch.floats(roundUp(c.width(), GRAIN));
                Lanes.zero(floats, 4 * roundUp(c.width(), GRAIN));
                Lanes.copy(Lanes.widened(added.dtype(), added.at(0), c.width(), scratch), floats, 4 * c.width());
                multiply(a, left, b, order, c, into, floats, false);
            }
            case Extra.BiasGradient(Matrix sums) -> {
                long floats = scratch.floats(c.rows());
                Lanes.zero(floats, 4 * c.rows());
                multiply(a, left, b, order, c, into, floats, false);
                CpuElementwise.put(floats, sums, 0, Into.ACCUMULATE, scratch);
            }
            case Extra.Symmetry() -> {
                multiply(a, left, b, order, c, into, 0, true);
                workers.run((int) divideUp(c.rows(), GRAIN), (band, s) -> mirror(c, (long) band * GRAIN, s));
            }
        }
        scratch.reset(mark);
    }

    /** What lies to the left of the diagonal's block in some rows, into the columns above that block. */
    private static void mirror(Matrix c, long row, Scratch scratch) {
        long rows = Math.min(GRAIN, c.rows() - row);
        if (c.dtype() == DType.FLOAT32) {
            Packing.transpose(c.at(row, 0), c.strideBytes(), rows, row, c.at(0, row), c.strideBytes(), scratch);
        } else {
            Packing.transposeBf16(c.at(row, 0), c.strideBytes(), rows, row, c.at(0, row), c.strideBytes(), scratch);
        }
    }

    /**
     * @param bias floats that are added to each row of C, or where A lies in columns get their sums; 0 for none
     * @param lower whether blocks above the diagonal are left out
     */
    private void multiply(Matrix a, Left left, Matrix b, Order order, Matrix c, Into into, long bias, boolean lower) {
        long k = left == Left.ROWS ? a.width() : a.rows();
        int count = blocks(k, left);
        long even = count == 1 ? k : roundUp(divideUp(k, count));
        int width = panelWidth(left, c.width(), even * a.dtype().bytes(), lower);
        int panels = (int) divideUp(c.width(), width);
        Kept kept = left == Left.ROWS ? Kept.PANELS : Kept.ROWS;
        var grid = GemmGrid.of(c.rows(), panels, width, even, a.dtype().bytes(), kept, workers.count());
        boolean direct = c.dtype() == DType.FLOAT32 && c.width() % GRAIN == 0 && c.rows() % GemmGrid.GRAIN == 0;
        long columns = roundUp(c.width(), GRAIN);
        long sumBytes = count == 1 || direct ? 0 : 4 * roundUp(c.rows()) * columns;
        long packedBytes =
                order == Order.ROWS ? roundUp(even) * columns * b.dtype().bytes() : 0;
        try (Tensor memory = Tensor.empty(DType.INT8, Device.CPU, Math.max(1, sumBytes + packedBytes))) {
            long sums = memory.address();
            long packed = sums + sumBytes;
            for (int block = 0; block < count; block++) {
                long first = block * even;
                long rows = Math.min(even, k - first);
                long length = left == Left.COLUMNS ? roundUp(rows) : rows;
                var operand = new PackedOperand(b, order, c.width(), width, first, rows, length);
                if (order == Order.ROWS) {
                    workers.run(operand.bands(), (band, _) -> operand.packBand(band, packed));
                }
                var step =
                        new Step(a, left, operand, packed, c, into, bias, lower, sums, first == 0, first + rows == k);
                workers.run(grid.tasks(), (task, scratch) -> step.run(grid.part(task), scratch));
            }
        }
    }

    /** Blocks of a long k: as deep as wide panels may be, or where C is gone over with each of them, deeper. */
    private static int blocks(long k, Left left) {
        return (int) (k <= LONGEST_BLOCK ? 1 : divideUp(k, left == Left.ROWS ? 1536 : 2048));
    }

    /**
     * Wide if a panel then leaves room in the L2 cache; where rows of A stay there and panels pass by, narrow. The wider the
     * panels, the more is computed above a diagonal.
     */
    private static int panelWidth(Left left, long columns, long depthBytes, boolean lower) {
        boolean wide = left == Left.ROWS && WIDE_PANEL * depthBytes <= GemmGrid.CACHED_BYTES;
        long most = lower ? columns / LOWER_PANELS : columns;
        return wide ? (int) Math.min(WIDE_PANEL, roundUp(Math.max(1, most), GRAIN)) : GRAIN;
    }

    private static long roundUp(long rows) {
        return roundUp(rows, GemmGrid.GRAIN);
    }

    private static long roundUp(long count, long grain) {
        return divideUp(count, grain) * grain;
    }

    /** One block of k. */
    private final class Step {
        private final Matrix a;
        private final Left left;
        private final PackedOperand b;
        private final long packed;
        private final Matrix c;
        private final Into into;
        private final long bias;
        private final boolean lower;
        private final long
                sums; // [panel, padded rows, width], where there are several blocks and C cannot hold their sums
        private final boolean first;
        private final boolean last;
        private final int blockRows;

        Step(
                Matrix a,
                Left left,
                PackedOperand b,
                long packed,
                Matrix c,
                Into into,
                long bias,
                boolean lower,
                long sums,
                boolean first,
                boolean last) {
            this.a = a;
            this.left = left;
            this.b = b;
            this.packed = packed;
            this.c = c;
            this.into = into;
            this.bias = bias;
            this.lower = lower;
            this.sums = sums;
            this.first = first;
            this.last = last;
            this.blockRows = b.width() > GRAIN ? WIDE_BLOCK_ROWS : BLOCK_ROWS;
        }

        void run(Part part, Scratch scratch) {
            if (isLeftOut(part.row() + part.rows(), part.panel())) {
                return;
            }
            Rows rows = left(part, scratch);
            long tile = scratch.floats((long) blockRows * b.width());
            long panels = packed + part.panel() * b.panelBytes();
            if (b.order() == Order.COLUMNS) {
                panels = scratch.take(part.panels() * b.panelBytes());
                b.packPanels(part.panel(), part.panels(), panels, scratch);
            }
            if (left == Left.ROWS) {
                for (long r = 0; r < part.rows(); r += blockRows) {
                    for (int p = 0; p < part.panels(); p++) {
                        multiply(part, r, p, rows, panels + p * b.panelBytes(), tile, scratch);
                    }
                }
            } else {
                for (int p = 0; p < part.panels(); p++) {
                    for (long r = 0; r < part.rows(); r += blockRows) {
                        multiply(part, r, p, rows, panels + p * b.panelBytes(), tile, scratch);
                    }
                }
            }
            blocks.release();
        }

        /** Whether a panel lies above the diagonal in all rows before one, where that is left out. */
        private boolean isLeftOut(long rowsEnd, int panel) {
            return lower && b.column(panel) >= rowsEnd;
        }

        /** Rows of A as a block product reads them; those past {@code whole} are copies, padded with what may be. */
        private record Rows(long address, long strideBytes, long whole, long tail) {
            long at(long row) {
                return row < whole ? address + row * strideBytes : tail;
            }
        }

        private Rows left(Part part, Scratch scratch) {
            long row = part.row();
            if (left == Left.COLUMNS) {
                return transposed(part, scratch);
            }
            if (part.rows() == part.padded()) {
                return new Rows(a.at(row, b.first()), a.strideBytes(), part.rows(), 0);
            }
            long whole = part.rows() / blockRows * blockRows;
            long bytes = b.rows() * a.dtype().bytes();
            long tail = scratch.take((part.padded() - whole) * a.strideBytes());
            for (long r = whole; r < part.rows(); r++) {
                Lanes.copy(a.at(row + r, b.first()), tail + (r - whole) * a.strideBytes(), bytes);
            }
            return new Rows(a.at(row, b.first()), a.strideBytes(), whole, tail);
        }

        /** Columns of A as rows, zero beyond A's end. */
        private Rows transposed(Part part, Scratch scratch) {
            long stride = b.length() * a.dtype().bytes() + 64;
            long target = scratch.take(part.padded() * stride);
            if (b.rows() < b.length()) {
                Lanes.zero(target, part.padded() * stride);
            }
            var mark = scratch.mark();
            long source = a.at(b.first(), part.row());
            if (a.dtype() == DType.FLOAT32) {
                Packing.transpose(source, a.strideBytes(), b.rows(), part.rows(), target, stride, scratch);
            } else {
                Packing.transposeBf16(source, a.strideBytes(), b.rows(), part.rows(), target, stride, scratch);
            }
            scratch.reset(mark);
            if (bias != 0 && part.panel() == 0) {
                for (long r = 0; r < part.rows(); r++) {
                    long sum = bias + 4 * (part.row() + r);
                    Lanes.set(sum, Lanes.get(sum) + Dot.sum(a.dtype(), target + r * stride, b.length(), scratch));
                }
            }
            return new Rows(target, stride, part.padded(), 0);
        }

        /** Rows {@code r} and on of the part by its panel {@code p}. */
        private void multiply(Part part, long r, int p, Rows rows, long panel, long tile, Scratch scratch) {
            long row = part.row() + r;
            long column = b.column(part.panel() + p);
            long columns = b.columns(part.panel() + p);
            long width = b.padded(part.panel() + p);
            long valid = Math.min(blockRows, part.rows() - r);
            if (isLeftOut(row + valid, part.panel() + p)) {
                return;
            }
            long padded = roundUp(valid);
            boolean direct = c.dtype() == DType.FLOAT32 && columns == width && valid == padded;
            long target = direct
                    ? c.at(row, column)
                    : first && last ? tile : sums + 4 * (column * roundUp(c.rows()) + row * width);
            boolean fresh = first && !(direct && into == Into.ACCUMULATE);
            blocks.multiply(
                    a.dtype(),
                    padded,
                    width,
                    b.length(),
                    rows.at(r),
                    rows.strideBytes() / a.dtype().bytes(),
                    panel,
                    width,
                    target,
                    direct ? c.stride() : width,
                    fresh ? Into.OVERWRITE : Into.ACCUMULATE);
            if (last && bias != 0 && left == Left.ROWS) {
                CpuElementwise.addToRows(bias + 4 * column, width, target, 4 * (direct ? c.stride() : width), valid);
            }
            if (last && !direct) {
                store(target, valid, width, columns, row, column, scratch);
            }
        }

        private void store(long tile, long rows, long width, long columns, long row, long column, Scratch scratch) {
            if (into == Into.OVERWRITE && columns == width && c.dtype() == DType.BFLOAT16) {
                Lanes.narrowTile(tile, rows, (int) width, c.at(row, column), c.strideBytes());
                return;
            }
            for (long r = 0; r < rows; r++) {
                var mark = scratch.mark();
                long source = tile + 4 * width * r;
                long target = c.at(row + r, column);
                if (into == Into.ACCUMULATE) {
                    long old = Lanes.widened(c.dtype(), target, columns, scratch);
                    CpuElementwise.add(old, source, source, columns);
                }
                if (c.dtype() == DType.FLOAT32) {
                    Lanes.copy(source, target, 4 * columns);
                } else {
                    Lanes.toBf16(source, target, columns);
                }
                scratch.reset(mark);
            }
        }
    }
}
