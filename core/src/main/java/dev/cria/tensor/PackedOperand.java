package dev.cria.tensor;

/**
 * The right operand of a product, B [k, n], in the order that {@link Brgemm} reads: blocks of k, in each of them panels
 * of 64 columns, in each panel the rows one after the other, in bfloat16 two and two. What is missing at the edges is
 * zero.
 */
final class PackedOperand {
    static final int PANEL = 64;

    /** Above this many, k is cut into blocks so that a panel and the rows of A stay in the second cache. */
    private static final long LONGEST_BLOCK = 3072;

    private static final long GRAIN = 32;
    private static final int BAND = 64;

    private final Matrix b;
    private final Order order;
    private final long n;
    private final long k;
    private final boolean paddedDepth;
    private final int blocks;
    private final long blockLength;

    /** How B lies in memory: as [k, n], or as [n, k] like the weights of a forward. */
    enum Order {
        ROWS,
        COLUMNS
    }

    /** @param paddedDepth true if k is rounded up, because the other operand is padded with zeros too */
    PackedOperand(Matrix b, Order order, long n, long k, boolean paddedDepth) {
        this.b = b;
        this.order = order;
        this.n = n;
        this.k = k;
        this.paddedDepth = paddedDepth;
        this.blocks = (int) (k <= LONGEST_BLOCK ? 1 : CpuGemm.divideUp(k, 2048));
        long even = CpuGemm.divideUp(k, blocks);
        this.blockLength = blocks > 1 || paddedDepth ? CpuGemm.divideUp(even, GRAIN) * GRAIN : even;
    }

    DType dtype() {
        return b.dtype();
    }

    int blocks() {
        return blocks;
    }

    /** Rows of each block but the last. */
    long blockLength() {
        return blockLength;
    }

    int panels() {
        return (int) CpuGemm.divideUp(n, PANEL);
    }

    /** Rows of a block that count. */
    private long valid(int block) {
        return Math.min(blockLength, k - block * blockLength);
    }

    /** Rows of a block, padding included. */
    long length(int block) {
        return paddedDepth ? CpuGemm.divideUp(valid(block), GRAIN) * GRAIN : valid(block);
    }

    long bytes() {
        return ((blocks - 1) * blockLength + length(blocks - 1)) * panels() * PANEL * dtype().bytes();
    }

    /** Where a panel lies in memory that starts at {@code address}. */
    long panel(long address, int block, int panel) {
        long before = block * blockLength * panels() + panel * length(block);
        return address + before * PANEL * dtype().bytes();
    }

    /** Pieces that may be packed independently: panels, or bands of rows, so that memory is read as it lies. */
    int pieces() {
        return blocks * perBlock();
    }

    private int perBlock() {
        return switch (order) {
            case COLUMNS -> panels();
            case ROWS -> (int) CpuGemm.divideUp(blockLength, BAND);
        };
    }

    void pack(int piece, long address, Scratch scratch) {
        int block = piece / perBlock();
        int part = piece % perBlock();
        switch (order) {
            case COLUMNS -> packPanel(block, part, address, scratch);
            case ROWS -> packBand(block, (long) part * BAND, address);
        }
    }

    /** 64 rows of the transposed B become a panel. */
    private void packPanel(int block, int panel, long address, Scratch scratch) {
        long target = panel(address, block, panel);
        long column = (long) panel * PANEL;
        long columns = Math.min(PANEL, n - column);
        long row = block * blockLength;
        long bytes = valid(block) * dtype().bytes();
        if (columns < PANEL || valid(block) < length(block)) {
            Lanes.zero(target, length(block) * PANEL * dtype().bytes());
        }
        // The transposition goes down 64 rows at a time, which no prefetcher follows: read them through once before.
        int seen = 0;
        for (long c = 0; c < columns; c++) {
            seen ^= Lanes.touch(b.at(column + c, row), (int) bytes);
        }
        Lanes.set(scratch.take(4), seen);
        Packing.transpose(b.at(column, row), b.strideBytes(), columns, bytes / 4, target, 4 * PANEL, scratch);
    }

    /** Rows of B become a band of every panel. */
    private void packBand(int block, long band, long address) {
        long start = block * blockLength;
        long end = Math.min(length(block), band + BAND);
        boolean pairs = dtype() == DType.BFLOAT16;
        int step = pairs ? 2 : 1;
        for (long row = band; row < end; row += step) {
            for (int panel = 0; panel < panels(); panel++) {
                long column = (long) panel * PANEL;
                long columns = Math.min(PANEL, n - column);
                long target = panel(address, block, panel) + row * PANEL * dtype().bytes();
                if (row >= valid(block) || columns < PANEL) {
                    Lanes.zero(target, 4L * PANEL);
                }
                if (row >= valid(block)) {
                    continue;
                }
                long source = b.at(start + row, column);
                if (pairs) {
                    Packing.zip(source, row + 1 < valid(block) ? b.at(start + row + 1, column) : 0, columns, target);
                } else {
                    Lanes.copy(source, target, 4 * columns);
                }
            }
        }
    }

    /**
     * The left operand of a product, A [m, k], from where it lies as [k, m]: target [m, length], zero where A has no more
     * rows.
     */
    static void turn(Matrix a, long k, long length, long column, long columns, long target, Scratch scratch) {
        long valid = Math.min(length, a.rows() - k);
        int bytes = a.dtype().bytes();
        if (valid < length) {
            Lanes.zero(target, columns * length * bytes);
        }
        if (a.dtype() == DType.FLOAT32) {
            var mark = scratch.mark();
            Packing.transpose(a.at(k, column), a.strideBytes(), valid, columns, target, length * 4, scratch);
            scratch.reset(mark);
            return;
        }
        long band = 2L * Lanes.WIDTH;
        long pairs = scratch.take(Lanes.WIDTH * columns * 4);
        for (long r = 0; r < valid; r += band) {
            long rows = Math.min(band, valid - r);
            for (long i = 0; i < rows; i += 2) {
                long second = i + 1 < rows ? a.at(k + r + i + 1, column) : 0;
                Packing.zip(a.at(k + r + i, column), second, columns, pairs + i / 2 * columns * 4);
            }
            var mark = scratch.mark();
            long words = CpuGemm.divideUp(rows, 2);
            Packing.transpose(pairs, columns * 4, words, columns, target + r * 2, length * 2, scratch);
            scratch.reset(mark);
        }
    }
}
