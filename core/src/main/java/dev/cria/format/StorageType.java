package dev.cria.format;

import java.util.Arrays;
import java.util.Optional;

/** How one element of a tensor lies in a file: the safetensors dtypes that Cria reads and writes. */
public enum StorageType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U8(1),
    BOOL(1);

    private final int bytes;

    StorageType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** The type of that name in a safetensors header, such as {@code BF16}. */
    public static Optional<StorageType> named(String name) {
        return Arrays.stream(values()).filter(t -> t.name().equals(name)).findFirst();
    }

    /**
     * Bytes of a whole tensor of this shape.
     *
     * @throws ArithmeticException if they are more than a long holds
     */
    public long bytesOf(long[] shape) {
        long size = bytes;
        for (long dimension : shape) {
            size = Math.multiplyExact(size, dimension);
        }
        return size;
    }
}
