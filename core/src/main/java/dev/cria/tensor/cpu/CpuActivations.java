package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;
import static dev.cria.tensor.cpu.Lanes.loadBf16;
import static dev.cria.tensor.cpu.Lanes.store;
import static dev.cria.tensor.cpu.Lanes.storeBf16;

import dev.cria.tensor.Activation;
import dev.cria.tensor.Matrix;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Activation.SwiGlu}, {@link Activation.Gelu} and their gradients, in whole vectors. Rows of bfloat16 go from memory to
 * memory in one loop, so that computing and waiting for memory overlap; what does not fit such a loop is widened first.
 */
final class CpuActivations {
    private static final float GELU_SCALE = (float) Math.sqrt(2 / Math.PI);
    private static final float GELU_CUBIC = 0.044715f;

    private CpuActivations() {}

    static void swiGlu(Workers workers, Matrix gate, Matrix up, Matrix y) {
        CpuElementwise.eachRow(workers, y, (row, column, n, scratch) -> {
            if (Lanes.areBf16(n, gate, up, y)) {
                swiGluOfBf16(gate.at(row, column), up.at(row, column), y.at(row, column), (int) n);
                return;
            }
            long g = Lanes.wholeVectors(gate.dtype(), gate.at(row, column), n, scratch);
            long u = Lanes.wholeVectors(up.dtype(), up.at(row, column), n, scratch);
            long staged = Lanes.stagedWholeVectors(y.dtype(), y.at(row, column), n, scratch);
            swiGlu(g, u, staged, (int) n);
            Lanes.finish(y.dtype(), staged, y.at(row, column), n);
        });
    }

