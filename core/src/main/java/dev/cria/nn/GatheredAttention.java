package dev.cria.nn;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import java.util.Optional;

/**
 * Causal attention of rows whose tokens are gathered from a list in which each stands once, however many rows it is of;
 * in inference only. Keys and values of a token depend on what stands before it alone, so they are the same in every
 * row that begins alike.
 */
final class GatheredAttention {
    private GatheredAttention() {}

    /** See {@link Tape#gatheredAttention}. */
    static Value forward(Tape tape, AttentionShape shape, Value q, Value k, Value v, Tensor members, Tensor places) {
        Kernels kernels = tape.kernels();
        Tensor like = q.data();
        Value y = tape.output(like, false, q.rows(), q.width());
        try (var scope = new Scope()) {
            Tensor rows = scope.empty(like.dtype(), like.device(), members.elements(), q.width());
            Tensor lse = scope.empty(
                    like.dtype().accumulation(), like.device(), shape.batch(), shape.heads(), shape.queries());
            kernels.attention(
                    shape,
                    gathered(kernels, scope, q, members),
                    gathered(kernels, scope, k, members),
                    gathered(kernels, scope, v, members),
                    Optional.empty(),
                    rows,
                    lse);
            kernels.embedding(rows, places, y.data());
        }
        return y;
    }

    private static Tensor gathered(Kernels kernels, Scope scope, Value x, Tensor members) {
        Tensor rows = scope.empty(x.data().dtype(), x.data().device(), members.elements(), x.width());
        kernels.embedding(x.data(), members, rows);
        return rows;
    }
}
