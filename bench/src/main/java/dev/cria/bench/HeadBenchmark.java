package dev.cria.bench;

import dev.cria.tensor.DType;
import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The head with its loss alone, as validation has it, and with all gradients. */
public class HeadBenchmark extends KernelBenchmark {
    /** Rows, width and vocabulary. */
    @Param({"4096x256x4096", "1024x768x50304"})
    public String shape = "1024x768x50304";

    private Kernels kernels;
    private Tensor x;
    private Tensor w;
    private Tensor targets;
    private Tensor losses;
    private Optional<HeadLoss.Gradients> gradients = Optional.empty();

    @Setup
    public void prepare(KernelState state) {
        int[] sizes = KernelState.sizes(shape);
        kernels = state.kernels();
        x = state.tensor(sizes[0], sizes[1]);
        w = state.tensor(sizes[2], sizes[1]);
        targets = state.ids(sizes[0], sizes[2]);
        losses = state.zeros(DType.FLOAT32, sizes[0]);
        Tensor dx = state.tensor(sizes[0], sizes[1]);
        Tensor dw = state.zeros(DType.FLOAT32, sizes[2], sizes[1]);
        gradients = Optional.of(new HeadLoss.Gradients(1.0 / sizes[0], dx, Optional.of(dw), Into.ACCUMULATE));
    }

    @Benchmark
    public void loss() {
        kernels.run(new HeadLoss(x, w, targets, losses, Optional.empty()));
    }

    @Benchmark
    public void lossAndGradients() {
        kernels.run(new HeadLoss(x, w, targets, losses, gradients));
    }
}
