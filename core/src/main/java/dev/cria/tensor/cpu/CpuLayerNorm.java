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

/** {@link Norm.Layer} and its gradient, each in one pass over memory. */
final class CpuLayerNorm {
    private CpuLayerNorm() {}

    static void forward(Workers workers, Norm.Layer call) {
        var x = Matrix.of(call.x());
        var w = Matrix.flat(call.w());
        var b = Matrix.flat(call.b());
        double eps = call.eps();
        var y = Matrix.of(call.y());
        var mean = Matrix.flat(call.mean());
        var r = Matrix.flat(call.r());
        long width = x.width();
        var blocks = RowBlocks.of(x.rows(), width);
        workers.run(blocks.count(), (block, scratch) -> {
            for (long row = blocks.first(block); row < blocks.end(block); row++) {
                var mark = scratch.mark();
                long wide = Lanes.widened(x.dtype(), x.at(row), width, scratch);
                float mu = Dot.sum(wide, width) / width;
                float inverse = (float) (1 / Math.sqrt(Dot.squaredDistance(wide, mu, width) / width + eps));
                Lanes.set(mean.at(0, row), mu);
                Lanes.set(r.at(0, row), inverse);
                long staged = Lanes.staged(y.dtype(), y.at(row), width, scratch);
                normed(wide, w.address(), b.address(), mu, inverse, staged, width);
                Lanes.finish(y.dtype(), staged, y.at(row), width);
                scratch.reset(mark);
            }
        });
    }

    /** y = (x − mean) · r · w + b. */
    private static void normed(long x, long w, long b, float mean, float r, long y, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            FloatVector normed = load(x + 4 * i).sub(mean).mul(r);
            Lanes.store(y + 4 * i, normed.fma(load(w + 4 * i), load(b + 4 * i)));
        }
        for (; i < n; i++) {
            float normed = (Lanes.get(x + 4 * i) - mean) * r;
            Lanes.set(y + 4 * i, Math.fma(normed, Lanes.get(w + 4 * i), Lanes.get(b + 4 * i)));
        }
    }

    static void backward(Workers workers, Norm.LayerGradient call) {
        var dy = Matrix.of(call.dy());
        var x = Matrix.of(call.x());
        var w = Matrix.flat(call.w());
        var mean = Matrix.flat(call.mean());
        var r = Matrix.flat(call.r());
        var dx = Matrix.of(call.dx());
        Into into = call.into();
        long width = x.width();
        var blocks = RowBlocks.summed(x.rows(), width);
        try (Tensor sums = Tensor.zeros(DType.FLOAT32, Device.CPU, 2L * blocks.count(), width)) {
            long dwSums = sums.address();
            long dbSums = dwSums + 4 * width * blocks.count();
            workers.run(blocks.count(), (block, scratch) -> {
                for (long row = blocks.first(block); row < blocks.end(block); row++) {
                    var mark = scratch.mark();
                    long dyWide = Lanes.widened(dy.dtype(), dy.at(row), width, scratch);
                    long xWide = Lanes.widened(x.dtype(), x.at(row), width, scratch);
                    long normed = scratch.floats(width);
                    long g = scratch.floats(width);
                    float inverse = Lanes.get(r.at(0, row));
                    long shift = 4 * width * block;
                    sums(
                            dyWide,
                            xWide,
                            w.address(),
                            Lanes.get(mean.at(0, row)),
                            inverse,
                            normed,
                            g,
                            dwSums + shift,
                            dbSums + shift,
                            width);
                    float gMean = Dot.sum(g, width) / width;
                    float projection = Dot.product(g, normed, width) / width;
                    gradient(g, normed, inverse, gMean, projection, width);
                    CpuElementwise.put(g, dx, row, into, scratch);
                    scratch.reset(mark);
                }
            });
            blocks.addSums(dwSums, width, call.dw());
            blocks.addSums(dbSums, width, call.db());
        }
    }

    /** normed = (x − mean) · r, g = dy · w, dw += dy · normed, db += dy. */
    private static void sums(
            long dy, long x, long w, float mean, float r, long normed, long g, long dw, long db, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            FloatVector dys = load(dy + 4 * i);
            FloatVector centred = load(x + 4 * i).sub(mean).mul(r);
            Lanes.store(normed + 4 * i, centred);
            Lanes.store(g + 4 * i, dys.mul(load(w + 4 * i)));
            Lanes.store(dw + 4 * i, dys.fma(centred, load(dw + 4 * i)));
            Lanes.store(db + 4 * i, dys.add(load(db + 4 * i)));
        }
        for (; i < n; i++) {
            float dys = Lanes.get(dy + 4 * i);
            float centred = (Lanes.get(x + 4 * i) - mean) * r;
            Lanes.set(normed + 4 * i, centred);
            Lanes.set(g + 4 * i, dys * Lanes.get(w + 4 * i));
            Lanes.set(dw + 4 * i, Math.fma(dys, centred, Lanes.get(dw + 4 * i)));
            Lanes.set(db + 4 * i, dys + Lanes.get(db + 4 * i));
        }
    }

    /** g becomes dx = r · (g − mean(g) − normed · mean(g · normed)). */
    private static void gradient(long g, long normed, float r, float mean, float projection, long n) {
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            FloatVector centred =
                    load(g + 4 * i).sub(mean).sub(load(normed + 4 * i).mul(projection));
            Lanes.store(g + 4 * i, centred.mul(r));
        }
        for (; i < n; i++) {
            float centred = Lanes.get(g + 4 * i) - mean - Lanes.get(normed + 4 * i) * projection;
            Lanes.set(g + 4 * i, centred * r);
        }
    }
}
