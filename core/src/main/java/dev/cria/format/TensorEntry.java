package dev.cria.format;

import java.util.Arrays;

/**
 * What a file's header says of one tensor.
 *
 * @param shape its dimensions, none of them negative; empty for a single number
 */
public record TensorEntry(String name, StorageType type, long[] shape) {

    public TensorEntry {
        shape = shape.clone();
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException(name + " has a negative dimension: " + Arrays.toString(shape));
            }
        }
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** Bytes of all elements together. */
    public long byteSize() {
        return type.bytesOf(shape);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorEntry e && name.equals(e.name) && type == e.type && Arrays.equals(shape, e.shape);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(shape);
    }

    @Override
    public String toString() {
        return name + " " + type + Arrays.toString(shape);
    }
}
