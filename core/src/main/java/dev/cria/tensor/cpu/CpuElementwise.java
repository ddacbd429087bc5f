package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.WIDTH;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Into;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.Tensor;

/** Additions and scalings, of whole tensors and of rows that other kernels hold. */
final class CpuElementwise {
    private CpuElementwise() {}

    /** target = a + b, floats. */
    static void add(long a, long b, long target, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            Lanes.store(target + 4 * i, Lanes.load(a + 4 * i).add(Lanes.load(b + 4 * i)));
        }
        for (; i < n; i++) {
            Lanes.set(target + 4 * i, Lanes.get(a + 4 * i) + Lanes.get(b + 4 * i));
        }
    }

    /** rows += b, n floats in each of some rows that are {@code stride} bytes apart. */
    static void addToRows(long b, long n, long rows, long stride, long count) {
        for (long row = 0; row < count; row++) {
            add(rows + row * stride, b, rows + row * stride, n);
        }
    }

    /** target = a · factor, floats. */
    static void scale(long a, float factor, long target, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            Lanes.store(target + 4 * i, Lanes.load(a + 4 * i).mul(factor));
        }
        for (; i < n; i++) {
            Lanes.set(target + 4 * i, Lanes.get(a + 4 * i) * factor);
        }
    }

    /** A row of floats into a row of a tensor, in its type; the floats are overwritten. */
    static void put(long floats, Matrix target, long row, Into into, Scratch scratch) {
        long width = target.width();
        if (into == Into.ACCUMULATE) {
            add(floats, Lanes.widened(target.dtype(), target.at(row), width, scratch), floats, width);
        }
        if (target.dtype() == DType.FLOAT32) {
            Lanes.copy(floats, target.at(row), 4 * width);
        } else {
            Lanes.toBf16(floats, target.at(row), width);
        }
    }

    /** y += x, row by row. */
    static void add(Workers workers, Matrix x, Matrix y) {
        eachRow(workers, y, (row, column, n, scratch) -> {
            if (Lanes.areBf16(n, x, y)) {
                addBf16(x.at(row, column), y.at(row, column), (int) n);
                return;
            }
            long wide = Lanes.widened(x.dtype(), x.at(row, column), n, scratch);
            long old = Lanes.widened(y.dtype(), y.at(row, column), n, scratch);
            add(old, wide, old, n);
            Lanes.finish(y.dtype(), old, y.at(row, column), n);
        });
    }

    private static void addBf16(long x, long y, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            Lanes.storeBf16(y + 2L * i, Lanes.loadBf16(y + 2L * i).add(Lanes.loadBf16(x + 2L * i)));
        }
    }

    /** y = a·x + b·y, row by row. */
    static void axpby(Workers workers, float a, Matrix x, float b, Matrix y) {
        eachRow(workers, y, (row, column, n, scratch) -> {
            long wide = Lanes.widened(x.dtype(), x.at(row, column), n, scratch);
            if (b == 0) {
                long product = Lanes.staged(y.dtype(), y.at(row, column), n, scratch);
                scale(wide, a, product, n);
                Lanes.finish(y.dtype(), product, y.at(row, column), n);
                return;
            }
            long old = Lanes.widened(y.dtype(), y.at(row, column), n, scratch);
            axpby(a, wide, b, old, n);
            Lanes.finish(y.dtype(), old, y.at(row, column), n);
        });
    }

    /** y = a·x + b·y, floats. */
    private static void axpby(float a, long x, float b, long y, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            Lanes.store(
                    y + 4 * i,
                    Lanes.load(x + 4 * i).mul(a).add(Lanes.load(y + 4 * i).mul(b)));
        }
        for (; i < n; i++) {
            Lanes.set(y + 4 * i, a * Lanes.get(x + 4 * i) + b * Lanes.get(y + 4 * i));
        }
    }

    /** y += b in every row. */
    static void addBias(Workers workers, Matrix y, Matrix b) {
        eachRow(workers, y, (row, column, n, scratch) -> {
            long wide = Lanes.widened(b.dtype(), b.at(0, column), n, scratch);
            long old = Lanes.widened(y.dtype(), y.at(row, column), n, scratch);
            add(old, wide, old, n);
            Lanes.finish(y.dtype(), old, y.at(row, column), n);
        });
    }

    /** x ·= factor. */
    static void scale(Workers workers, Matrix x, double factor) {
        eachRow(workers, x, (row, column, n, scratch) -> {
            long wide = Lanes.widened(x.dtype(), x.at(row, column), n, scratch);
            scale(wide, (float) factor, wide, n);
            Lanes.finish(x.dtype(), wide, x.at(row, column), n);
        });
    }

    /** db += Σ over rows of dy. */
    static void biasGradient(Workers workers, Matrix dy, Tensor db) {
        long width = dy.width();
        var blocks = RowBlocks.summed(dy.rows(), width);
        try (Tensor sums = Tensor.zeros(DType.FLOAT32, Device.CPU, blocks.count(), width)) {
            long partial = sums.address();
            workers.run(blocks.count(), (block, scratch) -> {
                long sum = partial + 4 * width * block;
                for (long row = blocks.first(block); row < blocks.end(block); row++) {
                    var mark = scratch.mark();
                    add(sum, Lanes.widened(dy.dtype(), dy.at(row), width, scratch), sum, width);
                    scratch.reset(mark);
                }
            });
            blocks.addSums(partial, width, java.util.Optional.of(db));
        }
    }

    /** What is done to n elements of a row, from a column on. */
    @FunctionalInterface
    interface Piece {
        void run(long row, long column, long n, Scratch scratch);
    }

    /** Runs over all elements in pieces that fit the L1 cache. */
    static void eachRow(Workers workers, Matrix shape, Piece piece) {
        long longest = 1024;
        var blocks = RowBlocks.of(shape.rows(), shape.width());
        if (shape.rows() == 1) {
            int pieces = (int) CpuGemm.divideUp(shape.width(), 8 * longest);
            workers.run(pieces, (i, scratch) -> {
                long start = i * 8 * longest;
                spans(0, start, Math.min(shape.width(), start + 8 * longest), longest, piece, scratch);
            });
            return;
        }
        workers.run(blocks.count(), (block, scratch) -> {
            for (long row = blocks.first(block); row < blocks.end(block); row++) {
                spans(row, 0, shape.width(), longest, piece, scratch);
            }
        });
    }

    private static void spans(long row, long from, long to, long longest, Piece piece, Scratch scratch) {
        for (long column = from; column < to; column += longest) {
            var mark = scratch.mark();
            piece.run(row, column, Math.min(longest, to - column), scratch);
            scratch.reset(mark);
        }
    }
}
