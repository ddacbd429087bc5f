package dev.cria.tensor;

/** How many floating-point operations a second this machine's matrix products reach: what utilisation is a share of. */
public final class GemmPeak {
    private static final int SIZE = 1024;
    private static final int REPEATS = 6;

    private GemmPeak() {}

    /** Operations a second of the best of a few square products, after a warm-up. */
    public static double measure(Kernels kernels, DType dtype, Device device) {
        try (var scope = new Scope()) {
            Tensor x = scope.own(Tensor.zeros(dtype, device, SIZE, SIZE));
            Tensor w = scope.own(Tensor.zeros(dtype, device, SIZE, SIZE));
            Tensor y = scope.empty(dtype, device, SIZE, SIZE);
            double best = Double.POSITIVE_INFINITY;
            for (int i = 0; i < REPEATS; i++) {
                long begun = System.nanoTime();
                kernels.linear(x, w, y, Into.OVERWRITE);
                kernels.sumOfSquares(y);
                long done = System.nanoTime();
                best = Math.min(best, (done - begun) / 1e9);
            }
            return 2.0 * SIZE * SIZE * SIZE / best;
        }
    }
}
