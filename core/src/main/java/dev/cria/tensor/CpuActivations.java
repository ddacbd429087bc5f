package dev.cria.tensor;

import static dev.cria.tensor.Lanes.WIDTH;
import static dev.cria.tensor.Lanes.load;

import jdk.incubator.vector.FloatVector;

/** {@link Kernels#swiGlu}, {@link Kernels#gelu} and their gradients, in whole vectors. */
final class CpuActivations {
    private static final float GELU_SCALE = (float) Math.sqrt(2 / Math.PI);
    private static final float GELU_CUBIC = 0.044715f;

    private CpuActivations() {}

    static void swiGlu(Workers workers, Matrix gate, Matrix up, Matrix y) {
        Elementwise.eachRow(workers, y, (row, column, n, scratch) -> {
            long g = Lanes.wholeVectors(gate.dtype(), gate.at(row, column), n, scratch);
            long u = Lanes.wholeVectors(up.dtype(), up.at(row, column), n, scratch);
            long staged = Lanes.stagedWholeVectors(y.dtype(), y.at(row, column), n, scratch);
            swiGlu(g, u, staged, (int) n);
            Lanes.finish(y.dtype(), staged, y.at(row, column), n);
        });
    }

    private static void swiGlu(long gate, long up, long y, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector gates = load(gate + 4L * i);
            FloatVector silu = gates.mul(Exponential.sigmoid(gates));
            Lanes.store(y + 4L * i, silu.mul(load(up + 4L * i)));
        }
    }

    static void swiGluGradient(Workers workers, Matrix dy, Matrix gate, Matrix up, Matrix dgate, Matrix dup) {
        Elementwise.eachRow(workers, dy, (row, column, n, scratch) -> {
            long dys = Lanes.wholeVectors(dy.dtype(), dy.at(row, column), n, scratch);
            long g = Lanes.wholeVectors(gate.dtype(), gate.at(row, column), n, scratch);
            long u = Lanes.wholeVectors(up.dtype(), up.at(row, column), n, scratch);
            long dg = Lanes.stagedWholeVectors(dgate.dtype(), dgate.at(row, column), n, scratch);
            long du = Lanes.stagedWholeVectors(dup.dtype(), dup.at(row, column), n, scratch);
            swiGluGradient(dys, g, u, dg, du, (int) n);
            Lanes.finish(dgate.dtype(), dg, dgate.at(row, column), n);
            Lanes.finish(dup.dtype(), du, dup.at(row, column), n);
        });
    }

    /** dgate = dy · up · (σ + silu · (1 − σ)), dup = dy · silu. */
    private static void swiGluGradient(long dy, long gate, long up, long dgate, long dup, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector dys = load(dy + 4L * i);
            FloatVector gates = load(gate + 4L * i);
            FloatVector sigma = Exponential.sigmoid(gates);
            FloatVector silu = gates.mul(sigma);
            FloatVector slope = sigma.add(silu.sub(silu.mul(sigma)));
            Lanes.store(dgate + 4L * i, slope.mul(dys).mul(load(up + 4L * i)));
            Lanes.store(dup + 4L * i, dys.mul(silu));
        }
    }

    static void gelu(Workers workers, Matrix x, Matrix y) {
        Elementwise.eachRow(workers, y, (row, column, n, scratch) -> {
            long xs = Lanes.wholeVectors(x.dtype(), x.at(row, column), n, scratch);
            long staged = Lanes.stagedWholeVectors(y.dtype(), y.at(row, column), n, scratch);
            gelu(xs, staged, (int) n);
            Lanes.finish(y.dtype(), staged, y.at(row, column), n);
        });
    }

    private static void gelu(long x, long y, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector xs = load(x + 4L * i);
            Lanes.store(y + 4L * i, xs.mul(geluGate(xs)));
        }
    }

    /** ½ (1 + tanh u) = σ(2u), with u = √(2/π)·(x + 0.044715·x³). */
    private static FloatVector geluGate(FloatVector x) {
        return Exponential.sigmoid(x.mul(x).mul(GELU_CUBIC).add(1f).mul(x).mul(2 * GELU_SCALE));
    }

    static void geluGradient(Workers workers, Matrix dy, Matrix x, Matrix dx) {
        Elementwise.eachRow(workers, dx, (row, column, n, scratch) -> {
            long dys = Lanes.wholeVectors(dy.dtype(), dy.at(row, column), n, scratch);
            long xs = Lanes.wholeVectors(x.dtype(), x.at(row, column), n, scratch);
            long staged = Lanes.stagedWholeVectors(dx.dtype(), dx.at(row, column), n, scratch);
            geluGradient(dys, xs, staged, (int) n);
            Lanes.finish(dx.dtype(), staged, dx.at(row, column), n);
        });
    }

    /** dx = dy · (s + x · s · (1 − s) · 2u′) with s = σ(2u). */
    private static void geluGradient(long dy, long x, long dx, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector xs = load(x + 4L * i);
            FloatVector s = geluGate(xs);
            FloatVector inner = xs.mul(xs).mul(3 * GELU_CUBIC).add(1f).mul(2 * GELU_SCALE);
            FloatVector slope = s.add(xs.mul(inner).mul(s.sub(s.mul(s))));
            Lanes.store(dx + 4L * i, load(dy + 4L * i).mul(slope));
        }
    }
}
