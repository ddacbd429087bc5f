package dev.cria.bench;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Causal attention and its gradient, at the heads of nano and llama-124m. */
public class AttentionBenchmark extends KernelBenchmark {
    /** Batch, positions, heads, key-value heads and width of a head. */
    @Param({"16x256x8x4x32", "4x256x12x12x64", "2x1024x12x12x64"})
    public String shape = "4x256x12x12x64";

    private Kernels kernels;
    private AttentionShape sizes;
    private Tensor q;
    private Tensor k;
    private Tensor v;
    private Tensor out;
    private Tensor lse;
    private Tensor dq;
    private Tensor dk;
    private Tensor dv;

    @Setup
    public void prepare(KernelState state) {
        int[] s = KernelState.sizes(shape);
        sizes = new AttentionShape(s[0], s[1], s[1], s[2], s[3], s[4]);
        long rows = (long) s[0] * s[1];
        long width = (long) s[2] * s[4];
        long kvWidth = (long) s[3] * s[4];
        kernels = state.kernels();
        q = state.tensor(rows, width);
        k = state.tensor(rows, kvWidth);
        v = state.tensor(rows, kvWidth);
        out = state.tensor(rows, width);
        lse = state.zeros(DType.FLOAT32, s[0], s[2], s[1]);
        dq = state.tensor(rows, width);
        dk = state.tensor(rows, kvWidth);
        dv = state.tensor(rows, kvWidth);
        forward();
    }

    @Benchmark
    public void forward() {
        kernels.run(new DotProductAttention.Forward(sizes, q, k, v, Optional.empty(), out, lse));
    }

    @Benchmark
    public void gradient() {
        kernels.run(new DotProductAttention.Gradient(sizes, q, q, k, v, Optional.empty(), out, lse, dq, dk, dv));
    }
}
