package dev.cria.bench;

import dev.cria.tensor.DType;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.TokenEmbedding;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Looking tokens up, and adding their gradients to the table. */
public class EmbeddingBenchmark extends KernelBenchmark {
    /** Rows, width and vocabulary. */
    @Param({"4096x256x4096", "1024x768x50304"})
    public String shape = "1024x768x50304";

    private Kernels kernels;
    private Tensor table;
    private Tensor ids;
    private Tensor out;
    private Tensor dtable;

    @Setup
    public void prepare(KernelState state) {
        int[] sizes = KernelState.sizes(shape);
        kernels = state.kernels();
        table = state.tensor(sizes[2], sizes[1]);
        ids = state.ids(sizes[0], sizes[2]);
        out = state.tensor(sizes[0], sizes[1]);
        dtable = state.zeros(DType.FLOAT32, sizes[2], sizes[1]);
    }

    @Benchmark
    public void embedding() {
        kernels.run(new TokenEmbedding.Lookup(table, ids, out));
    }

    @Benchmark
    public void embeddingGradient() {
        kernels.run(new TokenEmbedding.Gradient(out, ids, dtable));
    }
}
