package dev.cria.bench;

import dev.cria.tensor.DType;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Residual sums, and biases with their gradient. */
public class ElementwiseBenchmark extends KernelBenchmark {
    /** Rows and width. */
    @Param({"4096x256", "1024x768"})
    public String shape = "1024x768";

    private Kernels kernels;
    private Tensor x;
    private Tensor y;
    private Tensor b;
    private Tensor db;

    @Setup
    public void prepare(KernelState state) {
        int[] sizes = KernelState.sizes(shape);
        kernels = state.kernels();
        x = state.zeros(state.dtype, sizes[0], sizes[1]);
        y = state.tensor(sizes[0], sizes[1]);
        b = state.zeros(DType.FLOAT32, sizes[1]);
        db = state.zeros(DType.FLOAT32, sizes[1]);
    }

    @Benchmark
    public void add() {
        kernels.run(new Elementwise.Add(x, y));
    }

    @Benchmark
    public void addBias() {
        kernels.run(new Elementwise.AddBias(y, b));
    }

    @Benchmark
    public void biasGradient() {
        kernels.run(new Elementwise.BiasGradient(y, db));
    }
}
