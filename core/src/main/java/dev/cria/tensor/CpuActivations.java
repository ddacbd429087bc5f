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
            Exponential.sigmoid(g, staged, (int) n);
            swiGlu(g, u, staged, (int) n);
            Lanes.finish(y.dtype(), staged, y.at(row, column), n);
        });
    }

    /** y holds σ(gate) and becomes gate · σ · up. */
    private static void swiGlu(long gate, long up, long y, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector silu = load(gate + 4L * i).mul(load(y + 4L * i));
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
            Exponential.sigmoid(g, dg, (int) n);
            swiGluGradient(dys, g, u, dg, du, (int) n);
            Lanes.finish(dgate.dtype(), dg, dgate.at(row, column), n);
            Lanes.finish(dup.dtype(), du, dup.at(row, column), n);
        });
    }

    /** dgate holds σ(gate) and becomes dy · up · (σ + silu · (1 − σ)). */
    private static void swiGluGradient(long dy, long gate, long up, long dgate, long dup, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector dys = load(dy + 4L * i);
            FloatVector sigma = load(dgate + 4L * i);
            FloatVector silu = load(gate + 4L * i).mul(sigma);
            FloatVector slope = sigma.add(silu.sub(silu.mul(sigma)));
            Lanes.store(dgate + 4L * i, slope.mul(dys).mul(load(up + 4L * i)));
            Lanes.store(dup + 4L * i, dys.mul(silu));
        }
    }

    static void gelu(Workers workers, Matrix x, Matrix y) {
        Elementwise.eachRow(workers, y, (row, column, n, scratch) -> {
            long xs = Lanes.wholeVectors(x.dtype(), x.at(row, column), n, scratch);
            long staged = Lanes.stagedWholeVectors(y.dtype(), y.at(row, column), n, scratch);
            long gate = geluGate(xs, (int) n, scratch);
            for (int i = 0; i < (int) n; i += WIDTH) {
                Lanes.store(staged + 4L * i, load(xs + 4L * i).mul(load(gate + 4L * i)));
            }
            Lanes.finish(y.dtype(), staged, y.at(row, column), n);
        });
    }

    /** ½ (1 + tanh u) = σ(2u), with u = √(2/π)·(x + 0.044715·x³). */
    private static long geluGate(long x, int n, Scratch scratch) {
        long gate = scratch.floats(n + WIDTH);
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector xs = load(x + 4L * i);
            Lanes.store(
                    gate + 4L * i, xs.mul(xs).mul(GELU_CUBIC).add(1f).mul(xs).mul(2 * GELU_SCALE));
        }
        Exponential.sigmoid(gate, gate, n);
        return gate;
    }

    static void geluGradient(Workers workers, Matrix dy, Matrix x, Matrix dx) {
        Elementwise.eachRow(workers, dx, (row, column, n, scratch) -> {
            long dys = Lanes.wholeVectors(dy.dtype(), dy.at(row, column), n, scratch);
            long xs = Lanes.wholeVectors(x.dtype(), x.at(row, column), n, scratch);
            long staged = Lanes.stagedWholeVectors(dx.dtype(), dx.at(row, column), n, scratch);
            geluGradient(dys, xs, geluGate(xs, (int) n, scratch), staged, (int) n);
            Lanes.finish(dx.dtype(), staged, dx.at(row, column), n);
        });
    }

    /** dx = dy · (s + x · s · (1 − s) · 2u′) with s = σ(2u). */
    private static void geluGradient(long dy, long x, long gate, long dx, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector xs = load(x + 4L * i);
            FloatVector s = load(gate + 4L * i);
            FloatVector inner = xs.mul(xs).mul(3 * GELU_CUBIC).add(1f).mul(2 * GELU_SCALE);
            FloatVector slope = s.add(xs.mul(inner).mul(s.sub(s.mul(s))));
            Lanes.store(dx + 4L * i, load(dy + 4L * i).mul(slope));
        }
    }
}
