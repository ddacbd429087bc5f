package dev.cria.tensor.cuda;

import dev.cria.tensor.DType;
import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.HeadLoss.Gradients;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import java.util.Optional;

/** The head and its loss on CUDA, a chunk of rows at a time; the gradient replaces the logits where they lie. */
public final class CudaHead {
    /**
     * Bytes of logits that exist at one time, about. Each chunk reads and writes the gradient of the whole head, which a
     * GPU does in the time that it takes to multiply a few hundred rows.
     */
    public static final long CHUNK_BYTES = 512L << 20;

    private static final int THREADS = 1024;

    /** Rows of a chunk are a multiple of this, which matrix products like. */
    private static final long ROWS = 128;

    private final CudaLauncher launcher;

    CudaHead(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    /** Rows of a chunk: all chunks but the last are of one size, and none is much smaller than it need be. */
    static long chunk(long rows, long vocab, DType type) {
        long most = Math.max(1, CHUNK_BYTES / (vocab * type.bytes()));
        long chunks = (rows + most - 1) / most;
        long even = (rows + chunks - 1) / chunks;
        return Math.min(rows, (even + ROWS - 1) / ROWS * ROWS);
    }

    void run(Kernels kernels, HeadLoss call) {
        Tensor x = call.x();
        Tensor w = call.w();
        Optional<Gradients> gradients = call.gradients();
        call.overwriteWeightGradient();
        long rows = x.size(0);
        long vocab = w.size(0);
        long chunk = chunk(rows, vocab, x.dtype());
        try (Tensor buffer = Tensor.empty(x.dtype(), x.device(), chunk, vocab)) {
            for (long start = 0; start < rows; start += chunk) {
                long length = Math.min(chunk, rows - start);
                try (var scope = new Scope()) {
                    Tensor xs = scope.own(x.rows(start, length));
                    Tensor logits = scope.own(buffer.rows(0, length));
                    kernels.run(new MatrixProduct.Forward(xs, w, logits, Into.OVERWRITE));
                    lossAndGradient(
                            Matrix.of(logits),
                            Matrix.flat(scope.own(call.targets().rows(start, length))),
                            Matrix.flat(scope.own(call.losses().rows(start, length))),
                            gradients);
                    if (gradients.isPresent()) {
                        Tensor dx = scope.own(gradients.get().dx().rows(start, length));
                        kernels.run(new MatrixProduct.InputGradient(logits, w, dx, Into.OVERWRITE));
                        gradients
                                .get()
                                .dw()
                                .ifPresent(dw ->
                                        kernels.run(new MatrixProduct.WeightGradient(logits, xs, dw, Into.ACCUMULATE)));
                    }
                }
            }
        }
    }

    private void lossAndGradient(Matrix logits, Matrix targets, Matrix losses, Optional<Gradients> gradients) {
        int vector = Vectors.of(logits.dtype(), logits.width(), logits);
        launcher.launch(
                CudaKernel.of("cross_entropy", "cross_entropy", logits.dtype(), vector),
                logits.rows(),
                CudaLauncher.threads(logits.width(), vector, THREADS),
                0,
                logits.address(),
                logits.stride(),
                targets.address(),
                logits.width(),
                losses.address(),
                gradients.map(Gradients::scale).orElse(0.0).floatValue(),
                gradients.map(Gradients::zLoss).orElse(0.0).floatValue(),
                gradients.isPresent() ? 1L : 0L);
    }
}
