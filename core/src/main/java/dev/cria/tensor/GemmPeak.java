package dev.cria.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** How many floating-point operations a second this machine's matrix products reach: what utilisation is a share of. */
public final class GemmPeak {
    private static final long NANOS = 300_000_000;
    private static final int AT_LEAST = 40;

    private GemmPeak() {}

    /**
     * What is multiplied on a kind of device.
     *
     * @param size of the square matrices: large enough to keep the device busy
     * @param products asked for before the device is waited for, so that the waiting does not count
     */
    private record Trial(int size, int products) {
        static Trial on(Device device) {
            return device.isCpu() ? new Trial(1024, 1) : new Trial(8192, 8);
        }
    }

    /** What is multiplied on a device: {@code 1024 × 1024 × 1024}. */
    public static String product(Device device) {
        int size = Trial.on(device).size();
        return size + " × " + size + " × " + size;
    }

    /** Operations a second of the best square products of those that fit in a moment, once the code is warm. */
    public static double measure(Kernels kernels, DType dtype, Device device) {
        Trial trial = Trial.on(device);
        int size = trial.size();
        try (var scope = new Scope()) {
            Tensor x = scope.own(random(dtype, device, size));
            Tensor w = scope.own(random(dtype, device, size));
            Tensor y = scope.empty(dtype, device, size, size);
            Tensor corner = scope.own(y.rows(0, 1));
            double best = Double.POSITIVE_INFINITY;
            int least = AT_LEAST / trial.products();
            long end = System.nanoTime() + NANOS;
            for (int i = 0; i < least || System.nanoTime() < end; i++) {
                long begun = System.nanoTime();
                for (int j = 0; j < trial.products(); j++) {
                    kernels.linear(x, w, y, Into.OVERWRITE);
                }
                corner.toFloats(); // Waits for a device that computes on its own time.
                best = Math.min(best, (System.nanoTime() - begun) / 1e9 / trial.products());
            }
            return 2.0 * size * size * size / best;
        }
    }

    /** Numbers of both signs, the same every time: a GPU multiplies zeros faster, for want of power drawn. */
    private static Tensor random(DType dtype, Device device, int size) {
        var random = new SplittableRandom(1);
        try (Tensor row = Tensor.empty(DType.FLOAT32, Device.CPU, size, size)) {
            MemorySegment memory = row.segment();
            for (long i = 0; i < row.elements(); i++) {
                memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
            }
            try (Tensor there = row.to(device)) {
                return there.to(dtype);
            }
        }
    }
}
