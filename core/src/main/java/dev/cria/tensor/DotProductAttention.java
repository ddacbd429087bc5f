package dev.cria.tensor;

import java.util.Optional;

/** Causal attention of queries on keys and values, head by head. */
public sealed interface DotProductAttention extends Call {

    @Override
    default Kind kind() {
        return Kind.ATTENTION;
    }

    private static void requireFit(AttentionShape shape, Tensor q, Tensor k, Tensor v, Tensor out, Tensor lse) {
        ShapeException.requireElements(q, shape.queryElements());
        ShapeException.requireElements(k, shape.keyElements());
        ShapeException.requireElements(v, shape.keyElements());
        ShapeException.requireElements(out, shape.queryElements());
        ShapeException.requireElements(lse, (long) shape.batch() * shape.heads() * shape.queries());
    }

    /**
     * out = softmax(q·kᵀ·scale, causal)·v for each head.
     *
     * @param q [batch·queries, heads·headDim]
     * @param k [batch·keys, kvHeads·headDim], or [batch, keys, kvHeads·headDim] with any stride between batches; v alike
     * @param starts [batch, keys] int64, if rows hold several documents: the first position that belongs to the same
     *     document, which is the first that a query there may see
     * @param out [batch·queries, heads·headDim]
     * @param lse [batch, heads, queries]: log Σ exp of the scores, for the backward
     */
    record Forward(AttentionShape shape, Tensor q, Tensor k, Tensor v, Optional<Tensor> starts, Tensor out, Tensor lse)
            implements DotProductAttention {
        public Forward {
            requireFit(shape, q, k, v, out, lse);
        }

        @Override
        public Work work() {
            return Work.moving(2 * shape.productOperations(), q, k, v, out, lse).plus(Work.reading(starts));
        }
    }

    /** The gradients of {@link Forward}, recomputing the weights from lse; dq, dk and dv are overwritten. */
    record Gradient(
            AttentionShape shape,
            Tensor dout,
            Tensor q,
            Tensor k,
            Tensor v,
            Optional<Tensor> starts,
            Tensor out,
            Tensor lse,
            Tensor dq,
            Tensor dk,
            Tensor dv)
            implements DotProductAttention {
        public Gradient {
            requireFit(shape, q, k, v, out, lse);
            requireFit(shape, dq, dk, dv, dout, lse);
        }

        @Override
        public Work work() {
            return Work.moving(5 * shape.productOperations(), dout, q, k, v, out, lse, dq, dk, dv)
                    .plus(Work.reading(starts));
        }
    }
}
