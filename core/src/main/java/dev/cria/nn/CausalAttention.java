package dev.cria.nn;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** Grouped-query causal attention; see {@link DotProductAttention.Forward}. The log-sum-exp of each query is kept. */
record CausalAttention(AttentionShape shape, Value q, Value k, Value v, Optional<Tensor> starts, Value lse, Value y)
        implements Operation {

    static Value forward(Tape tape, AttentionShape shape, Value q, Value k, Value v, Optional<Tensor> starts) {
        boolean differentiable = q.isDifferentiable() || k.isDifferentiable() || v.isDifferentiable();
        Value y = tape.output(q.data(), differentiable, q.rows(), q.width());
        Value lse = logSumExp(tape, shape, q);
        tape.kernels()
                .run(new DotProductAttention.Forward(
                        shape, q.data(), k.data(), v.data(), starts, y.data(), lse.data()));
        tape.record(new CausalAttention(shape, q, k, v, starts, lse, y));
        return y;
    }

    static Value cached(Tape tape, AttentionShape shape, Value q, Tensor k, Tensor v, Optional<Tensor> starts) {
        Value y = tape.output(q.data(), false, q.rows(), q.width());
        tape.kernels()
                .run(new DotProductAttention.Forward(
                        shape,
                        q.data(),
                        k,
                        v,
                        starts,
                        y.data(),
                        logSumExp(tape, shape, q).data()));
        return y;
    }

    /** Each sequence's queries stand after those of the one before; no sequence sees another, so none depends on its company. */
    static Value ofSequences(Tape tape, List<CachedSequence> sequences, int window, Value q) {
        Value y = tape.output(q.data(), false, q.rows(), q.width());
        long from = 0;
        for (CachedSequence s : sequences) {
            AttentionShape shape = s.shape();
            try (Tensor queries = q.data().rows(from, shape.queries());
                    Tensor attended = y.data().rows(from, shape.queries())) {
                Optional<Tensor> starts = SlidingWindow.starts(tape, shape, window, queries, Optional.empty());
                tape.kernels()
                        .run(new DotProductAttention.Forward(
                                shape,
                                queries,
                                s.keys(),
                                s.values(),
                                starts,
                                attended,
                                logSumExp(tape, shape, q).data()));
            }
            from += shape.queries();
        }
        return y;
    }

    private static Value logSumExp(Tape tape, AttentionShape shape, Value q) {
        var type = q.data().dtype().accumulation();
        return tape.keep(
                Value.of(Tensor.empty(type, q.data().device(), shape.batch(), shape.heads(), shape.queries()), false));
    }

    @Override
    public List<Value> outputs() {
        return List.of(y, lse);
    }

    @Override
    public void backward(Kernels kernels) {
        kernels.run(new DotProductAttention.Gradient(
                shape,
                y.gradient(),
                q.saved(),
                k.saved(),
                v.saved(),
                starts,
                y.saved(),
                lse.saved(),
                fresh(q),
                fresh(k),
                fresh(v)));
    }

    /** The kernel overwrites, so its inputs may have no other consumer that was there before. */
    private static Tensor fresh(Value input) {
        if (input.hasGradient()) {
            throw new IllegalStateException("attention must be the only consumer of its queries, keys and values");
        }
        return input.slot().tensor();
    }
}
