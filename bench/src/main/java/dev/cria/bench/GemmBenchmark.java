package dev.cria.bench;

import dev.cria.tensor.DType;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The three matrix products of a linear layer, at the shapes of nano and llama-124m. */
public class GemmBenchmark extends KernelBenchmark {
    /** Rows, inputs and outputs. */
    @Param({"4096x256x1408", "1024x768x2304", "1024x768x6144", "1024x3072x768"})
    public String shape = "1024x768x2304";

    private Kernels kernels;
    private Tensor x;
    private Tensor w;
    private Tensor y;
    private Tensor dx;
    private Tensor dw;

    @Setup
    public void prepare(KernelState state) {
        int[] sizes = KernelState.sizes(shape);
        kernels = state.kernels();
        x = state.tensor(sizes[0], sizes[1]);
        w = state.tensor(sizes[2], sizes[1]);
        y = state.tensor(sizes[0], sizes[2]);
        dx = state.tensor(sizes[0], sizes[1]);
        dw = state.zeros(DType.FLOAT32, sizes[2], sizes[1]);
    }

    @Benchmark
    public void forward() {
        kernels.run(new MatrixProduct.Forward(x, w, y, Into.OVERWRITE));
    }

    @Benchmark
    public void inputGradient() {
        kernels.run(new MatrixProduct.InputGradient(y, w, dx, Into.OVERWRITE));
    }

    @Benchmark
    public void weightGradient() {
        kernels.run(new MatrixProduct.WeightGradient(y, x, dw, Into.ACCUMULATE));
    }
}
