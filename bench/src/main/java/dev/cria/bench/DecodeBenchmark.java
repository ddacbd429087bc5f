package dev.cria.bench;

import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Products of the one or few rows that are decoded at a time, where reading the weights sets the speed. */
public class DecodeBenchmark extends KernelBenchmark {
    /** Rows, inputs and outputs. */
    @Param({"1x768x2304", "1x3072x768", "1x768x50304", "4x768x50304"})
    public String shape = "1x768x50304";

    private Kernels kernels;
    private Tensor x;
    private Tensor w;
    private Tensor y;

    @Setup
    public void prepare(KernelState state) {
        int[] sizes = KernelState.sizes(shape);
        kernels = state.kernels();
        x = state.tensor(sizes[0], sizes[1]);
        w = state.tensor(sizes[2], sizes[1]);
        y = state.tensor(sizes[0], sizes[2]);
    }

    @Benchmark
    public void decode() {
        kernels.run(new MatrixProduct.Forward(x, w, y, Into.OVERWRITE));
    }
}
