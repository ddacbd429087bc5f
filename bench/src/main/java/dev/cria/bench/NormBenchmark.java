package dev.cria.bench;

import dev.cria.tensor.DType;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Norm;
import dev.cria.tensor.Tensor;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** RMSNorm and LayerNorm with their gradients, at the widths of nano and llama-124m. */
public class NormBenchmark extends KernelBenchmark {
    private static final double EPS = 1e-5;

    /** Rows and width. */
    @Param({"4096x256", "1024x768"})
    public String shape = "1024x768";

    private Kernels kernels;
    private Tensor x;
    private Tensor y;
    private Tensor dx;
    private Tensor w;
    private Tensor b;
    private Tensor dw;
    private Tensor db;
    private Tensor mean;
    private Tensor r;

    @Setup
    public void prepare(KernelState state) {
        int[] sizes = KernelState.sizes(shape);
        kernels = state.kernels();
        x = state.tensor(sizes[0], sizes[1]);
        y = state.tensor(sizes[0], sizes[1]);
        dx = state.tensor(sizes[0], sizes[1]);
        w = state.tensor(DType.FLOAT32, sizes[1]);
        b = state.tensor(DType.FLOAT32, sizes[1]);
        dw = state.zeros(DType.FLOAT32, sizes[1]);
        db = state.zeros(DType.FLOAT32, sizes[1]);
        mean = state.zeros(DType.FLOAT32, sizes[0]);
        r = state.zeros(DType.FLOAT32, sizes[0]);
    }

    @Benchmark
    public void rmsNorm() {
        kernels.run(new Norm.Rms(x, w, EPS, y, r));
    }

    @Benchmark
    public void rmsNormGradient() {
        kernels.run(new Norm.RmsGradient(y, x, w, r, dx, Into.OVERWRITE, Optional.of(dw)));
    }

    @Benchmark
    public void layerNorm() {
        kernels.run(new Norm.Layer(x, w, b, EPS, y, mean, r));
    }

    @Benchmark
    public void layerNormGradient() {
        kernels.run(new Norm.LayerGradient(y, x, w, mean, r, dx, Into.OVERWRITE, Optional.of(dw), Optional.of(db)));
    }
}
