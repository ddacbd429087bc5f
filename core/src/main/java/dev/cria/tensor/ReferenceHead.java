package dev.cria.tensor;

import static dev.cria.tensor.Raw.scalar;
import static dev.cria.tensor.Raw.type;

import dev.cria.tensor.Kernels.HeadGradients;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;

/** The head and its loss, a chunk of rows at a time. */
final class ReferenceHead {
    /** Bytes of logits that exist at one time, about. */
    private static final long CHUNK_BYTES = 64L << 20;

    private ReferenceHead() {}

    static void run(
            Kernels kernels, Tensor x, Tensor w, Tensor targets, Tensor losses, Optional<HeadGradients> gradients) {
        long rows = x.size(0);
        long vocab = w.size(0);
        long chunk = Math.clamp(CHUNK_BYTES / (4 * vocab), 1, rows);
        for (long start = 0; start < rows; start += chunk) {
            long length = Math.min(chunk, rows - start);
            try (var scope = new Scope()) {
                Tensor xs = scope.own(x.rows(start, length));
                Tensor logits = scope.empty(x.dtype(), x.device(), length, vocab);
                kernels.linear(xs, w, logits, Into.OVERWRITE);
                lossAndGradient(
                        logits,
                        scope.own(targets.rows(start, length)),
                        scope.own(losses.rows(start, length)),
                        gradients.map(HeadGradients::scale));
                if (gradients.isPresent()) {
                    Tensor dx = scope.own(gradients.get().dx().rows(start, length));
                    kernels.linearInputGradient(logits, w, dx, Into.OVERWRITE);
                    gradients.get().dw().ifPresent(dw -> kernels.linearWeightGradient(logits, xs, dw, Into.ACCUMULATE));
                }
            }
        }
    }

    /** Writes the losses and, where a scale is given, turns the logits into scale · (softmax − one-hot). */
    private static void lossAndGradient(Tensor logits, Tensor targets, Tensor losses, Optional<Double> scale) {
        try (var _ = new PointerScope()) {
            var wide = logits.raw().to(type(logits.dtype().accumulation()));
            var counted = targets.raw()
                    .ne(new org.bytedeco.pytorch.Scalar(Kernels.IGNORED))
                    .unsqueeze(1);
            var index =
                    targets.raw().clamp_min(new org.bytedeco.pytorch.Scalar(0L)).unsqueeze(1);
            var logSum = wide.logsumexp(new long[] {-1}, true);
            var loss = logSum.sub(wide.gather(1, index)).mul(counted);
            losses.raw().copy_(loss.flatten());
            if (scale.isPresent()) {
                var gradient = wide.sub(logSum).exp();
                gradient.scatter_add_(
                        1, index, counted.to(gradient.scalar_type()).neg());
                logits.raw().copy_(gradient.mul(counted).mul(scalar(scale.get())));
            }
        }
    }
}
