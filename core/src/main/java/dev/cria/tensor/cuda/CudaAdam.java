package dev.cria.tensor.cuda;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.cria.tensor.AdamStep;
import dev.cria.tensor.AdamUpdate;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.QuantizedMoments;
import dev.cria.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.stream.Stream;

/** AdamW and the gradient's norm on CUDA. */
final class CudaAdam {
    /** Blocks that share a sum of squares, at most. */
    private static final long MOST_BLOCKS = 1024;

    private final CudaLauncher launcher;

    CudaAdam(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    void step(AdamUpdate.Full call) {
        var w = Matrix.flat(call.w());
        var gradient = Matrix.flat(call.gradient());
        var m = Matrix.flat(call.m());
        var v = Matrix.flat(call.v());
        Optional<Matrix> copy = call.copy().map(Matrix::flat);
        int vector = Vectors.of(
                gradient.dtype(),
                w.width(),
                Stream.concat(Stream.of(w, gradient, m, v), copy.stream()).toArray(Matrix[]::new));
        long each = (long) CudaLauncher.THREADS * vector;
        launcher.launch(
                CudaKernel.of("adam", "adam", gradient.dtype(), copyType(copy), vector),
                (w.width() + each - 1) / each,
                CudaLauncher.THREADS,
                0,
                with(call.step(), w.address(), gradient.address(), m.address(), v.address(), address(copy), w.width()));
    }

    void step8(AdamUpdate.Quantized call) {
        var w = Matrix.flat(call.w());
        var gradient = Matrix.flat(call.gradient());
        QuantizedMoments m = call.m();
        QuantizedMoments v = call.v();
        Optional<Matrix> copy = call.copy().map(Matrix::flat);
        launcher.launch(
                CudaKernel.of("adam", "adam8", gradient.dtype(), copyType(copy), 1),
                QuantizedMoments.blocks(w.width()),
                QuantizedMoments.BLOCK,
                0,
                with(
                        call.step(),
                        w.address(),
                        gradient.address(),
                        m.codes().address(),
                        m.scales().address(),
                        v.codes().address(),
                        v.scales().address(),
                        address(copy),
                        w.width()));
    }

    private static DType copyType(Optional<Matrix> copy) {
        return copy.map(Matrix::dtype).orElse(DType.FLOAT32);
    }

    private static long address(Optional<Matrix> copy) {
        return copy.map(Matrix::address).orElse(0L);
    }

    /** The arguments, and behind them the numbers of the step in the order of the file's {@code STEP}. */
    private static Number[] with(AdamStep step, Number... arguments) {
        Number[] numbers = {
            (float) step.gradientScale(),
            (float) (1 - step.learningRate() * step.weightDecay()),
            (float) step.beta1(),
            (float) step.beta2(),
            (float) step.eps(),
            (float) (step.learningRate() / step.biasCorrection1()),
            (float) step.biasCorrection2()
        };
        return Stream.concat(Stream.of(arguments), Stream.of(numbers)).toArray(Number[]::new);
    }

    /** Waits for the result. */
    double sumOfSquares(Matrix x, Device device) {
        int vector = Vectors.of(x.dtype(), x.width(), x);
        long each = (long) CudaLauncher.THREADS * vector;
        long blocks = Math.clamp((x.width() + each - 1) / each, 1, MOST_BLOCKS);
        try (Tensor shares = Tensor.empty(DType.FLOAT64, device, blocks);
                Tensor sum = Tensor.empty(DType.FLOAT64, device, 1);
                Arena arena = Arena.ofConfined()) {
            launcher.launch(
                    CudaKernel.of("squares", "squares", x.dtype(), vector),
                    blocks,
                    CudaLauncher.THREADS,
                    0,
                    x.address(),
                    x.width(),
                    shares.address());
            launcher.launch(
                    CudaKernel.of("squares", "sum_shares", DType.FLOAT32, 1),
                    1,
                    CudaLauncher.THREADS,
                    0,
                    shares.address(),
                    blocks,
                    sum.address());
            MemorySegment result = arena.allocate(JAVA_DOUBLE);
            sum.copyTo(result);
            return result.get(JAVA_DOUBLE, 0);
        }
    }
}
