package dev.cria.tensor.reference;

import static dev.cria.tensor.library.Raw.scalar;
import static dev.cria.tensor.library.Raw.type;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.library.Raw;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.global.torch;

/** Causal attention with all scores in memory at once, and its gradient from the saved log-sum-exp. */
final class ReferenceAttention {

    private ReferenceAttention() {}

    static void forward(DotProductAttention.Forward call) {
        AttentionShape shape = call.shape();
        try (var _ = new PointerScope()) {
            var scores = scores(shape, call.q(), call.k(), call.starts());
            var logSum = scores.logsumexp(new long[] {-1}, true);
            var weights = scores.sub(logSum).exp();
            store(shape, weights.matmul(perQueryHead(shape, call.v())), call.out());
            call.lse().raw().copy_(logSum.select(3, 0));
        }
    }

    /** dv = pᵀ·dout; ds = p · (dout·vᵀ − Σ dout·out); dq = ds·k·scale, dk = dsᵀ·q·scale. */
    static void backward(DotProductAttention.Gradient call) {
        AttentionShape shape = call.shape();
        try (var _ = new PointerScope()) {
            var weights = scores(shape, call.q(), call.k(), call.starts())
                    .sub(call.lse().raw().unsqueeze(3))
                    .exp();
            var doutHeads = heads(call.dout(), shape.queries(), shape.heads(), shape);
            var outHeads = heads(call.out(), shape.queries(), shape.heads(), shape);
            var delta = doutHeads.mul(outHeads).sum(new long[] {-1}, true, new ScalarTypeOptional());
            var dweights = doutHeads.matmul(perQueryHead(shape, call.v()).transpose(2, 3));
            var dscores = dweights.sub(delta).mul(weights).mul(scalar(shape.scale()));
            store(shape, dscores.matmul(perQueryHead(shape, call.k())), call.dq());
            var qHeads = heads(call.q(), shape.queries(), shape.heads(), shape);
            storeGroups(shape, dscores.transpose(2, 3).matmul(qHeads), call.dk());
            storeGroups(shape, weights.transpose(2, 3).matmul(doutHeads), call.dv());
        }
    }

    /** [batch, heads, queries, keys], −∞ where a query may not see a key. */
    private static org.bytedeco.pytorch.Tensor scores(
            AttentionShape shape, Tensor q, Tensor k, Optional<Tensor> starts) {
        var scores = heads(q, shape.queries(), shape.heads(), shape)
                .matmul(perQueryHead(shape, k).transpose(2, 3))
                .mul(scalar(shape.scale()));
        return scores.masked_fill(hidden(shape, starts, q.device()), scalar(Double.NEGATIVE_INFINITY));
    }

    /** True where key j is later than query i, or earlier than the start of its document. */
    private static org.bytedeco.pytorch.Tensor hidden(AttentionShape shape, Optional<Tensor> starts, Device device) {
        var options = Raw.options(DType.INT64, device);
        var keys = torch.arange(new Scalar(0), new Scalar(shape.keys()), options);
        int earlier = shape.keys() - shape.queries();
        var queries = torch.arange(new Scalar(earlier), new Scalar(shape.keys()), options)
                .unsqueeze(1);
        var later = keys.gt(queries);
        if (starts.isEmpty()) {
            return later;
        }
        var first = starts.get().raw().narrow(1, earlier, shape.queries());
        var before = keys.lt(first.unsqueeze(2)).unsqueeze(1);
        return later.logical_or(before);
    }

    /** [batch, heads, positions, headDim] of [rows, heads·headDim] or [batch, positions, heads·headDim]. */
    private static org.bytedeco.pytorch.Tensor heads(Tensor x, int positions, int heads, AttentionShape shape) {
        var wide = x.raw().to(type(x.dtype().accumulation()));
        return wide.reshape(shape.batch(), positions, heads, shape.headDim()).transpose(1, 2);
    }

    /** Keys or values, each head repeated for the query heads that share it. */
    private static org.bytedeco.pytorch.Tensor perQueryHead(AttentionShape shape, Tensor x) {
        return heads(x, shape.keys(), shape.kvHeads(), shape)
                .repeat_interleave(shape.group(), new LongOptional(1), new LongOptional());
    }

    private static void store(AttentionShape shape, org.bytedeco.pytorch.Tensor x, Tensor target) {
        target.raw()
                .view(shape.batch(), shape.queries(), shape.heads(), shape.headDim())
                .copy_(x.transpose(1, 2));
    }

    /** Sums the gradients of the query heads that share a key-value head. */
    private static void storeGroups(AttentionShape shape, org.bytedeco.pytorch.Tensor x, Tensor target) {
        var grouped = x.view(shape.batch(), shape.kvHeads(), shape.group(), shape.keys(), shape.headDim())
                .sum(new long[] {2}, false, new ScalarTypeOptional());
        target.raw()
                .view(shape.batch(), shape.keys(), shape.kvHeads(), shape.headDim())
                .copy_(grouped.transpose(1, 2));
    }
}
