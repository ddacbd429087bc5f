package dev.cria.format;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/** The element types of .npy files that Cria knows, all little-endian. */
public enum NpyType {
    UINT16("<u2", 2),
    UINT32("<u4", 4),
    FLOAT32("<f4", 4);

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String descriptor;
    private final int bytes;

    NpyType(String descriptor, int bytes) {
        this.descriptor = descriptor;
        this.bytes = bytes;
    }

    /** The type as a header's {@code descr} has it, such as {@code <u2}. */
    public String descriptor() {
        return descriptor;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** The narrowest type that holds every id below {@code vocabulary}. */
    public static NpyType forVocabulary(int vocabulary) {
        return vocabulary <= 1 << Short.SIZE ? UINT16 : UINT32;
    }

    /**
     * Appends a whole number in this type.
     *
     * @param buffer little-endian
     */
    public void put(int value, ByteBuffer buffer) {
        if (this == UINT32) {
            buffer.putInt(value);
        } else if (this == UINT16 && value >>> Short.SIZE == 0) {
            buffer.putShort((short) value);
        } else {
            throw new IllegalArgumentException(value + " does not fit " + this);
        }
    }

    static Optional<NpyType> described(String descriptor) {
        return Arrays.stream(values())
                .filter(t -> t.descriptor.equals(descriptor))
                .findFirst();
    }
}
