package dev.cria.tensor;

import static dev.cria.tensor.Lanes.ALL;
import static dev.cria.tensor.Lanes.FLOATS;
import static dev.cria.tensor.Lanes.WIDTH;
import static dev.cria.tensor.Lanes.load;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * y = x·wᵀ for the one or few rows of decoding, where memory sets the speed: each weight is read once, as it lies.
 * A vector of bfloat16 pairs gives the even and the odd elements by a shift and a mask, so x is laid out as its even
 * elements, then its odd ones.
 */
final class CpuGemv {
    /** Above this many rows libtorch's product is faster, which for bfloat16 has matrix tiles. */
    private static final int MOST_ROWS = 4;

    private static final long TASK_ELEMENTS = 1 << 16;
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private CpuGemv() {}

    static boolean fits(Matrix x, Matrix w, Matrix y, Into into) {
        return x.rows() <= (x.dtype() == DType.BFLOAT16 ? 1 : MOST_ROWS)
                && into == Into.OVERWRITE
                && x.dtype() == w.dtype()
                && w.width() % (2L * WIDTH) == 0
                && (w.dtype() == DType.FLOAT32 || w.dtype() == DType.BFLOAT16)
                && (y.dtype() == DType.FLOAT32 || y.dtype() == DType.BFLOAT16);
    }

    static void multiply(Workers workers, Matrix x, Matrix w, Matrix y) {
        int in = (int) w.width();
        long perTask = Math.max(1, TASK_ELEMENTS / in);
        boolean pairs = w.dtype() == DType.BFLOAT16;
        workers.run((int) CpuGemm.divideUp(w.rows(), perTask), (task, scratch) -> {
            long first = task * perTask;
            long end = Math.min(w.rows(), first + perTask);
            long xs = scratch.floats(x.rows() * in);
            for (long row = 0; row < x.rows(); row++) {
                spread(x, row, xs + 4 * row * in, in);
            }
            long sums = scratch.floats(perTask);
            for (long row = 0; row < x.rows(); row++) {
                for (long out = first; out < end; out++) {
                    long operand = xs + 4 * row * in;
                    float sum = pairs ? pairs(w.at(out), operand, in) : Dot.product(w.at(out), operand, in);
                    Lanes.set(sums + 4 * (out - first), sum);
                }
                if (y.dtype() == DType.FLOAT32) {
                    Lanes.copy(sums, y.at(row, first), 4 * (end - first));
                } else {
                    Lanes.narrow(sums, y.at(row, first), end - first);
                }
            }
        });
    }

    /** A row as floats: in order for float32, evens then odds for bfloat16. */
    private static void spread(Matrix x, long row, long target, int n) {
        if (x.dtype() == DType.FLOAT32) {
            Lanes.copy(x.at(row), target, 4L * n);
            return;
        }
        for (int i = 0; i < n; i += 2 * WIDTH) {
            var both = IntVector.fromMemorySegment(Lanes.INTS, ALL, x.at(row, i), NATIVE);
            Lanes.store(target + 2L * i, both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats());
            Lanes.store(target + 2L * (n + i), both.and(0xFFFF0000).reinterpretAsFloats());
        }
    }

    private static float pairs(long w, long x, int n) {
        var evens = FloatVector.zero(FLOATS);
        var odds = FloatVector.zero(FLOATS);
        long oddAt = x + 2L * n;
        for (int i = 0; i < n; i += 2 * WIDTH) {
            var both = IntVector.fromMemorySegment(Lanes.INTS, ALL, w + 2L * i, NATIVE);
            evens = both.lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .fma(load(x + 2L * i), evens);
            odds = both.and(0xFFFF0000).reinterpretAsFloats().fma(load(oddAt + 2L * i), odds);
        }
        return Lanes.sum(evens.add(odds));
    }
}
