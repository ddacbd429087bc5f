package dev.cria.tensor;

import java.util.List;
import java.util.Optional;

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

    void rms(Matrix x, Matrix w, double eps, Matrix y, Matrix r) {
        int vector = Vectors.of(x.dtype(), x.width(), x, w, y);
        launcher.launch(
                CudaKernel.of("rms_norm", "rms_norm", x.dtype(), vector),
                x.rows(),
                CudaLauncher.threads(x.width(), vector, CudaLauncher.THREADS),
                0,
                x.address(),
                x.stride(),
                w.address(),
                (float) eps,
                x.width(),
                y.address(),
                y.stride(),
                r.address());
    }

    void rmsGradient(
            Matrix dy, Matrix x, Matrix w, Matrix r, Matrix dx, Into into, Optional<Tensor> dw, Device device) {
        long blocks = CudaColumns.blocks(x.rows());
        try (Tensor shares = Tensor.empty(DType.FLOAT32, device, blocks, x.width())) {
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
                    accumulate(into),
                    shares.address());
            dw.ifPresent(sum -> columns.add(shares, 0, sum));
        }
    }

    void layer(Matrix x, Matrix w, Matrix b, double eps, Matrix y, Matrix mean, Matrix r) {
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
                (float) eps,
                x.width(),
                y.address(),
                y.stride(),
                mean.address(),
                r.address());
    }

    /** @param gradients those of w and of b, in this order */
    void layerGradient(
            Matrix dy,
            Matrix x,
            Matrix w,
            Matrix mean,
            Matrix r,
            Matrix dx,
            Into into,
            List<Optional<Tensor>> gradients,
            Device device) {
        long blocks = CudaColumns.blocks(x.rows());
        try (Tensor shares = Tensor.empty(DType.FLOAT32, device, blocks, 2 * x.width())) {
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
                    accumulate(into),
                    shares.address());
            gradients.get(0).ifPresent(sum -> columns.add(shares, 0, sum));
            gradients.get(1).ifPresent(sum -> columns.add(shares, x.width(), sum));
        }
    }

    private static long accumulate(Into into) {
        return into == Into.ACCUMULATE ? 1 : 0;
    }
}
