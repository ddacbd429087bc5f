package dev.cria.tensor;

import static dev.cria.tensor.Lanes.FLOATS;
import static dev.cria.tensor.Lanes.WIDTH;
import static dev.cria.tensor.Lanes.load;

import jdk.incubator.vector.FloatVector;

/** Sums over rows of floats, in an order that depends on the length alone. */
final class Dot {
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
