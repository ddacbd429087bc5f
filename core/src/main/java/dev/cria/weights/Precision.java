package dev.cria.weights;

import dev.cria.tensor.DType;

/** The values of {@code --precision}. */
public enum Precision {
    FP32(DType.FLOAT32),
    BF16(DType.BFLOAT16),
    /** Weights in 8 bits, for decoding. */
    INT8(DType.FLOAT32);

    private final DType dtype;

    Precision(DType dtype) {
        this.dtype = dtype;
    }

    /** The type of activations, and of weights that are not in 8 bits. */
    public DType dtype() {
        return dtype;
    }
}
