package dev.cria.tensor;

import java.util.Optional;

/**
 * The computations of training, each on whole tensors and into memory that the caller holds. Nothing returned, nothing
 * allocated for keeps; temporaries are freed before a method returns.
 *
 * <p>Activations are [rows, width] with rows = batch·seq, weights [out, in]. Sums, norms, softmax and losses are
 * computed in {@link DType#accumulation()} of the input's type. {@link ReferenceKernels} says plainly what each one
 * computes; the faster implementations are tested against it.
 */
public interface Kernels {

    /** The name under which a run records which kernels it used. */
    String name();

    /** y = x·wᵀ. {@code x [rows, in], w [out, in], y [rows, out]} */
    void linear(Tensor x, Tensor w, Tensor y, Into into);

    /** y = x·wᵀ + b. {@code x [rows, in], w [out, in], b [out], y [rows, out]} */
    default void linear(Tensor x, Tensor w, Optional<Tensor> b, Tensor y) {
        linear(x, w, y, Into.OVERWRITE);
        b.ifPresent(bias -> addBias(y, bias));
    }

    /** y = x·wᵀ for a frozen matrix in fewer bits. {@code x [rows, in], y [rows, out]} */
    default void linear(Tensor x, PackedMatrix w, Tensor y) {
        try (Tensor unpacked = Tensor.empty(x.dtype(), x.device(), w.outputs(), w.inputs())) {
            w.unpack(unpacked);
            linear(x, unpacked, y, Into.OVERWRITE);
        }
    }

    /** dx = dy·w. {@code dy [rows, out], w [out, in], dx [rows, in]} */
    void linearInputGradient(Tensor dy, Tensor w, Tensor dx, Into into);

    /** dw = dyᵀ·x. {@code dy [rows, out], x [rows, in], dw [out, in]}; dw may be of a wider type than dy and x. */
    void linearWeightGradient(Tensor dy, Tensor x, Tensor dw, Into into);

    /** As before, and db += Σ over rows of dy. */
    default void linearWeightGradient(Tensor dy, Tensor x, Tensor dw, Into into, Optional<Tensor> db) {
        linearWeightGradient(dy, x, dw, into);
        db.ifPresent(sums -> biasGradient(dy, sums));
    }

    /** y += b in every row. {@code y [rows, width], b [width]} */
    void addBias(Tensor y, Tensor b);

    /** db += Σ over rows of dy. */
    void biasGradient(Tensor dy, Tensor db);

    /** y += x. */
    void add(Tensor x, Tensor y);

    /** x ·= factor. */
    void scale(Tensor x, double factor);

    /** out[i] = table[ids[i]]. {@code table [vocab, width], ids [rows] int64, out [rows, width]} */
    void embedding(Tensor table, Tensor ids, Tensor out);

    /** dtable[ids[i]] += dout[i], in the order of the rows. */
    void embeddingGradient(Tensor dout, Tensor ids, Tensor dtable);

    /**
     * y = w · x · r with r = 1/√(mean(x²) + eps) over the last dimension.
     *
     * @param w [width] in float32 (float64 for float64)
     * @param r [rows], written, for the backward
     * @see "Zhang and Sennrich 2019, Root Mean Square Layer Normalization"
     */
    void rmsNorm(Tensor x, Tensor w, double eps, Tensor y, Tensor r);

    /** With g = dy·w: dx = r · (g − x · r² · mean(g·x)); dw += Σ over rows of dy · x · r, if asked for. */
    void rmsNormGradient(Tensor dy, Tensor x, Tensor w, Tensor r, Tensor dx, Into into, Optional<Tensor> dw);

    /**
     * y = w · (x − mean) · r + b with r = 1/√(var(x) + eps) over the last dimension.
     *
     * @param mean [rows], written; {@code r [rows]}, written
     * @see "Ba, Kiros and Hinton 2016, Layer Normalization"
     */
    void layerNorm(Tensor x, Tensor w, Tensor b, double eps, Tensor y, Tensor mean, Tensor r);

    /** The gradients of {@link #layerNorm}; those of w and b are added, if asked for. */
    void layerNormGradient(
            Tensor dy,
            Tensor x,
            Tensor w,
            Tensor mean,
            Tensor r,
            Tensor dx,
            Into into,
            Optional<Tensor> dw,
            Optional<Tensor> db);

