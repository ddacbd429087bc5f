package dev.cria.tensor;

import java.util.Optional;

/**
 * One AdamW step in place: w in float32, the gradient in any floating type.
 *
 * @see "Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization"
 */
public sealed interface AdamUpdate extends Call {

    @Override
    default Kind kind() {
        return Kind.OPTIMIZER;
    }

    /**
     * With both moments in float32.
     *
     * @param copy is given the new w, rounded to its type: the weight that the forward reads
     */
    record Full(Tensor w, Tensor gradient, Tensor m, Tensor v, AdamStep step, Optional<Tensor> copy)
            implements AdamUpdate {
        public Full {
            ShapeException.requireSameShape(w, gradient, m, v);
        }

        @Override
        public Work work() {
            return Work.moving(15.0 * w.elements(), w, w, gradient, m, m, v, v).plus(Work.reading(copy));
        }
    }

    /** With both moments in 8 bits: m signed, v a square. */
    record Quantized(
            Tensor w, Tensor gradient, QuantizedMoments m, QuantizedMoments v, AdamStep step, Optional<Tensor> copy)
            implements AdamUpdate {
        public Quantized {
            ShapeException.requireSameShape(w, gradient);
        }

        /** The step's 15 operations, and about as many to turn both moments' codes into numbers and back. */
        @Override
        public Work work() {
            return Work.moving(30.0 * w.elements(), w, w, gradient)
                    .plus(Work.moving(0, m.codes(), m.scales(), v.codes(), v.scales())
                            .times(2))
                    .plus(Work.reading(copy));
        }
    }
}
