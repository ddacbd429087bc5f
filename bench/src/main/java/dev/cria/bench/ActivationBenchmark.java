package dev.cria.bench;

import dev.cria.tensor.Activation;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** SwiGLU on the two halves of one product, as LLaMA has it, and GELU, with their gradients. */
public class ActivationBenchmark extends KernelBenchmark {
    /** Rows and width of the feed-forward. */
    @Param({"4096x704", "1024x3072"})
    public String shape = "1024x3072";

    private Kernels kernels;
    private Tensor y;
    private Tensor gate;
    private Tensor up;
    private Tensor dgate;
    private Tensor dup;

    @Setup
    public void prepare(KernelState state) {
        int[] sizes = KernelState.sizes(shape);
        kernels = state.kernels();
        Tensor gateUp = state.tensor(sizes[0], 2 * sizes[1]);
        Tensor gradient = state.tensor(sizes[0], 2 * sizes[1]);
        y = state.tensor(sizes[0], sizes[1]);
        gate = state.own(gateUp.narrow(1, 0, sizes[1]));
        up = state.own(gateUp.narrow(1, sizes[1], sizes[1]));
        dgate = state.own(gradient.narrow(1, 0, sizes[1]));
        dup = state.own(gradient.narrow(1, sizes[1], sizes[1]));
    }

    @Benchmark
    public void swiGlu() {
        kernels.run(new Activation.SwiGlu(gate, up, y));
    }

    @Benchmark
    public void swiGluGradient() {
        kernels.run(new Activation.SwiGluGradient(y, gate, up, dgate, dup));
    }

    @Benchmark
    public void gelu() {
        kernels.run(new Activation.Gelu(gate, y));
    }

    @Benchmark
    public void geluGradient() {
        kernels.run(new Activation.GeluGradient(y, gate, dgate));
    }
}