    /**
     * Rotates each head's halves in place: (a, b) → (a·cos − b·sin, b·cos + a·sin), element j paired with
     * j + headDim/2 as Hugging Face pairs them. The backward is the same with {@link Rotation#BACKWARD}.
     *
     * @param x [rows, heads·headDim]
     * @param table [positions, 2, headDim/2]: cosines, then sines
     * @param positions [rows] int64
     * @see "Su et al. 2021, RoFormer"
     */
    void rope(Tensor x, Tensor table, Tensor positions, Rotation rotation);

    /** Which way {@link #rope} turns. */
    enum Rotation {
        FORWARD,
        BACKWARD
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
    void attention(AttentionShape shape, Tensor q, Tensor k, Tensor v, Optional<Tensor> starts, Tensor out, Tensor lse);

    /** The gradients of {@link #attention}, recomputing the weights from lse; dq, dk and dv are overwritten. */
    void attentionGradient(
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
            Tensor dv);

    /** y = silu(gate) · up with silu(x) = x·σ(x). */
    void swiGlu(Tensor gate, Tensor up, Tensor y);

    /** dgate = dy · up · σ(gate) · (1 + gate · (1 − σ(gate))), dup = dy · silu(gate). */
    void swiGluGradient(Tensor dy, Tensor gate, Tensor up, Tensor dgate, Tensor dup);

    /** y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), GPT-2's approximation of the Gaussian error linear unit. */
    void gelu(Tensor x, Tensor y);

    void geluGradient(Tensor dy, Tensor x, Tensor dx);

    /**
     * The language model's head and its loss: losses[i] = logΣexp(x[i]·wᵀ) − (x[i]·wᵀ)[targets[i]], computed a chunk of
     * rows at a time so that [rows, vocab] logits never all exist. With gradients asked for, those of
     * {@code scale · Σ losses} are formed in the same pass.
     *
     * @param x [rows, hidden]; {@code w [vocab, hidden]}
     * @param targets [rows] int64; a row whose target is {@link #IGNORED} has loss 0 and no gradient
     * @param losses [rows] in the accumulation type, written
     */
    void linearCrossEntropy(Tensor x, Tensor w, Tensor targets, Tensor losses, Optional<HeadGradients> gradients);

    /** The same with gradients, of which the head's is overwritten or added to. */
    default void linearCrossEntropy(
            Tensor x, Tensor w, Tensor targets, Tensor losses, HeadGradients gradients, Into into) {
        if (into == Into.OVERWRITE) {
            gradients.dw().ifPresent(Tensor::zero);
        }
        linearCrossEntropy(x, w, targets, losses, Optional.of(gradients));
    }

    /** The target that no loss is taken of. */
    long IGNORED = -100;

    /**
     * Where the gradients of {@link #linearCrossEntropy} go.
     *
     * @param dx [rows, hidden], overwritten
     * @param dw [vocab, hidden], added to; none where the head is frozen
     */
    record HeadGradients(double scale, Tensor dx, Optional<Tensor> dw) {}

    /** Σ x², in float64 and in an order that depends on the size alone. */
    double sumOfSquares(Tensor x);

    /**
     * One AdamW step in place: w, m and v in float32, the gradient in any floating type.
     *
     * @param copy is given the new w, rounded to its type: the weight that the forward reads
     */
    void adamW(Tensor w, Tensor gradient, Tensor m, Tensor v, AdamStep step, Optional<Tensor> copy);

    /** The same with both moments in 8 bits: m signed, v a square. */
    void adamW8(Tensor w, Tensor gradient, Quantized m, Quantized v, AdamStep step, Optional<Tensor> copy);

    /**
     * The kernels for a device.
     *
     * @param choice {@code auto}: the fastest for the device and CPU features whose every sum has a fixed order;
     *     {@code fastest}: the fastest, though a GPU's sums may then differ in rounding from run to run;
     *     {@code reference}: the plain ones
     */
    static Kernels of(Device device, Choice choice) {
        Kernels reference = new ReferenceKernels();
        return switch (choice) {
            case REFERENCE -> reference;
            case AUTO, FASTEST ->
                device.isCpu() ? new CpuKernels(reference) : CudaKernels.on(device, reference, choice);
        };
    }

    /** Bytes of logits that {@link #linearCrossEntropy} has at one time on a device, at most, unless a row is longer. */
    static long headBytes(Device device) {
        return device.isCpu() ? CpuHead.CHUNK_BYTES : CudaHead.CHUNK_BYTES;
    }

    /** The configuration key {@code kernels}. */
    enum Choice {
        AUTO,
        FASTEST,
        REFERENCE
    }
}
