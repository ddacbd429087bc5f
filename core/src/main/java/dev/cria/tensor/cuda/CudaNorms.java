package dev.cria.tensor.cuda;

import dev.cria.tensor.DType;
import dev.cria.tensor.Into;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.Norm;
import dev.cria.tensor.Tensor;

/** RMSNorm and LayerNorm on CUDA: a block for each row, and sums over rows in an order that the shape alone decides. */
final class CudaNorms {
    private final CudaLauncher launcher;
    private final CudaColumns columns;

    CudaNorms(CudaLauncher launcher, CudaColumns columns) {
        this.launcher = launcher;
        this.columns = columns;
    }

    /** True if the sums of {@code gradients} vectors of this width fit into a block's own memory. */
    static boolean fits(long width, int gradients) {
        return gradients * width * Float.BYTES <= CudaLauncher.SHARED_BYTES;
    }

    void rms(Norm.Rms call) {
        var x = Matrix.of(call.x());
        var w = Matrix.flat(call.w());
        var y = Matrix.of(call.y());
        var r = Matrix.flat(call.r());
        int vector = Vectors.of(x.dtype(), x.width(), x, w, y);
        launcher.launch(
                CudaKernel.of("rms_norm", "rms_norm", x.dtype(), vector),
                x.rows(),
                CudaLauncher.threads(x.width(), vector, CudaLauncher.THREADS),
                0,
                x.address(),
                x.stride(),
                w.address(),
                (float) call.eps(),
                x.width(),
                y.address(),
                y.stride(),
                r.address());
    }

    void rmsGradient(Norm.RmsGradient call) {
        var dy = Matrix.of(call.dy());
        var x = Matrix.of(call.x());
        var w = Matrix.flat(call.w());
        var r = Matrix.flat(call.r());
        var dx = Matrix.of(call.dx());
        long blocks = CudaColumns.blocks(x.rows());
        try (Tensor shares = Tensor.empty(DType.FLOAT32, call.x().device(), blocks, x.width())) {
            int vector = Vectors.of(x.dtype(), x.width(), dy, x, w, dx);
            launcher.launch(
                    CudaKernel.of("rms_norm", "rms_norm_gradient", x.dtype(), vector),
                    blocks,
                    CudaLauncher.threads(x.width(), vector, CudaLauncher.THREADS),
                    Math.toIntExact(x.width() * Float.BYTES),
                    dy.address(),
                    dy.stride(),
                    x.address(),
                    x.stride(),
                    w.address(),
                    r.address(),
                    x.rows(),
                    x.width(),
                    dx.address(),
                    dx.stride(),
                    accumulate(call.into()),
                    shares.address());
            call.dw().ifPresent(sum -> columns.add(shares, 0, sum));
        }
    }

    void layer(Norm.Layer call) {
        var x = Matrix.of(call.x());
        var w = Matrix.flat(call.w());
        var b = Matrix.flat(call.b());
        var y = Matrix.of(call.y());
        var mean = Matrix.flat(call.mean());
        var r = Matrix.flat(call.r());
        int vector = Vectors.of(x.dtype(), x.width(), x, w, b, y);
        launcher.launch(
                CudaKernel.of("layer_norm", "layer_norm", x.dtype(), vector),
                x.rows(),
                CudaLauncher.threads(x.width(), vector, CudaLauncher.THREADS),
                0,
                x.address(),
                x.stride(),
                w.address(),
                b.address(),
                (float) call.eps(),
                x.width(),
                y.address(),
                y.stride(),
                mean.address(),
                r.address());
    }

    void layerGradient(Norm.LayerGradient call) {
        var dy = Matrix.of(call.dy());
        var x = Matrix.of(call.x());
        var w = Matrix.flat(call.w());
        var mean = Matrix.flat(call.mean());
        var r = Matrix.flat(call.r());
        var dx = Matrix.of(call.dx());
        long blocks = CudaColumns.blocks(x.rows());
        try (Tensor shares = Tensor.empty(DType.FLOAT32, call.x().device(), blocks, 2 * x.width())) {
            int vector = Vectors.of(x.dtype(), x.width(), dy, x, w, dx);
            launcher.launch(
                    CudaKernel.of("layer_norm", "layer_norm_gradient", x.dtype(), vector),
                    blocks,
                    CudaLauncher.threads(x.width(), vector, CudaLauncher.THREADS),
                    Math.toIntExact(2 * x.width() * Float.BYTES),
                    dy.address(),
                    dy.stride(),
                    x.address(),
                    x.stride(),
                    w.address(),
                    mean.address(),
                    r.address(),
                    x.rows(),
                    x.width(),
                    dx.address(),
                    dx.stride(),
                    accumulate(call.into()),
                    shares.address());
            call.dw().ifPresent(sum -> columns.add(shares, 0, sum));
            call.db().ifPresent(sum -> columns.add(shares, x.width(), sum));
        }
    }

    private static long accumulate(Into into) {
        return into == Into.ACCUMULATE ? 1 : 0;
    }
}
