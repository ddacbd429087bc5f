package dev.cria.cli;

import dev.cria.tensor.DType;

/** The values of {@code --precision}. */
enum Precision {
    FP32(DType.FLOAT32),
    BF16(DType.BFLOAT16);

    private final DType dtype;

    Precision(DType dtype) {
        this.dtype = dtype;
    }

    DType dtype() {
        return dtype;
    }
}
