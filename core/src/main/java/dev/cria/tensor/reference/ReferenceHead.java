package dev.cria.tensor.reference;

import static dev.cria.tensor.library.Raw.scalar;
import static dev.cria.tensor.library.Raw.type;

import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.HeadLoss.Gradients;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;

/** The head and its loss, a chunk of rows at a time. */
final class ReferenceHead {
    /** Bytes of logits that exist at one time, about. */
    private static final long CHUNK_BYTES = 64L << 20;

    private ReferenceHead() {}

    static void run(Kernels kernels, HeadLoss call) {
        Tensor x = call.x();
        Tensor w = call.w();
        Optional<Gradients> gradients = call.gradients();
        call.overwriteWeightGradient();
        long rows = x.size(0);
        long vocab = w.size(0);
        long chunk = Math.clamp(CHUNK_BYTES / (4 * vocab), 1, rows);
        for (long start = 0; start < rows; start += chunk) {
            long length = Math.min(chunk, rows - start);
            try (var scope = new Scope()) {
                Tensor xs = scope.own(x.rows(start, length));
                Tensor logits = scope.empty(x.dtype(), x.device(), length, vocab);
                kernels.run(new MatrixProduct.Forward(xs, w, logits, Into.OVERWRITE));
                lossAndGradient(
                        logits,
                        scope.own(call.targets().rows(start, length)),
                        scope.own(call.losses().rows(start, length)),
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

    /** Writes the losses and, where gradients are asked for, turns the logits into scale · (share · softmax − one-hot). */
    private static void lossAndGradient(Tensor logits, Tensor targets, Tensor losses, Optional<Gradients> gradients) {
        try (var _ = new PointerScope()) {
            var wide = logits.raw().to(type(logits.dtype().accumulation()));
            var counted = targets.raw()
                    .ne(new org.bytedeco.pytorch.Scalar(HeadLoss.IGNORED))
                    .unsqueeze(1);
            var index =
                    targets.raw().clamp_min(new org.bytedeco.pytorch.Scalar(0L)).unsqueeze(1);
            var logSum = wide.logsumexp(new long[] {-1}, true);
            var loss = logSum.sub(wide.gather(1, index)).mul(counted);
            losses.raw().copy_(loss.flatten());
            if (gradients.isPresent()) {
                var share = logSum.mul(scalar(2 * gradients.get().zLoss())).add(scalar(1.0));
                var gradient = wide.sub(logSum).exp().mul(share);
                gradient.scatter_add_(
                        1, index, counted.to(gradient.scalar_type()).neg());
                logits.raw()
                        .copy_(gradient.mul(counted).mul(scalar(gradients.get().scale())));
            }
        }
    }
}