    private static void swiGluOfBf16(long gate, long up, long y, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            storeBf16(y + 2L * i, swiGlu(loadBf16(gate + 2L * i), loadBf16(up + 2L * i)));
        }
    }

    private static void swiGlu(long gate, long up, long y, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            store(y + 4L * i, swiGlu(load(gate + 4L * i), load(up + 4L * i)));
        }
    }

    private static FloatVector swiGlu(FloatVector gate, FloatVector up) {
        return gate.mul(Exponential.sigmoid(gate)).mul(up);
    }

    static void swiGluGradient(Workers workers, Matrix dy, Matrix gate, Matrix up, Matrix dgate, Matrix dup) {
        CpuElementwise.eachRow(workers, dy, (row, column, n, scratch) -> {
            long sigmas = scratch.floats(n + WIDTH);
            if (Lanes.areBf16(n, dy, gate, up, dgate, dup)) {
                sigmoidsOfBf16(gate.at(row, column), sigmas, (int) n);
                swiGluGradientOfBf16(
                        dy.at(row, column),
                        gate.at(row, column),
                        up.at(row, column),
                        sigmas,
                        dgate.at(row, column),
                        dup.at(row, column),
                        (int) n);
                return;
            }
            long dys = Lanes.wholeVectors(dy.dtype(), dy.at(row, column), n, scratch);
            long g = Lanes.wholeVectors(gate.dtype(), gate.at(row, column), n, scratch);
            long u = Lanes.wholeVectors(up.dtype(), up.at(row, column), n, scratch);
            long dg = Lanes.stagedWholeVectors(dgate.dtype(), dgate.at(row, column), n, scratch);
            long du = Lanes.stagedWholeVectors(dup.dtype(), dup.at(row, column), n, scratch);
            sigmoids(g, sigmas, (int) n);
            swiGluGradient(dys, g, u, sigmas, dg, du, (int) n);
            Lanes.finish(dgate.dtype(), dg, dgate.at(row, column), n);
            Lanes.finish(dup.dtype(), du, dup.at(row, column), n);
        });
    }

    private static void sigmoidsOfBf16(long x, long sigmas, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            store(sigmas + 4L * i, Exponential.sigmoid(loadBf16(x + 2L * i)));
        }
    }

    private static void sigmoids(long x, long sigmas, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            store(sigmas + 4L * i, Exponential.sigmoid(load(x + 4L * i)));
        }
    }

    private static void swiGluGradientOfBf16(long dy, long gate, long up, long sigmas, long dgate, long dup, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector dys = loadBf16(dy + 2L * i);
            FloatVector sigma = load(sigmas + 4L * i);
            FloatVector silu = loadBf16(gate + 2L * i).mul(sigma);
            storeBf16(dgate + 2L * i, siluDerivative(sigma, silu).mul(dys).mul(loadBf16(up + 2L * i)));
            storeBf16(dup + 2L * i, dys.mul(silu));
        }
    }

    private static void swiGluGradient(long dy, long gate, long up, long sigmas, long dgate, long dup, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector dys = load(dy + 4L * i);
            FloatVector sigma = load(sigmas + 4L * i);
            FloatVector silu = load(gate + 4L * i).mul(sigma);
            store(dgate + 4L * i, siluDerivative(sigma, silu).mul(dys).mul(load(up + 4L * i)));
            store(dup + 4L * i, dys.mul(silu));
        }
    }

    /** The derivative of silu: σ + silu · (1 − σ). */
    private static FloatVector siluDerivative(FloatVector sigma, FloatVector silu) {
        return sigma.add(silu.sub(silu.mul(sigma)));
    }

    static void gelu(Workers workers, Matrix x, Matrix y) {
        CpuElementwise.eachRow(workers, y, (row, column, n, scratch) -> {
            if (Lanes.areBf16(n, x, y)) {
                geluOfBf16(x.at(row, column), y.at(row, column), (int) n);
                return;
            }
            long xs = Lanes.wholeVectors(x.dtype(), x.at(row, column), n, scratch);
            long staged = Lanes.stagedWholeVectors(y.dtype(), y.at(row, column), n, scratch);
            gelu(xs, staged, (int) n);
            Lanes.finish(y.dtype(), staged, y.at(row, column), n);
        });
    }

    private static void geluOfBf16(long x, long y, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector xs = loadBf16(x + 2L * i);
            storeBf16(y + 2L * i, xs.mul(geluGate(xs)));
        }
    }

    private static void gelu(long x, long y, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector xs = load(x + 4L * i);
            store(y + 4L * i, xs.mul(geluGate(xs)));
        }
    }

    /** ½ (1 + tanh u) = σ(2u), with u = √(2/π)·(x + 0.044715·x³). */
    private static FloatVector geluGate(FloatVector x) {
        return Exponential.sigmoid(x.mul(x).mul(GELU_CUBIC).add(1f).mul(x).mul(2 * GELU_SCALE));
    }

    static void geluGradient(Workers workers, Matrix dy, Matrix x, Matrix dx) {
        CpuElementwise.eachRow(workers, dx, (row, column, n, scratch) -> {
            long gates = scratch.floats(n + WIDTH);
            if (Lanes.areBf16(n, dy, x, dx)) {
                geluGatesOfBf16(x.at(row, column), gates, (int) n);
                geluGradientOfBf16(dy.at(row, column), x.at(row, column), gates, dx.at(row, column), (int) n);
                return;
            }
            long dys = Lanes.wholeVectors(dy.dtype(), dy.at(row, column), n, scratch);
            long xs = Lanes.wholeVectors(x.dtype(), x.at(row, column), n, scratch);
            long staged = Lanes.stagedWholeVectors(dx.dtype(), dx.at(row, column), n, scratch);
            geluGates(xs, gates, (int) n);
            geluGradient(dys, xs, gates, staged, (int) n);
            Lanes.finish(dx.dtype(), staged, dx.at(row, column), n);
        });
    }

    private static void geluGatesOfBf16(long x, long gates, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            store(gates + 4L * i, geluGate(loadBf16(x + 2L * i)));
        }
    }

    private static void geluGates(long x, long gates, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            store(gates + 4L * i, geluGate(load(x + 4L * i)));
        }
    }

    private static void geluGradientOfBf16(long dy, long x, long gates, long dx, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector derivative = geluDerivative(loadBf16(x + 2L * i), load(gates + 4L * i));
            storeBf16(dx + 2L * i, loadBf16(dy + 2L * i).mul(derivative));
        }
    }

    private static void geluGradient(long dy, long x, long gates, long dx, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            store(dx + 4L * i, load(dy + 4L * i).mul(geluDerivative(load(x + 4L * i), load(gates + 4L * i))));
        }
    }

    /** s + x · s · (1 − s) · 2u′ with s = σ(2u). */
    private static FloatVector geluDerivative(FloatVector x, FloatVector s) {
        FloatVector inner = x.mul(x).mul(3 * GELU_CUBIC).add(1f).mul(2 * GELU_SCALE);
        return s.add(x.mul(inner).mul(s.sub(s.mul(s))));
    }
}
