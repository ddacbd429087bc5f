package dev.cria.tensor;

import java.util.Optional;

/**
 * The language model's head and its loss: losses[i] = logΣexp(x[i]·wᵀ) − (x[i]·wᵀ)[targets[i]], computed a chunk of rows
 * at a time so that [rows, vocab] logits never all exist. With gradients asked for, those of {@code scale · Σ (losses[i] +
 * zLoss · logΣexp(x[i]·wᵀ)²)} are formed in the same pass.
 *
 * @param x [rows, hidden]; {@code w [vocab, hidden]}
 * @param targets [rows] int64; a row whose target is {@link #IGNORED} has loss 0 and no gradient
 * @param losses [rows] in the accumulation type, written
 */
public record HeadLoss(Tensor x, Tensor w, Tensor targets, Tensor losses, Optional<Gradients> gradients)
        implements Call {
    /** The target that no loss is taken of. */
    public static final long IGNORED = -100;

    /**
     * Which gradients, and where they go.
     *
     * @param zLoss weight of the squared log-normalizer, which keeps logits from drifting (Chowdhery et al. 2022, section
     *     5); the losses written do not contain it
     * @param dx [rows, hidden], overwritten
     * @param dw [vocab, hidden]; none where the head is frozen
     * @param into whether dw is overwritten or added to
     */
    public record Gradients(double scale, double zLoss, Tensor dx, Optional<Tensor> dw, Into into) {
        public Gradients(double scale, Tensor dx, Optional<Tensor> dw, Into into) {
            this(scale, 0, dx, dw, into);
        }

        /** What the probabilities are multiplied with in a row's gradient: 1 without the z-loss. */
        public double share(double logSum) {
            return 1 + 2 * zLoss * logSum;
        }
    }

    public HeadLoss {
        if (x.size(1) != w.size(1)) {
            throw new ShapeException("no logits of " + x + " and " + w);
        }
        ShapeException.requireElements(targets, x.size(0));
        ShapeException.requireElements(losses, x.size(0));
        gradients.ifPresent(g -> {
            ShapeException.requireSameShape(x, g.dx());
            g.dw().ifPresent(dw -> ShapeException.requireSameShape(w, dw));
        });
    }

    /** Clears the head's gradient if it is to be overwritten, so that chunks can add to it. */
    public void overwriteWeightGradient() {
        gradients.filter(g -> g.into() == Into.OVERWRITE).flatMap(Gradients::dw).ifPresent(Tensor::zero);
    }

    @Override
    public Kind kind() {
        return Kind.HEAD_AND_LOSS;
    }

    @Override
    public Work work() {
        double logits = (double) x.size(0) * w.size(0);
        double product = 2 * logits * x.size(1);
        double logitBytes = logits * x.dtype().bytes();
        Work forward = Work.moving(product + 4 * logits, x, w, targets, losses).plus(new Work(0, 2 * logitBytes));
        return gradients
                .map(g -> forward.plus(Work.moving(product + logits, w, g.dx()))
                        .plus(g.dw().map(dw -> Work.moving(product, x, dw)
                                        .plus(Work.into(g.into(), dw))
                                        .plus(new Work(0, logitBytes)))
                                .orElse(Work.NONE))
                        .plus(new Work(0, 2 * logitBytes)))
                .orElse(forward);
    }
}
