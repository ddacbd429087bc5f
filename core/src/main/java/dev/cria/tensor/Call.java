package dev.cria.tensor;

import java.util.Locale;

/**
 * One computation on whole tensors, into memory that the caller holds: what {@link Kernels} run. Each record says its
 * formula, refuses tensors that do not fit together, and knows its {@link Work} and its {@link Kind}; to add one is to
 * add its record, its plain formula to the reference kernels, and a fast kernel where it pays.
 *
 * <p>Activations are [rows, width] with rows = batch·seq, weights [out, in]. Sums, norms, softmax and losses are computed
 * in {@link DType#accumulation()} of the input's type.
 */
public sealed interface Call
        permits MatrixProduct,
                Elementwise,
                TokenEmbedding,
                Norm,
                RotaryEmbedding,
                DotProductAttention,
                Activation,
                HeadLoss,
                AdamUpdate {

    /** What a step's time is sorted by. */
    Kind kind();

    /** What has to be computed and moved at least. */
    Work work();

    /** Kinds of computation in a training step. */
    enum Kind {
        /** Products of activations, weights and their gradients, but for the head's. */
        MATRIX_PRODUCTS,
        ATTENTION,
        /** The products with the head, the softmax and the gradient of the loss. */
        HEAD_AND_LOSS,
        NORMS,
        ROTARY_POSITIONS,
        /** SwiGLU or GELU. */
        ACTIVATION,
        /** Residual sums and biases. */
        ELEMENTWISE,
        EMBEDDING,
        /** AdamW and the gradient's norm. */
        OPTIMIZER;

        /** The name in results: {@code matrix_products}. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
