package dev.cria.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Numbers for kernels under test, the same numbers in float64 for the reference, and the comparison of the two. */
public final class KernelCheck implements AutoCloseable {
    public final Scope scope = new Scope();
    public final Kernels fast;
    public final Kernels exact = Kernels.of(Device.CPU, Kernels.Choice.REFERENCE);
    private final Device device;
    private final Random random = new Random(7);

    /** For the kernels of this processor. */
    public KernelCheck() {
        this(Device.CPU, Kernels.of(Device.CPU, Kernels.Choice.AUTO));
    }

    /** @param device where the kernels under test compute; the reference is always the processor's */
    public KernelCheck(Device device, Kernels fast) {
        this.device = device;
        this.fast = fast;
    }

    /** Normally distributed numbers, rounded to the type. */
    public Tensor random(DType dtype, long... shape) {
        Tensor made = scope.empty(dtype, device, shape);
        try (Tensor wide = Tensor.empty(DType.FLOAT32, Device.CPU, shape)) {
            MemorySegment memory = wide.segment();
            for (long i = 0; i < wide.elements(); i++) {
                memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
            }
            made.copyFrom(wide);
        }
        return made;
    }

    /** Random whole numbers below a bound. */
    public Tensor ids(int bound, long... shape) {
        return there(Tensor.of(
                random.ints(0, bound).limit(count(shape)).asLongStream().toArray(), shape));
    }

    /** Columns of a wider tensor, as the parts of a split value are. */
    public Tensor columns(DType dtype, long rows, long width) {
        Tensor wide = random(dtype, rows, width + 8);
        return scope.own(wide.narrow(1, 4, width));
    }

    /** Undefined memory, of NaN so that whatever is not written shows. */
    public Tensor unwritten(DType dtype, long... shape) {
        Tensor made = Tensor.empty(dtype, Device.CPU, shape);
        made.segment().fill((byte) 0xFF);
        return there(made);
    }

    /** The same numbers in float64, for the reference. */
    public Tensor wide(Tensor x) {
        try (Tensor host = x.to(Device.CPU)) {
            return scope.own(host.to(DType.FLOAT64));
        }
    }

    /** A tensor of the processor, on the device. */
    public Tensor there(Tensor host) {
        return scope.own(device.isCpu() ? host : moved(host));
    }

    private Tensor moved(Tensor host) {
        try (host) {
            return host.to(device);
        }
    }

    private static long count(long... shape) {
        long product = 1;
        for (long size : shape) {
            product *= size;
        }
        return product;
    }

    public Tensor wide(long... shape) {
        return scope.own(Tensor.zeros(DType.FLOAT64, Device.CPU, shape));
    }

    /**
     * Fails unless each number is within one rounding to its type, twice over, and float32's rounding of sums of
     * {@code length} terms as large as the largest result.
     */
    public static void close(String what, Tensor ours, Tensor exact, long length) {
        double[] a = doubles(ours);
        double[] e = doubles(exact);
        if (a.length != e.length) {
            throw new AssertionError(what + ": " + a.length + " numbers, expected " + e.length);
        }
        double largest = 0;
        for (double x : e) {
            largest = Math.max(largest, Math.abs(x));
        }
        double unit =
                switch (ours.dtype()) {
                    case BFLOAT16 -> 0x1p-8;
                    case FLOAT16 -> 0x1p-11;
                    default -> 0x1p-24;
                };
        for (int i = 0; i < a.length; i++) {
            double allowed = 2 * unit * Math.abs(e[i]) + 0x1p-22 * Math.sqrt(length) * Math.max(largest, 1e-6);
            if (!(Math.abs(a[i] - e[i]) <= allowed)) {
                throw new AssertionError("%s: element %d is %.9g, exactly it is %.9g, allowed %.2g"
                        .formatted(what, i, a[i], e[i], allowed));
            }
        }
    }

    /** The same with a stated part of the largest result allowed, for what passes through rounded intermediates. */
    public static void near(String what, Tensor ours, Tensor exact, double part) {
        double[] a = doubles(ours);
        double[] e = doubles(exact);
        double largest = 1e-6;
        for (double x : e) {
            largest = Math.max(largest, Math.abs(x));
        }
        for (int i = 0; i < a.length; i++) {
            if (!(Math.abs(a[i] - e[i]) <= part * largest)) {
                throw new AssertionError("%s: element %d is %.9g, exactly it is %.9g, allowed %.2g"
                        .formatted(what, i, a[i], e[i], part * largest));
            }
        }
    }

    private static double[] doubles(Tensor x) {
        try (Tensor host = x.to(Device.CPU);
                Tensor wide = host.to(DType.FLOAT64)) {
            return wide.segment().toArray(ValueLayout.JAVA_DOUBLE);
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
