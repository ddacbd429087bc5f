package dev.cria.tensor.cpu;

import dev.cria.tensor.DType;
import dev.cria.tensor.Matrix;

/**
 * A block of rows of the right operand of a product, B [k, n], in the order that {@link Brgemm} reads: panels of some
 * columns, in each panel the rows one after the other, in bfloat16 two and two. What is missing at the edges is zero.
 *
 * @param n columns of B
 * @param width columns of each panel but the last, a multiple of {@link #GRAIN}
 * @param first the block's first row
 * @param rows rows of the block that there are
 * @param length rows of the block in the panels: more where the other operand is padded with zeros too
 */
record PackedOperand(Matrix b, Order order, long n, int width, long first, long rows, long length) {
    /** Panels have a multiple of this many columns. */
    static final int GRAIN = 64;

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
        return (int) CpuGemm.divideUp(n, width);
    }

    /** The first column of a panel. */
    long column(int panel) {
        return (long) panel * width;
    }

    /** Columns of a panel that there are. */
    long columns(int panel) {
        return Math.min(width, n - column(panel));
    }

    /** Columns of a panel as it lies, some of them perhaps past the last. */
    long padded(int panel) {
        return CpuGemm.divideUp(columns(panel), GRAIN) * GRAIN;
    }

    /** Bytes of each panel but perhaps the last. */
    long panelBytes() {
        return length * width * dtype().bytes();
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

    /** Rows of the transposed B become a panel, 64 at a time. */
    private void turnPanel(int panel, long target, Scratch scratch) {
        long columns = columns(panel);
        long bytes = rows * dtype().bytes();
        long stride = 4 * padded(panel);
        if (columns < padded(panel) || rows < length) {
            Lanes.zero(target, length * padded(panel) * dtype().bytes());
        }
        var mark = scratch.mark();
        for (long from = 0; from < columns; from += GRAIN) {
            long column = column(panel) + from;
            long count = Math.min(GRAIN, columns - from);
            // The transposition goes down 64 rows at a time, which no prefetcher follows: read them through once
            // before.
            int seen = 0;
            for (long c = 0; c < count; c++) {
                seen ^= Lanes.touch(b.at(column + c, first), (int) bytes);
            }
            Lanes.set(scratch.take(4), seen);
            Packing.transpose(
                    b.at(column, first), b.strideBytes(), count, bytes / 4, target + 4 * from, stride, scratch);
            scratch.reset(mark);
        }
    }

    /** Rows of B become a band of some panels. */
    private void packRows(long from, long to, int panel, int count, long target) {
        boolean pairs = dtype() == DType.BFLOAT16;
        for (long row = from; row < to; row += pairs ? 2 : 1) {
            for (int i = 0; i < count; i++) {
                long columns = columns(panel + i);
                long padded = padded(panel + i);
                long out = target + i * panelBytes() + row * padded * dtype().bytes();
                if (row >= rows || columns < padded) {
                    Lanes.zero(out, 4 * padded);
                }
                if (row >= rows) {
                    continue;
                }
                long source = b.at(first + row, column(panel + i));
                if (pairs) {
                    Packing.zip(source, row + 1 < rows ? b.at(first + row + 1, column(panel + i)) : 0, columns, out);
                } else {
                    Lanes.copy(source, out, 4 * columns);
                }
            }
        }
    }
}
