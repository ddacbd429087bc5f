package dev.cria.tensor.cpu;

import dev.cria.tensor.DType;
import dev.cria.tensor.Matrix;

/**
 * A block of rows of the right operand of a product, B [k, n], in the order that {@link Brgemm} reads: panels of 64
 * columns, in each panel the rows one after the other, in bfloat16 two and two. What is missing at the edges is zero.
 *
 * @param n columns of B
 * @param first the block's first row
 * @param rows rows of the block that there are
 * @param length rows of the block in the panels: more where the other operand is padded with zeros too
 */
record PackedOperand(Matrix b, Order order, long n, long first, long rows, long length) {
    static final int PANEL = 64;

    /** Rows that are packed at one time of an operand that lies in rows. */
    private static final int BAND = 64;

    /** How B lies in memory: as [k, n], or as [n, k] like the weights of a forward. */
    enum Order {
        ROWS,
        COLUMNS
    }

    DType dtype() {
        return b.dtype();
    }

    int panels() {
        return (int) CpuGemm.divideUp(n, PANEL);
    }

    long panelBytes() {
        return length * PANEL * dtype().bytes();
    }

    /** Pieces of {@link #packBand}. */
    int bands() {
        return (int) CpuGemm.divideUp(length, BAND);
    }

    /** Writes some panels, one after the other. */
    void packPanels(int panel, int count, long target, Scratch scratch) {
        switch (order) {
            case ROWS -> packRows(0, length, panel, count, target);
            case COLUMNS -> {
                for (int i = 0; i < count; i++) {
                    turnPanel(panel + i, target + i * panelBytes(), scratch);
                }
            }
        }
    }

    /** Writes a band of rows of all panels, which lie from {@code target} on: memory is read as it lies. */
    void packBand(int band, long target) {
        packRows((long) band * BAND, Math.min(length, (band + 1L) * BAND), 0, panels(), target);
    }

    /** 64 rows of the transposed B become a panel. */
    private void turnPanel(int panel, long target, Scratch scratch) {
        long column = (long) panel * PANEL;
        long columns = Math.min(PANEL, n - column);
        long bytes = rows * dtype().bytes();
        if (columns < PANEL || rows < length) {
            Lanes.zero(target, panelBytes());
        }
        var mark = scratch.mark();
        // The transposition goes down 64 rows at a time, which no prefetcher follows: read them through once before.
        int seen = 0;
        for (long c = 0; c < columns; c++) {
            seen ^= Lanes.touch(b.at(column + c, first), (int) bytes);
        }
        Lanes.set(scratch.take(4), seen);
        Packing.transpose(b.at(column, first), b.strideBytes(), columns, bytes / 4, target, 4 * PANEL, scratch);
        scratch.reset(mark);
    }

    /** Rows of B become a band of some panels. */
    private void packRows(long from, long to, int panel, int count, long target) {
        boolean pairs = dtype() == DType.BFLOAT16;
        for (long row = from; row < to; row += pairs ? 2 : 1) {
            for (int i = 0; i < count; i++) {
                long column = (long) (panel + i) * PANEL;
                long columns = Math.min(PANEL, n - column);
                long out = target + i * panelBytes() + row * PANEL * dtype().bytes();
                if (row >= rows || columns < PANEL) {
                    Lanes.zero(out, 4L * PANEL);
                }
                if (row >= rows) {
                    continue;
                }
                long source = b.at(first + row, column);
                if (pairs) {
                    Packing.zip(source, row + 1 < rows ? b.at(first + row + 1, column) : 0, columns, out);
                } else {
                    Lanes.copy(source, out, 4 * columns);
                }
            }
        }
    }
}
