package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Into;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.Norm;
import dev.cria.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** {@link Norm.Rms} and its gradient, each in one pass over memory: a row is read once and stays in cache. */
final class CpuRmsNorm {
    private CpuRmsNorm() {}

    static void forward(Workers workers, Norm.Rms call) {
        var x = Matrix.of(call.x());
        var w = Matrix.flat(call.w());
        double eps = call.eps();
        var y = Matrix.of(call.y());
        var r = Matrix.flat(call.r());
        long width = x.width();
        var blocks = RowBlocks.of(x.rows(), width);
        workers.run(blocks.count(), (block, scratch) -> {
            for (long row = blocks.first(block); row < blocks.end(block); row++) {
                if (Lanes.areBf16(width, x, y)) {
                    float inverse =
                            inverse(Dot.product(DType.BFLOAT16, x.at(row), x.at(row), width, scratch), width, eps);
                    Lanes.set(r.at(0, row), inverse);
                    scaledBf16(x.at(row), w.address(), inverse, y.at(row), (int) width);
                    continue;
                }
                var mark = scratch.mark();
                long wide = Lanes.widened(x.dtype(), x.at(row), width, scratch);
                float inverse = inverse(Dot.product(wide, wide, width), width, eps);
                Lanes.set(r.at(0, row), inverse);
                long staged = Lanes.staged(y.dtype(), y.at(row), width, scratch);
                scaled(wide, w.address(), inverse, staged, width);
                Lanes.finish(y.dtype(), staged, y.at(row), width);
                scratch.reset(mark);
            }
        });
    }

    private static float inverse(float squares, long width, double eps) {
        return (float) (1 / Math.sqrt(squares / width + eps));
    }

    private static void scaledBf16(long x, long w, float r, long y, int n) {
        for (int i = 0; i < n; i += WIDTH) {
            Lanes.storeBf16(y + 2L * i, Lanes.loadBf16(x + 2L * i).mul(r).mul(load(w + 4L * i)));
        }
    }

    /** y = x · r · w. */
    private static void scaled(long x, long w, float r, long y, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            Lanes.store(y + 4 * i, load(x + 4 * i).mul(r).mul(load(w + 4 * i)));
        }
        for (; i < n; i++) {
            Lanes.set(y + 4 * i, Lanes.get(x + 4 * i) * r * Lanes.get(w + 4 * i));
        }
    }

    static void backward(Workers workers, Norm.RmsGradient call) {
        var dy = Matrix.of(call.dy());
        var x = Matrix.of(call.x());
        var w = Matrix.flat(call.w());
        var r = Matrix.flat(call.r());
        var dx = Matrix.of(call.dx());
        Into into = call.into();
        long width = x.width();
        var blocks = RowBlocks.summed(x.rows(), width);
        try (Tensor sums = Tensor.zeros(DType.FLOAT32, Device.CPU, blocks.count(), width)) {
            long partial = sums.address();
            workers.run(blocks.count(), (block, scratch) -> {
                long sum = partial + 4 * width * block;
                for (long row = blocks.first(block); row < blocks.end(block); row++) {
                    var mark = scratch.mark();
                    long dyWide = Lanes.widened(dy.dtype(), dy.at(row), width, scratch);
                    long xWide = Lanes.widened(x.dtype(), x.at(row), width, scratch);
                    float inverse = Lanes.get(r.at(0, row));
                    float mean = Dot.product(dyWide, xWide, w.address(), width) / width;
                    long staged = scratch.floats(width);
                    gradients(dyWide, xWide, w.address(), inverse, mean, staged, sum, width);
                    CpuElementwise.put(staged, dx, row, into, scratch);
                    scratch.reset(mark);
                }
            });
            blocks.addSums(partial, width, call.dw());
        }
    }

    /** dx = r · (dy·w − x · r² · mean), dw += dy · x · r. */
    private static void gradients(long dy, long x, long w, float r, float mean, long dx, long dw, long n) {
        float correction = r * r * r * mean;
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            FloatVector scaled = load(dy + 4 * i).mul(r);
            FloatVector xs = load(x + 4 * i);
            Lanes.store(dx + 4 * i, scaled.mul(load(w + 4 * i)).sub(xs.mul(correction)));
            Lanes.store(dw + 4 * i, scaled.fma(xs, load(dw + 4 * i)));
        }
        for (; i < n; i++) {
            float scaled = Lanes.get(dy + 4 * i) * r;
            float xs = Lanes.get(x + 4 * i);
            Lanes.set(dx + 4 * i, scaled * Lanes.get(w + 4 * i) - xs * correction);
            Lanes.set(dw + 4 * i, Math.fma(scaled, xs, Lanes.get(dw + 4 * i)));
        }
    }
}
