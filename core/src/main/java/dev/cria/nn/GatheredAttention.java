package dev.cria.nn;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.TokenEmbedding;
import java.util.Optional;

/**
 * Causal attention of rows whose tokens are gathered from a list in which each stands once, however many rows it is of;
 * in inference only. Keys and values of a token depend on what stands before it alone, so they are the same in every
 * row that begins alike.
 */
final class GatheredAttention {
    private GatheredAttention() {}

    /** See {@link Tape#gatheredAttention}. */
    static Value forward(
            Tape tape,
            AttentionShape shape,
            Value q,
            Value k,
            Value v,
            Optional<Tensor> starts,
            Tensor tokenAt,
            Tensor placeOf) {
        Kernels kernels = tape.kernels();
        Tensor like = q.data();
        Value y = tape.output(like, false, q.rows(), q.width());
        try (var scope = new Scope()) {
            Tensor rows = scope.empty(like.dtype(), like.device(), tokenAt.elements(), q.width());
            Tensor lse = scope.empty(
                    like.dtype().accumulation(), like.device(), shape.batch(), shape.heads(), shape.queries());
            kernels.run(new DotProductAttention.Forward(
                    shape,
                    gathered(kernels, scope, q, tokenAt),
                    gathered(kernels, scope, k, tokenAt),
                    gathered(kernels, scope, v, tokenAt),
                    starts,
                    rows,
                    lse));
            kernels.run(new TokenEmbedding.Lookup(rows, placeOf, y.data()));
        }
        return y;
    }

    private static Tensor gathered(Kernels kernels, Scope scope, Value x, Tensor tokenAt) {
        Tensor rows = scope.empty(x.data().dtype(), x.data().device(), tokenAt.elements(), x.width());
        kernels.run(new TokenEmbedding.Lookup(x.data(), tokenAt, rows));
        return rows;
    }
}
