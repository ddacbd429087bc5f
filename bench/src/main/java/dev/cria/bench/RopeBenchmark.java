package dev.cria.bench;

import dev.cria.tensor.DType;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.RotaryEmbedding;
import dev.cria.tensor.RotaryEmbedding.Direction;
import dev.cria.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Rotary positions in place, on the queries of nano and llama-124m. */
public class RopeBenchmark extends KernelBenchmark {
    /** Rows, heads and width of a head. */
    @Param({"4096x8x32", "1024x12x64"})
    public String shape = "1024x12x64";

    private Kernels kernels;
    private Tensor x;
    private Tensor table;
    private Tensor positions;

    @Setup
    public void prepare(KernelState state) {
        int[] sizes = KernelState.sizes(shape);
        kernels = state.kernels();
        x = state.tensor(sizes[0], sizes[1] * sizes[2]);
        table = state.tensor(DType.FLOAT32, 256, 2, sizes[2] / 2);
        positions = state.ids(sizes[0], 256);
    }

    @Benchmark
    public void rope() {
        kernels.run(new RotaryEmbedding(x, table, positions, Direction.FORWARD));
    }
}
