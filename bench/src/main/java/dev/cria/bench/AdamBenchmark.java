package dev.cria.bench;

import dev.cria.tensor.AdamStep;
import dev.cria.tensor.AdamUpdate;
import dev.cria.tensor.DType;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.QuantizedMoments;
import dev.cria.tensor.Tensor;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** AdamW with its moments in float32 and in 8 bits, and the gradient's norm; the gradient is in the benchmark's type. */
public class AdamBenchmark extends KernelBenchmark {
    private static final AdamStep STEP = new AdamStep(1e-4, 0.9, 0.95, 1e-8, 0.1, 1, 10);

    /** Numbers of a tensor: a layer of nano, the head of llama-124m. */
    @Param({"360448", "38633472"})
    public int elements = 360448;

    /** What the moments begin with: numbers below the normal ones take the processor many times as long. */
    @Param({"1e-3", "1e-41"})
    public float moment = 1e-3f;

    private Kernels kernels;
    private Tensor w;
    private Tensor gradient;
    private Tensor m;
    private Tensor v;
    private QuantizedMoments mean;
    private QuantizedMoments square;
    private Optional<Tensor> copy = Optional.empty();

    @Setup
    public void prepare(KernelState state) {
        kernels = state.kernels();
        w = state.tensor(DType.FLOAT32, elements);
        gradient = state.zeros(state.dtype, elements);
        m = state.filled(moment, elements);
        v = state.filled(moment, elements);
        mean = quantized(state);
        square = quantized(state);
        copy = Optional.of(state.zeros(DType.BFLOAT16, elements));
    }

    private QuantizedMoments quantized(KernelState state) {
        return new QuantizedMoments(
                state.zeros(DType.INT8, elements), state.zeros(DType.FLOAT32, QuantizedMoments.blocks(elements)));
    }

    @Benchmark
    public void adamW() {
        kernels.run(new AdamUpdate.Full(w, gradient, m, v, STEP, copy));
    }

    @Benchmark
    public void adamW8() {
        kernels.run(new AdamUpdate.Quantized(w, gradient, mean, square, STEP, copy));
    }

    @Benchmark
    public double sumOfSquares() {
        return kernels.sumOfSquares(gradient);
    }
}
