package dev.cria.tensor;

/** How many floating-point operations a second this machine's matrix products reach: what utilisation is a share of. */
public final class GemmPeak {
    private static final int SIZE = 1024;
    private static final long NANOS = 300_000_000;
    private static final int AT_LEAST = 40;

    private GemmPeak() {}

    /** Operations a second of the best square product of those that fit in a moment, once the code is warm. */
    public static double measure(Kernels kernels, DType dtype, Device device) {
        try (var scope = new Scope()) {
            Tensor x = scope.own(Tensor.zeros(dtype, device, SIZE, SIZE));
            Tensor w = scope.own(Tensor.zeros(dtype, device, SIZE, SIZE));
            Tensor y = scope.empty(dtype, device, SIZE, SIZE);
            Tensor corner = scope.own(y.rows(0, 1));
            double best = Double.POSITIVE_INFINITY;
            long end = System.nanoTime() + NANOS;
            for (int i = 0; i < AT_LEAST || System.nanoTime() < end; i++) {
                long begun = System.nanoTime();
                kernels.linear(x, w, y, Into.OVERWRITE);
                corner.toFloats(); // Waits for a device that computes on its own time.
                best = Math.min(best, (System.nanoTime() - begun) / 1e9);
            }
            return 2.0 * SIZE * SIZE * SIZE / best;
        }
    }
}
