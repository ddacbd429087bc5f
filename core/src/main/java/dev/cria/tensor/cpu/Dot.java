package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.FLOATS;
import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;
import static jdk.incubator.vector.VectorOperators.LSHL;

import dev.cria.tensor.DType;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Sums over rows of floats, in an order that depends on the length alone. */
final class Dot {
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private Dot() {}

    /** Σ a. */
    static float sum(long a, long n) {
        var sum = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            sum = sum.add(load(a + 4 * i));
        }
        float total = Lanes.sum(sum);
        for (; i < n; i++) {
            total += Lanes.get(a + 4 * i);
        }
        return total;
    }

    /** Σ a of numbers in a type. */
    static float sum(DType type, long a, long n, Scratch scratch) {
        var mark = scratch.mark();
        float sum = sum(Lanes.widened(type, a, n, scratch), n);
        scratch.reset(mark);
        return sum;
    }

    /** Σ a · b. */
    static float product(long a, long b, long n) {
        var even = FloatVector.zero(FLOATS);
        var odd = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i < ((int) n & -2 * WIDTH); i += 2 * WIDTH) {
            even = load(a + 4 * i).fma(load(b + 4 * i), even);
            odd = load(a + 4 * i + 4 * WIDTH).fma(load(b + 4 * i + 4 * WIDTH), odd);
        }
        float total = Lanes.sum(even.add(odd));
        for (; i < n; i++) {
            total = Math.fma(Lanes.get(a + 4 * i), Lanes.get(b + 4 * i), total);
        }
        return total;
    }

    /** Σ a · b of numbers in a type. */
    static float product(DType type, long a, long b, long n, Scratch scratch) {
        if (type == DType.BFLOAT16 && n % (2L * WIDTH) == 0) {
            return bf16(a, b, n);
        }
        var mark = scratch.mark();
        float product = product(Lanes.widened(type, a, n, scratch), Lanes.widened(type, b, n, scratch), n);
        scratch.reset(mark);
        return product;
    }

    /** Σ a · b of bfloat16s: a vector of pairs gives the even and the odd ones by a shift and a mask. */
    private static float bf16(long a, long b, long n) {
        var even = FloatVector.zero(FLOATS);
        var odd = FloatVector.zero(FLOATS);
        for (int i = 0; i < (int) n; i += 2 * WIDTH) {
            var as = IntVector.fromMemorySegment(Lanes.INTS, Lanes.ALL, a + 2L * i, NATIVE);
            var bs = IntVector.fromMemorySegment(Lanes.INTS, Lanes.ALL, b + 2L * i, NATIVE);
            even = as.lanewise(LSHL, 16)
                    .reinterpretAsFloats()
                    .fma(bs.lanewise(LSHL, 16).reinterpretAsFloats(), even);
            odd = as.and(0xFFFF0000)
                    .reinterpretAsFloats()
                    .fma(bs.and(0xFFFF0000).reinterpretAsFloats(), odd);
        }
        return Lanes.sum(even.add(odd));
    }

    /** Σ a · b · c. */
    static float product(long a, long b, long c, long n) {
        var sum = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            sum = load(a + 4 * i).mul(load(b + 4 * i)).fma(load(c + 4 * i), sum);
        }
        float total = Lanes.sum(sum);
        for (; i < n; i++) {
            total = Math.fma(Lanes.get(a + 4 * i) * Lanes.get(b + 4 * i), Lanes.get(c + 4 * i), total);
        }
        return total;
    }

    /** Σ (a − shift)². */
    static float squaredDistance(long a, float shift, long n) {
        var sum = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            var centred = load(a + 4 * i).sub(shift);
            sum = centred.fma(centred, sum);
        }
        float total = Lanes.sum(sum);
        for (; i < n; i++) {
            float centred = Lanes.get(a + 4 * i) - shift;
            total = Math.fma(centred, centred, total);
        }
        return total;
    }
}
