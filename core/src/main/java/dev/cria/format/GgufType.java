package dev.cria.format;

import dev.cria.RequestException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * How the elements of a tensor in a GGUF file are stored, and how they become numbers.
 *
 * @see "ggml, ggml-quants.c and ggml-common.h"
 */
public enum GgufType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    /** A scale in float16, then 32 numbers of 4 bits: the low halves of 16 bytes, then the high ones; 8 is zero. */
    Q4_0(2, 32, 18),
    /** A scale in float16, then 32 bytes. */
    Q8_0(8, 32, 34),
    /** Scale and least number in float16, 8 scales and 8 minima of 6 bits in 12 bytes, 8 times 32 numbers of 4 bits. */
    Q4_K(12, 256, 144),
    /** 256 numbers of 6 bits, the low 4 in 128 bytes and the high 2 in 64, 16 scales of a byte, a scale in float16. */
    Q6_K(14, 256, 210),
    BF16(30, 1, 2);

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int number;
    private final int blockElements;
    private final int blockBytes;

    GgufType(int number, int blockElements, int blockBytes) {
        this.number = number;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    static Optional<GgufType> numbered(int number) {
        return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
    }

    static RequestException unread(Path path, String tensor, int number) {
        return new RequestException(
                path + ": " + tensor + " is of type " + number + ", which is not read",
                "take a file in F32, F16, BF16, Q8_0, Q4_0, Q4_K or Q6_K");
    }

    int blockElements() {
        return blockElements;
    }

    long bytes(long elements) {
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }

    /** The numbers of whole blocks. */
    public float[] floats(MemorySegment bytes) {
        float[] numbers = new float[Math.toIntExact(bytes.byteSize() / blockBytes * blockElements)];
        for (int block = 0; block < numbers.length / blockElements; block++) {
            decode(bytes.asSlice((long) block * blockBytes, blockBytes), numbers, block * blockElements);
        }
        return numbers;
    }

    private void decode(MemorySegment block, float[] out, int at) {
        switch (this) {
            case F32 -> out[at] = Float.intBitsToFloat(block.get(INT, 0));
            case F16 -> out[at] = half(block, 0);
            case BF16 -> out[at] = Float.intBitsToFloat(block.get(SHORT, 0) << Short.SIZE);
            case Q4_0 -> q4(block, out, at);
            case Q8_0 -> q8(block, out, at);
            case Q4_K -> q4k(block, out, at);
            case Q6_K -> q6k(block, out, at);
        }
    }

    private static float half(MemorySegment block, long at) {
        return Float.float16ToFloat(block.get(SHORT, at));
    }

    private static int unsigned(MemorySegment block, long at) {
        return Byte.toUnsignedInt(block.get(ValueLayout.JAVA_BYTE, at));
    }

    private static void q4(MemorySegment block, float[] out, int at) {
        float scale = half(block, 0);
        for (int i = 0; i < 16; i++) {
            int pair = unsigned(block, 2 + i);
            out[at + i] = scale * ((pair & 15) - 8);
            out[at + 16 + i] = scale * ((pair >> 4) - 8);
        }
    }

    private static void q8(MemorySegment block, float[] out, int at) {
        float scale = half(block, 0);
        for (int i = 0; i < 32; i++) {
            out[at + i] = scale * block.get(ValueLayout.JAVA_BYTE, 2 + i);
        }
    }

    private static void q4k(MemorySegment block, float[] out, int at) {
        float scale = half(block, 0);
        float least = half(block, 2);
        for (int group = 0; group < 8; group++) {
            float d = scale * sixBits(block, group, 0);
            float m = least * sixBits(block, group, 4);
            for (int i = 0; i < 32; i++) {
                int pair = unsigned(block, 16 + group / 2 * 32 + i);
                out[at + group * 32 + i] = d * (pair >> group % 2 * 4 & 15) - m;
            }
        }
    }

    /** A scale, or from the fourth byte on a minimum: of the last four the high bits stand above those of the first. */
    private static int sixBits(MemorySegment block, int group, int from) {
        int first = unsigned(block, 4 + from + group % 4);
        if (group < 4) {
            return first & 63;
        }
        int shared = unsigned(block, 12 + group % 4);
        return (from == 0 ? shared & 15 : shared >> 4) | first >> 2 & 48;
    }

    private static void q6k(MemorySegment block, float[] out, int at) {
        float scale = half(block, 208);
        for (int i = 0; i < 256; i++) {
            int within = i % 128;
            int low = unsigned(block, i / 128 * 64 + within % 64) >> within / 64 * 4 & 15;
            int high = unsigned(block, 128 + i / 128 * 32 + within % 32) >> within / 32 * 2 & 3;
            out[at + i] = scale * block.get(ValueLayout.JAVA_BYTE, 192 + i / 16) * ((low | high << 4) - 32);
        }
    }
}
