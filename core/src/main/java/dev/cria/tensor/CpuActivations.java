package dev.cria.tensor;

import static dev.cria.tensor.Lanes.WIDTH;
import static dev.cria.tensor.Lanes.load;

import jdk.incubator.vector.FloatVector;

/** {@link Kernels#swiGlu}, {@link Kernels#gelu} and their gradients. The last, partial vector is masked. */
final class CpuActivations {
    private static final float GELU_SCALE = (float) Math.sqrt(2 / Math.PI);
    private static final float GELU_CUBIC = 0.044715f;

    private CpuActivations() {}

    static void swiGlu(Workers workers, Matrix gate, Matrix up, Matrix y) {
        Elementwise.eachRow(workers, y, (row, column, n, scratch) -> {
            long g = Lanes.widened(gate.dtype(), gate.at(row, column), n, scratch);
            long u = Lanes.widened(up.dtype(), up.at(row, column), n, scratch);
            long staged = Lanes.staged(y.dtype(), y.at(row, column), n, scratch);
            swiGlu(g, u, staged, n);
            Lanes.finish(y.dtype(), staged, y.at(row, column), n);
        });
    }

    private static void swiGlu(long gate, long up, long y, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            Lanes.store(y + 4 * i, silu(load(gate + 4 * i)).mul(load(up + 4 * i)));
        }
        if (i < n) {
            var rest = Lanes.rest(n);
            Lanes.store(y + 4 * i, silu(load(gate + 4 * i, rest)).mul(load(up + 4 * i, rest)), rest);
        }
    }

    private static FloatVector silu(FloatVector x) {
        return x.div(Lanes.exp(x.neg()).add(1f));
    }

    static void swiGluGradient(Workers workers, Matrix dy, Matrix gate, Matrix up, Matrix dgate, Matrix dup) {
        Elementwise.eachRow(workers, dy, (row, column, n, scratch) -> {
            long dys = Lanes.widened(dy.dtype(), dy.at(row, column), n, scratch);
            long g = Lanes.widened(gate.dtype(), gate.at(row, column), n, scratch);
            long u = Lanes.widened(up.dtype(), up.at(row, column), n, scratch);
            long dg = Lanes.staged(dgate.dtype(), dgate.at(row, column), n, scratch);
            long du = Lanes.staged(dup.dtype(), dup.at(row, column), n, scratch);
            swiGluGradient(dys, g, u, dg, du, n);
            Lanes.finish(dgate.dtype(), dg, dgate.at(row, column), n);
            Lanes.finish(dup.dtype(), du, dup.at(row, column), n);
        });
    }

    private static void swiGluGradient(long dy, long gate, long up, long dgate, long dup, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            FloatVector dys = load(dy + 4 * i);
            FloatVector g = load(gate + 4 * i);
            FloatVector sigma = Lanes.sigmoid(g);
            FloatVector silu = g.mul(sigma);
            Lanes.store(dgate + 4 * i, slope(sigma, silu).mul(dys).mul(load(up + 4 * i)));
            Lanes.store(dup + 4 * i, dys.mul(silu));
        }
        if (i < n) {
            var rest = Lanes.rest(n);
            FloatVector dys = load(dy + 4 * i, rest);
            FloatVector g = load(gate + 4 * i, rest);
            FloatVector sigma = Lanes.sigmoid(g);
            FloatVector silu = g.mul(sigma);
            Lanes.store(dgate + 4 * i, slope(sigma, silu).mul(dys).mul(load(up + 4 * i, rest)), rest);
            Lanes.store(dup + 4 * i, dys.mul(silu), rest);
        }
    }

    /** σ · (1 + g · (1 − σ)) = σ + silu · (1 − σ). */
    private static FloatVector slope(FloatVector sigma, FloatVector silu) {
        return sigma.add(silu.sub(silu.mul(sigma)));
    }

    static void gelu(Workers workers, Matrix x, Matrix y) {
        Elementwise.eachRow(workers, y, (row, column, n, scratch) -> {
            long xs = Lanes.widened(x.dtype(), x.at(row, column), n, scratch);
            long staged = Lanes.staged(y.dtype(), y.at(row, column), n, scratch);
            gelu(xs, staged, n);
            Lanes.finish(y.dtype(), staged, y.at(row, column), n);
        });
    }

    private static void gelu(long x, long y, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            FloatVector xs = load(x + 4 * i);
            Lanes.store(y + 4 * i, xs.mul(gate(xs)));
        }
        if (i < n) {
            var rest = Lanes.rest(n);
            FloatVector xs = load(x + 4 * i, rest);
            Lanes.store(y + 4 * i, xs.mul(gate(xs)), rest);
        }
    }

    /** ½ (1 + tanh u) = σ(2u), with u = √(2/π)·(x + 0.044715·x³). */
    private static FloatVector gate(FloatVector x) {
        FloatVector inner = x.mul(x).mul(GELU_CUBIC).add(1f).mul(x).mul(2 * GELU_SCALE);
        return Lanes.sigmoid(inner);
    }

    static void geluGradient(Workers workers, Matrix dy, Matrix x, Matrix dx) {
        Elementwise.eachRow(workers, dx, (row, column, n, scratch) -> {
            long dys = Lanes.widened(dy.dtype(), dy.at(row, column), n, scratch);
            long xs = Lanes.widened(x.dtype(), x.at(row, column), n, scratch);
            long staged = Lanes.staged(dx.dtype(), dx.at(row, column), n, scratch);
            geluGradient(dys, xs, staged, n);
            Lanes.finish(dx.dtype(), staged, dx.at(row, column), n);
        });
    }

    private static void geluGradient(long dy, long x, long dx, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            Lanes.store(dx + 4 * i, load(dy + 4 * i).mul(geluSlope(load(x + 4 * i))));
        }
        if (i < n) {
            var rest = Lanes.rest(n);
            Lanes.store(dx + 4 * i, load(dy + 4 * i, rest).mul(geluSlope(load(x + 4 * i, rest))), rest);
        }
    }

    /** s + x · s · (1 − s) · 2u′ with s = σ(2u). */
    private static FloatVector geluSlope(FloatVector x) {
        FloatVector s = gate(x);
        FloatVector inner = x.mul(x).mul(3 * GELU_CUBIC).add(1f).mul(2 * GELU_SCALE);
        return s.add(x.mul(inner).mul(s.sub(s.mul(s))));
    }
}
