package dev.cria.tensor.cpu;

/**
 * How the product C [rows, columns] over a depth is cut into tasks, each some rows by some panels of columns.
 *
 * <p>The L3 cache feeds a core with about one byte for every 64 operations that its tiles do, so the cut is the one
 * with the least of both for the busiest thread: larger tasks read less, more of them share out better. It follows from
 * shapes and the number of threads, and no result depends on it.
 *
 * @param width columns of a panel
 * @param rowsPerTask a multiple of {@link #GRAIN}
 */
record GemmGrid(long rows, int panels, int width, long rowsPerTask, int panelsPerTask) {
    /** Block products have a multiple of this many rows. */
    static final long GRAIN = 32;

    /** What a task keeps in the L2 cache, which is a megabyte or more where there are 512-bit vectors. */
    static final long CACHED_BYTES = 768 << 10;

    private static final int[] ROWS = {32, 64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 4096};
    private static final int[] PARTS = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128};
    private static final double OPERATIONS_PER_BYTE = 64;

    /** What stays in the L2 cache while a task goes over the rest. */
    enum Kept {
        /** The panels of the right operand, while rows of the left one pass by. */
        PANELS,
        /** The rows of the left operand, transposed by the task. */
        ROWS
    }

    static GemmGrid of(long rows, int panels, int width, long depth, int bytes, Kept kept, int threads) {
        GemmGrid best = new GemmGrid(rows, panels, width, roundUp(rows, GRAIN), panels);
        double least = best.cost(depth, bytes, kept, threads);
        for (int most : ROWS) {
            long down = CpuGemm.divideUp(rows, most);
            long rowsPerTask = roundUp(CpuGemm.divideUp(rows, down), most > 512 ? 128 : GRAIN);
            for (int parts : PARTS) {
                int panelsPerTask = (int) CpuGemm.divideUp(panels, parts);
                var grid = new GemmGrid(rows, panels, width, rowsPerTask, panelsPerTask);
                double cost = grid.cost(depth, bytes, kept, threads);
                if (cost < least) {
                    least = cost;
                    best = grid;
                }
            }
        }
        return best;
    }

    /** Bytes moved and operations done, in bytes, by the thread with the most tasks, if each takes as long. */
    private double cost(long depth, int bytes, Kept kept, int threads) {
        double left = (double) rowsPerTask * depth * bytes;
        double right = (double) width * panelsPerTask * depth * bytes;
        double result = (double) width * panelsPerTask * rowsPerTask;
        double moved =
                switch (kept) {
                    case PANELS -> left + 2 * right + 4 * result;
                    case ROWS -> 3 * left + right + 8 * result;
                };
        double held = kept == Kept.PANELS ? right : left;
        double spilled = held > CACHED_BYTES ? 4 * held : 0;
        double task = moved + spilled + 2 * result * depth / OPERATIONS_PER_BYTE;
        // Half a task more: a thread that is held up leaves the others waiting for its last one.
        return (Math.ceil((double) tasks() / threads) + 0.5) * task;
    }

    private static long roundUp(long value, long grain) {
        return CpuGemm.divideUp(value, grain) * grain;
    }

    private int down() {
        return (int) CpuGemm.divideUp(rows, rowsPerTask);
    }

    private int across() {
        return (int) CpuGemm.divideUp(panels, panelsPerTask);
    }

    int tasks() {
        return down() * across();
    }

    /** A task's part of the product. */
    record Part(long row, long rows, int panel, int panels) {
        /** Rows that are computed, some of them perhaps past the last. */
        long padded() {
            return roundUp(rows, GRAIN);
        }
    }

    Part part(int task) {
        long row = task / across() * rowsPerTask;
        int panel = task % across() * panelsPerTask;
        return new Part(row, Math.min(rowsPerTask, rows - row), panel, Math.min(panelsPerTask, panels - panel));
    }
}
