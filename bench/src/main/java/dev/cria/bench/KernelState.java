package dev.cria.bench;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Kernels.Choice;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Kernels and tensors of a benchmark; tensors hold small numbers. */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
public class KernelState {
    @Param({"AUTO", "REFERENCE"})
    public Choice kernels = Choice.AUTO;

    @Param({"BFLOAT16", "FLOAT32"})
    public DType dtype = DType.BFLOAT16;

    private final Scope scope = new Scope();

    public Kernels kernels() {
        return Kernels.of(Device.CPU, kernels);
    }

    /** Numbers between −1 and 1 in the benchmark's type. */
    public Tensor tensor(long... shape) {
        return tensor(dtype, shape);
    }

    public Tensor tensor(DType type, long... shape) {
        long elements = 1;
        for (long size : shape) {
            elements *= size;
        }
        float[] numbers = new float[Math.toIntExact(elements)];
        // Nothing regular: products of patterns grow so large that a softmax has numbers below the normal ones in it.
        var random = new SplittableRandom(1);
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextDouble(-1, 1);
        }
        try (Tensor wide = Tensor.of(numbers, shape)) {
            return scope.own(wide.to(type));
        }
    }

    /** A number over and over in float32. */
    public Tensor filled(float number, int count) {
        float[] numbers = new float[count];
        Arrays.fill(numbers, number);
        return scope.own(Tensor.of(numbers, count));
    }

    /** Token ids or positions below a limit, far from one another. */
    public Tensor ids(int count, int limit) {
        long[] ids = new long[count];
        for (int i = 0; i < count; i++) {
            ids[i] = i * 7919L % limit;
        }
        return scope.own(Tensor.of(ids, count));
    }

    /** The numbers of a shape such as {@code 1024x768}. */
    public static int[] sizes(String shape) {
        return Stream.of(shape.split("x")).mapToInt(Integer::parseInt).toArray();
    }

    public Tensor zeros(DType type, long... shape) {
        return scope.own(Tensor.zeros(type, Device.CPU, shape));
    }

    public Tensor own(Tensor tensor) {
        return scope.own(tensor);
    }

    @TearDown(Level.Trial)
    public void close() {
        scope.close();
    }
}
