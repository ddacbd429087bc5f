package dev.cria.tensor;

import dev.cria.tensor.cpu.CpuHead;
import dev.cria.tensor.cpu.CpuKernels;
import dev.cria.tensor.cuda.CudaHead;
import dev.cria.tensor.cuda.CudaKernels;
import dev.cria.tensor.reference.ReferenceKernels;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * What runs the computations of training. Nothing is returned, nothing allocated for keeps; temporaries are freed before
 * {@link #run} returns. {@link ReferenceKernels} computes each {@link Call} plainly; the faster ones are tested against it.
 */
public interface Kernels {

    /** The name under which a run records which kernels it used. */
    String name();

    void run(Call call);

    /**
     * Runs pieces of work that have nothing to do with each other: side by side, one a thread, where that is faster than
     * one after another with all threads in each.
     */
    default void runApart(int pieces, IntConsumer piece) {
        IntStream.range(0, pieces).forEach(piece);
    }

    /** Σ x², in float64 and in an order that depends on the size alone. */
    double sumOfSquares(Tensor x);

    /**
     * The kernels for a device.
     *
     * @param choice {@code auto}: the fastest for the device and CPU features whose every sum has a fixed order;
     *     {@code fastest}: the fastest, though a GPU's sums may then differ in rounding from run to run;
     *     {@code reference}: the plain ones
     */
    static Kernels of(Device device, Choice choice) {
        Kernels reference = new ReferenceKernels();
        return switch (choice) {
            case REFERENCE -> reference;
            case AUTO, FASTEST ->
                device.isCpu() ? new CpuKernels(reference) : CudaKernels.on(device, reference, choice);
        };
    }

    /** Bytes of logits that a {@link HeadLoss} has at one time on a device, at most, unless a row is longer. */
    static long headBytes(Device device) {
        return device.isCpu() ? CpuHead.CHUNK_BYTES : CudaHead.CHUNK_BYTES;
    }

    /** The configuration key {@code kernels}. */
    enum Choice {
        AUTO,
        FASTEST,
        REFERENCE
    }
}
