package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.ALL;
import static dev.cria.tensor.cpu.Lanes.FLOATS;
import static dev.cria.tensor.cpu.Lanes.INTS;
import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;

import dev.cria.tensor.DType;
import dev.cria.tensor.Into;
import dev.cria.tensor.Matrix;
import java.nio.ByteOrder;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * y = x·wᵀ for the one or few rows of decoding, where memory sets the speed: each weight is read once, as it lies.
 *
 * <p>A row alone is multiplied with two rows of weights at a time, from the two halves of a task's rows: two streams keep
 * more reads under way than one. Up to four rows of float32 go the same way, and more in {@link CpuRowProduct}. A vector of
 * bfloat16 pairs gives the even and the odd elements by a shift and a mask, so x is laid out as its even elements, then its
 * odd ones.
 */
final class CpuGemv {
    /** Rows of x that share a pass over the weights. */
    private static final int TOGETHER = 4;

    private static final long MOST_TASK_ELEMENTS = 1 << 16;
    private static final long LEAST_TASK_ELEMENTS = 1 << 13;

    /** Tasks of a small matrix: enough for the threads to end together. */
    private static final long TASKS = 16;

    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private final Workers workers;
    private final Optional<CpuRowProduct> blocks;

    CpuGemv(Workers workers, Optional<Brgemm> blocks) {
        this.workers = workers;
        this.blocks = blocks.map(brgemm -> new CpuRowProduct(brgemm, workers));
    }

    boolean fits(Matrix x, Matrix w, Matrix y, Into into) {
        boolean types = x.dtype() == w.dtype()
                && (w.dtype() == DType.FLOAT32 || w.dtype() == DType.BFLOAT16)
                && (y.dtype() == DType.FLOAT32 || y.dtype() == DType.BFLOAT16);
        return types
                && into == Into.OVERWRITE
                && (w.width() % (2L * WIDTH) == 0 && x.rows() <= rowsOfVectors(w.dtype())
                        || blocks.isPresent() && CpuRowProduct.fits(x, w));
    }

    /** Without blocks, libtorch's product is the better one for more rows than these. */
    private static long rowsOfVectors(DType dtype) {
        return dtype == DType.BFLOAT16 ? 1 : TOGETHER;
    }

    void multiply(Matrix x, Matrix w, Matrix y) {
        if (w.width() % (2L * WIDTH) != 0 || x.rows() > rowsOfVectors(w.dtype())) {
            blocks.orElseThrow().multiply(x, w, y);
            return;
        }
        int in = (int) w.width();
        long elements = Math.clamp(w.rows() * in / TASKS, LEAST_TASK_ELEMENTS, MOST_TASK_ELEMENTS);
        long perTask = CpuGemm.divideUp(CpuGemm.divideUp(elements, in), 2) * 2;
        workers.run((int) CpuGemm.divideUp(w.rows(), perTask), (task, scratch) -> {
            long first = task * perTask;
            long outputs = Math.min(w.rows(), first + perTask) - first;
            long sums = scratch.floats(TOGETHER * (perTask + 1));
            if (w.dtype() == DType.BFLOAT16) {
                long spread = scratch.floats(in);
                spread(x.at(0), spread, in);
                bf16(w, first, outputs, spread, sums);
            } else if (x.rows() == 1) {
                floats(w, first, outputs, x.at(0), sums);
            } else {
                rows(w, first, outputs, x, sums, perTask);
            }
            for (long row = 0; row < x.rows(); row++) {
                Lanes.finish(y.dtype(), sums + 4 * row * perTask, y.at(row, first), outputs);
            }
        });
    }

    /** A row of bfloat16 as floats, evens then odds. */
    private static void spread(long x, long target, int n) {
        for (int i = 0; i < n; i += 2 * WIDTH) {
            var both = IntVector.fromMemorySegment(INTS, ALL, x + 2L * i, NATIVE);
            Lanes.store(target + 2L * i, both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats());
            Lanes.store(target + 2L * (n + i), both.and(0xFFFF0000).reinterpretAsFloats());
        }
    }

    private static void bf16(Matrix w, long first, long outputs, long x, long sums) {
        long half = outputs / 2;
        int in = (int) w.width();
        for (long i = 0; i < half; i++) {
            twoBf16(w.at(first + i), w.at(first + half + i), x, in, sums + 4 * i, sums + 4 * (half + i));
        }
        if (outputs % 2 != 0) {
            long last = w.at(first + outputs - 1);
            twoBf16(last, last, x, in, sums + 4 * (outputs - 1), sums + 4 * outputs);
        }
    }

