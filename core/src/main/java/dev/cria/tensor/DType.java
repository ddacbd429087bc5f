package dev.cria.tensor;

/** What a tensor's elements are. */
public enum DType {
    FLOAT64(8),
    FLOAT32(4),
    BFLOAT16(2),
    FLOAT16(2),
    INT64(8),
    INT32(4),
    INT8(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    public int bytes() {
        return bytes;
    }

    /** The type that sums, norms and softmax are computed in: float32, or float64 for float64. */
    public DType accumulation() {
        return this == FLOAT64 ? FLOAT64 : FLOAT32;
    }
}
