package dev.cria.tensor;

import dev.cria.tensor.Kernels.HeadGradients;
import java.util.Optional;

/**
 * What a kernel's call has to do at least: floating-point operations, and bytes between the processor and memory. Both
 * follow from the shapes and types of its tensors alone, whichever kernel computes it.
 *
 * <p>Bytes: a tensor that is read is read once, one that is written is written once, one that is added to is both. That
 * is the traffic with a cache that holds what one call works on, and nothing that lasts from call to call. Of tables
 * only the rows that are looked up count; packed copies of operands do not, nor does the rotary table. The head's logits
 * exist for no one but this call, yet caches rarely hold them, so they count: written by their product, read and written
 * by the softmax, read by each product of a gradient.
 *
 * <p>Operations: 2·m·n·k for a product; elsewhere one for each addition, multiplication, division, maximum, root or
 * exponential of the formulas in {@link Kernels}. Causal attention counts the pairs of query and key that see each
 * other: two products of them forward, five backward, which forms the scores again.
 *
 * @see "Williams, Waterman and Patterson 2009, Roofline"
 */
public record Work(double operations, double bytes) {
    public static final Work NONE = new Work(0, 0);

    public Work plus(Work other) {
        return new Work(operations + other.operations, bytes + other.bytes);
    }

    /** So many calls of this. */
    public Work times(double calls) {
        return new Work(calls * operations, calls * bytes);
    }

    /** Each tensor read or written once; one that is both is named twice. */
    private static Work moving(double operations, Tensor... tensors) {
        double bytes = 0;
        for (Tensor tensor : tensors) {
            bytes += tensor.bytes();
        }
        return new Work(operations, bytes);
    }

    private static Work reading(Optional<Tensor> tensor) {
        return tensor.map(t -> moving(0, t)).orElse(NONE);
    }

    private static Work adding(Optional<Tensor> tensor, double operations) {
        return tensor.map(t -> moving(operations, t, t)).orElse(NONE);
    }

    /** What adding to a result costs beyond overwriting it: it is read. */
    private static Work into(Into into, Tensor result) {
        return into == Into.ACCUMULATE ? moving(0, result) : NONE;
    }

    static Work product(Product product, Tensor a, Tensor b, Tensor result, Into into) {
        return moving(product.operations(), a, b, result).plus(into(into, result));
    }

    /** A product with weights in fewer bits. */
    static Work product(Tensor x, PackedMatrix w, Tensor y) {
        return moving(2.0 * x.elements() * w.outputs(), x, y).plus(new Work(0, w.bytes()));
    }

    /** y += x, or y ·= x. */
    static Work elementwise(Tensor x, Tensor y) {
        return moving(y.elements(), x, y, y);
    }

    static Work scale(Tensor x) {
        return moving(x.elements(), x, x);
    }

    static Work biasGradient(Tensor dy, Tensor db) {
        return moving(dy.elements(), dy, db, db);
    }

    static Work embedding(Tensor table, Tensor ids, Tensor out) {
        return moving(0, ids, out).plus(lookedUp(table, out));
    }

    static Work embeddingGradient(Tensor dout, Tensor ids, Tensor dtable) {
        return moving(dout.elements(), dout, ids).plus(lookedUp(dtable, dout).times(2));
    }

    private static Work lookedUp(Tensor table, Tensor rows) {
        return new Work(0, (double) rows.elements() * table.dtype().bytes());
    }

    static Work rmsNorm(Tensor x, Tensor w, Tensor y, Tensor r) {
        return moving(4.0 * x.elements(), x, w, y, r);
    }

    static Work rmsNormGradient(Tensor dy, Tensor x, Tensor w, Tensor r, Tensor dx, Into into, Optional<Tensor> dw) {
        double n = x.elements();
        return moving(6 * n, dy, x, w, r, dx).plus(into(into, dx)).plus(adding(dw, 3 * n));
    }

    static Work layerNorm(Tensor x, Tensor w, Tensor b, Tensor y, Tensor mean, Tensor r) {
        return moving(8.0 * x.elements(), x, w, b, y, mean, r);
    }

    static Work layerNormGradient(
            Tensor dy,
            Tensor x,
            Tensor w,
            Tensor mean,
            Tensor r,
            Tensor dx,
            Into into,
            Optional<Tensor> dw,
            Optional<Tensor> db) {
        double n = x.elements();
        return moving(10 * n, dy, x, w, mean, r, dx)
                .plus(into(into, dx))
                .plus(adding(dw, 2 * n))
                .plus(adding(db, n));
    }

    static Work rope(Tensor x, Tensor positions) {
        return moving(3.0 * x.elements(), x, x, positions);
    }

    static Work attention(
            AttentionShape shape, Tensor q, Tensor k, Tensor v, Optional<Tensor> starts, Tensor out, Tensor lse) {
        return moving(2 * ofPairs(shape), q, k, v, out, lse).plus(reading(starts));
    }

    static Work attentionGradient(
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
            Tensor dv) {
        return moving(5 * ofPairs(shape), dout, q, k, v, out, lse, dq, dk, dv).plus(reading(starts));
    }

    /** Operations of one product over all pairs of a query and a key that it sees: as if each row were one document. */
    private static double ofPairs(AttentionShape shape) {
        double queries = shape.queries();
        double pairs = queries * (shape.keys() - queries) + queries * (queries + 1) / 2;
        return 2.0 * shape.batch() * shape.heads() * shape.headDim() * pairs;
    }

    static Work swiGlu(Tensor gate, Tensor up, Tensor y) {
        return moving(5.0 * y.elements(), gate, up, y);
    }

    static Work swiGluGradient(Tensor dy, Tensor gate, Tensor up, Tensor dgate, Tensor dup) {
        return moving(11.0 * dy.elements(), dy, gate, up, dgate, dup);
    }

    static Work gelu(Tensor x, Tensor y) {
        return moving(9.0 * x.elements(), x, y);
    }

    static Work geluGradient(Tensor dy, Tensor x, Tensor dx) {
        return moving(17.0 * x.elements(), dy, x, dx);
    }

    static Work linearCrossEntropy(
            Tensor x, Tensor w, Tensor targets, Tensor losses, Optional<HeadGradients> gradients, Into into) {
        double logits = (double) x.size(0) * w.size(0);
        double product = 2 * logits * x.size(1);
        double logitBytes = logits * x.dtype().bytes();
        Work forward = moving(product + 4 * logits, x, w, targets, losses).plus(new Work(0, 2 * logitBytes));
        return gradients
                .map(g -> forward.plus(moving(product + logits, w, g.dx()))
                        .plus(g.dw().map(dw -> moving(product, x, dw)
                                        .plus(into(into, dw))
                                        .plus(new Work(0, logitBytes)))
                                .orElse(NONE))
                        .plus(new Work(0, 2 * logitBytes)))
                .orElse(forward);
    }

    static Work sumOfSquares(Tensor x) {
        return moving(2.0 * x.elements(), x);
    }

    static Work adamW(Tensor w, Tensor gradient, Tensor m, Tensor v, Optional<Tensor> copy) {
        return moving(15.0 * w.elements(), w, w, gradient, m, m, v, v).plus(reading(copy));
    }

    /** The step's 15, and about as many to turn both moments' codes into numbers and back. */
    static Work adamW8(Tensor w, Tensor gradient, Quantized m, Quantized v, Optional<Tensor> copy) {
        return moving(30.0 * w.elements(), w, w, gradient)
                .plus(moving(0, m.codes(), m.scales(), v.codes(), v.scales()).times(2))
                .plus(reading(copy));
    }
}