    private static void twoBf16(long w, long v, long x, int n, long wSum, long vSum) {
        long odds = x + 2L * n;
        var mask = IntVector.broadcast(INTS, 0xFFFF0000);
        var wEven = FloatVector.zero(FLOATS);
        var wOdd = wEven;
        var vEven = wEven;
        var vOdd = wEven;
        for (int i = 0; i < n; i += 2 * WIDTH) {
            var even = load(x + 2L * i);
            var odd = load(odds + 2L * i);
            var ws = IntVector.fromMemorySegment(INTS, ALL, w + 2L * i, NATIVE);
            var vs = IntVector.fromMemorySegment(INTS, ALL, v + 2L * i, NATIVE);
            wEven = ws.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(even, wEven);
            wOdd = ws.and(mask).reinterpretAsFloats().fma(odd, wOdd);
            vEven = vs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(even, vEven);
            vOdd = vs.and(mask).reinterpretAsFloats().fma(odd, vOdd);
        }
        Lanes.set(wSum, Lanes.sum(wEven.add(wOdd)));
        Lanes.set(vSum, Lanes.sum(vEven.add(vOdd)));
    }

    private static void floats(Matrix w, long first, long outputs, long x, long sums) {
        long half = outputs / 2;
        int in = (int) w.width();
        for (long i = 0; i < half; i++) {
            twoFloats(w.at(first + i), w.at(first + half + i), x, in, sums + 4 * i, sums + 4 * (half + i));
        }
        if (outputs % 2 != 0) {
            long last = w.at(first + outputs - 1);
            twoFloats(last, last, x, in, sums + 4 * (outputs - 1), sums + 4 * outputs);
        }
    }

    private static void twoFloats(long w, long v, long x, int n, long wSum, long vSum) {
        var w0 = FloatVector.zero(FLOATS);
        var w1 = w0;
        var v0 = w0;
        var v1 = w0;
        for (int i = 0; i < n; i += 2 * WIDTH) {
            var x0 = load(x + 4L * i);
            var x1 = load(x + 4L * i + 4 * WIDTH);
            w0 = load(w + 4L * i).fma(x0, w0);
            w1 = load(w + 4L * i + 4 * WIDTH).fma(x1, w1);
            v0 = load(v + 4L * i).fma(x0, v0);
            v1 = load(v + 4L * i + 4 * WIDTH).fma(x1, v1);
        }
        Lanes.set(wSum, Lanes.sum(w0.add(w1)));
        Lanes.set(vSum, Lanes.sum(v0.add(v1)));
    }

    /** Two to four rows; where there are fewer, the last is computed again into the sums of those that are not. */
    private static void rows(Matrix w, long first, long outputs, Matrix x, long sums, long stride) {
        long half = outputs / 2;
        int in = (int) w.width();
        long a = x.at(0);
        long b = x.at(1);
        long c = x.at(Math.min(2, x.rows() - 1));
        long d = x.at(x.rows() - 1);
        for (long i = 0; i < half; i++) {
            twoByFour(w.at(first + i), w.at(first + half + i), a, b, c, d, in, sums + 4 * i, 4 * half, 4 * stride);
        }
        if (outputs % 2 != 0) {
            long last = w.at(first + outputs - 1);
            twoByFour(last, last, a, b, c, d, in, sums + 4 * (outputs - 1), 0, 4 * stride);
        }
    }

    private static void twoByFour(
            long w, long v, long a, long b, long c, long d, int n, long sums, long second, long stride) {
        var wa = FloatVector.zero(FLOATS);
        var wb = wa;
        var wc = wa;
        var wd = wa;
        var va = wa;
        var vb = wa;
        var vc = wa;
        var vd = wa;
        for (int i = 0; i < n; i += WIDTH) {
            var ws = load(w + 4L * i);
            var vs = load(v + 4L * i);
            var xs = load(a + 4L * i);
            wa = ws.fma(xs, wa);
            va = vs.fma(xs, va);
            xs = load(b + 4L * i);
            wb = ws.fma(xs, wb);
            vb = vs.fma(xs, vb);
            xs = load(c + 4L * i);
            wc = ws.fma(xs, wc);
            vc = vs.fma(xs, vc);
            xs = load(d + 4L * i);
            wd = ws.fma(xs, wd);
            vd = vs.fma(xs, vd);
        }
        Lanes.set(sums, Lanes.sum(wa));
        Lanes.set(sums + stride, Lanes.sum(wb));
        Lanes.set(sums + 2 * stride, Lanes.sum(wc));
        Lanes.set(sums + 3 * stride, Lanes.sum(wd));
        Lanes.set(sums + second, Lanes.sum(va));
        Lanes.set(sums + second + stride, Lanes.sum(vb));
        Lanes.set(sums + second + 2 * stride, Lanes.sum(vc));
        Lanes.set(sums + second + 3 * stride, Lanes.sum(vd));
    }
}
