package dev.cria.tensor;

import dev.cria.tensor.Product.Form;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/** How many floating-point operations a second this machine's matrix products reach: what utilisation is a share of. */
public final class GemmPeak {
    /** More rows than this say nothing new, and take memory. */
    private static final long MOST_ROWS = 8192;

    private GemmPeak() {}

    /**
     * What a product reaches, in operations a second, at its fastest call.
     *
     * @param kernels by the kernels that train
     * @param libtorch by libtorch's own product into memory that is there
     */
    public record Rate(Product product, DType dtype, double kernels, double libtorch) {
        public double best() {
            return Math.max(kernels, libtorch);
        }

        /** The larger of two measurements of each: a busy moment is no lower peak. */
        public Rate or(Rate other) {
            return new Rate(product, dtype, Math.max(kernels, other.kernels), Math.max(libtorch, other.libtorch));
        }
    }

    /**
     * How a kind of device is measured.
     *
     * @param square sizes of square products, which keep the device busy
     * @param calls asked for before the device is waited for, so that the waiting does not count
     */
    private record Trial(List<Long> square, int calls) {
        static Trial on(Device device) {
            return device.isCpu() ? new Trial(List.of(1024L, 2048L), 1) : new Trial(List.of(4096L, 8192L), 8);
        }
    }

    /** Square products of sizes that suit the device. */
    public static List<Product> squares(Device device) {
        return Trial.on(device).square().stream()
                .map(size -> new Product(Form.FORWARD, size, size, size))
                .toList();
    }

    /** What {@link #measure(Kernels, DType, Device)} multiplies, for readers: {@code square products of 1024 and 2048}. */
    public static String products(Device device) {
        List<Long> square = Trial.on(device).square();
        return "square products of " + square.getFirst() + " and " + square.getLast();
    }

    /** Operations a second of the best of the square products, in about half a second once the code is warm. */
    public static double measure(Kernels kernels, DType dtype, Device device) {
        return squares(device).stream()
                .mapToDouble(
                        square -> measure(kernels, square, dtype, device, 0.12).best())
                .max()
                .orElseThrow();
    }

    /**
     * The best of the calls that fit in {@code seconds}, of each implementation; at least two of each, or one of a
     * product that takes longer.
     */
    public static Rate measure(Kernels kernels, Product product, DType dtype, Device device, double seconds) {
        var measured = new Product(product.form(), Math.min(product.rows(), MOST_ROWS), product.in(), product.out());
        try (var scope = new Scope()) {
            var operands = Operands.of(measured, dtype, device, scope);
            int calls = Trial.on(device).calls();
            double work = measured.operations();
            double ours = work / best(() -> operands.multiply(kernels), operands.wide(), calls, seconds, scope);
            double theirs = work / best(operands::multiplyByLibtorch, operands.narrow(), calls, seconds, scope);
            return new Rate(product, dtype, ours, theirs);
        }
    }

    /** Seconds of the fastest call. */
    private static double best(Runnable call, Tensor result, int calls, double seconds, Scope scope) {
        Tensor corner = scope.own(result.rows(0, 1));
        double best = Double.POSITIVE_INFINITY;
        long end = System.nanoTime() + (long) (seconds * 1e9);
        do {
            long begun = System.nanoTime();
            for (int i = 0; i < calls; i++) {
                call.run();
            }
            corner.toFloats(); // Waits for a device that computes on its own time.
            best = Math.min(best, (System.nanoTime() - begun) / 1e9 / calls);
        } while (System.nanoTime() < end);
        return best;
    }

    /**
     * What a product multiplies. Weight gradients are float32, as the step keeps them, but libtorch multiplies into
     * its operands' type.
     */
    private record Operands(Form form, Tensor a, Tensor b, Tensor wide, Tensor narrow) {

        static Operands of(Product product, DType dtype, Device device, Scope scope) {
            long[] x = {product.rows(), product.in()};
            long[] w = {product.out(), product.in()};
            long[] y = {product.rows(), product.out()};
            return switch (product.form()) {
                case FORWARD -> of(product.form(), x, w, y, dtype, dtype, device, scope);
                case INPUT_GRADIENT -> of(product.form(), y, w, x, dtype, dtype, device, scope);
                case WEIGHT_GRADIENT -> of(product.form(), y, x, w, dtype, dtype.accumulation(), device, scope);
            };
        }

        private static Operands of(
                Form form, long[] a, long[] b, long[] result, DType dtype, DType sums, Device device, Scope scope) {
            Tensor wide = scope.own(Tensor.zeros(sums, device, result));
            Tensor narrow = sums == dtype ? wide : scope.own(Tensor.zeros(dtype, device, result));
            return new Operands(form, random(a, dtype, device, scope), random(b, dtype, device, scope), wide, narrow);
        }

        /** Numbers of both signs, the same every time: a GPU multiplies zeros faster, for want of power drawn. */
        private static Tensor random(long[] shape, DType dtype, Device device, Scope scope) {
            try (Tensor rows = Tensor.empty(DType.FLOAT32, Device.CPU, shape)) {
                MemorySegment memory = rows.segment();
                var random = new SplittableRandom(1);
                long drawn = Math.min(rows.elements(), 1 << 16);
                for (long i = 0; i < drawn; i++) {
                    memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
                }
                // The rest repeats them: drawing each would take longer than multiplying.
                for (long done = 4 * drawn; done < memory.byteSize(); done *= 2) {
                    long length = Math.min(done, memory.byteSize() - done);
                    MemorySegment.copy(memory, 0, memory, done, length);
                }
                try (Tensor there = rows.to(device)) {
                    return scope.own(there.to(dtype));
                }
            }
        }

        void multiply(Kernels kernels) {
            switch (form) {
                case FORWARD -> kernels.linear(a, b, wide, Into.OVERWRITE);
                case INPUT_GRADIENT -> kernels.linearInputGradient(a, b, wide, Into.OVERWRITE);
                case WEIGHT_GRADIENT -> kernels.linearWeightGradient(a, b, wide, Into.OVERWRITE);
            }
        }

        void multiplyByLibtorch() {
            try (var _ = new PointerScope()) {
                switch (form) {
                    case FORWARD -> torch.mm_out(narrow.raw(), a.raw(), b.raw().t());
                    case INPUT_GRADIENT -> torch.mm_out(narrow.raw(), a.raw(), b.raw());
                    case WEIGHT_GRADIENT -> torch.mm_out(narrow.raw(), a.raw().t(), b.raw());
                }
            }
        }
    }
}
