package dev.cria.tensor;

import dev.cria.tensor.Product.Form;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/** How many floating-point operations a second this machine's matrix products reach: what utilisation is a share of. */
public final class GemmPeak {
    /** More rows than this say nothing new, and take memory. */
    private static final long MOST_ROWS = 8192;

    private static final long PEAK_ROWS = 2048;
    private static final double ROUND_SECONDS = 0.02;
    private static final double FIRST_SECONDS = 0.2;

    /** Products of each implementation that are measured again until they are warm. */
    private static final int FINALISTS = 2;

    /** As many rounds without a gain end the measuring. */
    private static final int STEADY_ROUNDS = 4;

    private static final int MOST_ROUNDS = 25;
    private static final double WARMING_SECONDS = 3;

    /** Of each product at least one by either implementation, and one that warms it. */
    private static final int CALLS = 3;

    private static final double GAIN = 0.01;

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

        /** For readers: {@code the best matrix product measured here, 2048 × 2048 × 2048, by libtorch}. */
        public String words() {
            return "the best matrix product measured here, " + product.sizes() + ", by "
                    + (kernels >= libtorch ? "Cria's kernels" : "libtorch");
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
     * @param most operations of a product that is tried for the peak
     */
    private record Trial(List<Long> square, int calls, double most) {
        static Trial on(Device device) {
            return device.isCpu()
                    ? new Trial(List.of(1024L, 2048L), 1, 2e10)
                    : new Trial(List.of(4096L, 8192L), 8, 2e12);
        }
    }

    /** Square products of sizes that suit the device. */
    public static List<Product> squares(Device device) {
        return Trial.on(device).square().stream()
                .map(size -> new Product(Form.FORWARD, size, size, size))
                .toList();
    }

    /** The fastest of the square products, once the code is warm. */
    public static Rate measure(Kernels kernels, DType dtype, Device device) {
        return measure(kernels, List.of(), dtype, device, WARMING_SECONDS);
    }

    /**
     * What libtorch's own product of the smallest square reaches. Native code is fast from its second call on, where
     * the kernels run a hundred times slower until the JVM has compiled them.
     */
    public static Rate atOnce(DType dtype, Device device) {
        Product square = squares(device).getFirst();
        try (var scope = new Scope()) {
            var operands = Operands.of(square, dtype, device, scope);
            operands.multiplyByLibtorch();
            int calls = Trial.on(device).calls();
            double seconds = best(operands::multiplyByLibtorch, operands.narrow(), calls, FIRST_SECONDS, scope);
            return new Rate(square, dtype, 0, square.operations() / seconds);
        }
    }

    /**
     * The fastest of the square products and of {@code more}, once the code is warm, or as warm as it becomes in
     * {@code seconds}. Products that would take longer than that alone are left out.
     */
    public static Rate measure(Kernels kernels, Collection<Product> more, DType dtype, Device device, double seconds) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        Set<Product> products = new LinkedHashSet<>(squares(device));
        more.stream()
                .map(product ->
                        new Product(product.form(), Math.min(product.rows(), PEAK_ROWS), product.in(), product.out()))
                .filter(product -> product.operations() <= Trial.on(device).most())
                .forEach(products::add);
        return fastest(
                products,
                product -> measure(kernels, product, dtype, device, ROUND_SECONDS),
                () -> (end - System.nanoTime()) / 1e9);
    }

    /**
     * Measures all once, small ones first, then the fastest few of each implementation again and again until several
     * rounds in a row find none of them faster: the first calls run code that is not compiled yet, on cores whose clock
     * still rises.
     *
     * @param left seconds until the measuring has to end
     */
    static Rate fastest(Collection<Product> products, Trying trying, DoubleSupplier left) {
        Map<Product, Rate> rates = new LinkedHashMap<>();
        double best = Double.POSITIVE_INFINITY;
        for (Product product : sorted(products)) {
            if (rates.isEmpty() || CALLS * product.operations() / best < left.getAsDouble()) {
                rates.put(product, trying.rate(product));
                best = rates.values().stream().mapToDouble(Rate::best).max().orElseThrow();
            }
        }
        int steady = 0;
        for (int round = 0; round < MOST_ROUNDS && steady < STEADY_ROUNDS && left.getAsDouble() > 0; round++) {
            boolean gained = false;
            for (Rate before : finalists(rates.values())) {
                Rate now = before.or(trying.rate(before.product()));
                rates.put(before.product(), now);
                gained |= now.kernels() > before.kernels() * (1 + GAIN)
                        || now.libtorch() > before.libtorch() * (1 + GAIN);
            }
            steady = gained ? 0 : steady + 1;
        }
        return rates.values().stream()
                .max(Comparator.comparingDouble(Rate::best))
                .orElseThrow();
    }

    private static List<Product> sorted(Collection<Product> products) {
        return products.stream()
                .sorted(Comparator.comparingDouble(Product::operations))
                .toList();
    }

    /** Of each implementation, since the one that is slower may only be colder. */
    private static List<Rate> finalists(Collection<Rate> rates) {
        return Stream.<ToDoubleFunction<Rate>>of(Rate::kernels, Rate::libtorch)
                .flatMap(speed -> rates.stream()
                        .sorted(Comparator.comparingDouble(speed).reversed())
                        .limit(FINALISTS))
                .distinct()
                .toList();
    }

    /** One measurement of a product. */
    interface Trying {
        Rate rate(Product product);
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
                case FORWARD -> kernels.run(new MatrixProduct.Forward(a, b, wide, Into.OVERWRITE));
                case INPUT_GRADIENT -> kernels.run(new MatrixProduct.InputGradient(a, b, wide, Into.OVERWRITE));
                case WEIGHT_GRADIENT -> kernels.run(new MatrixProduct.WeightGradient(a, b, wide, Into.OVERWRITE));
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
