package dev.cria.weights;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * llama.cpp's Q8_0: blocks of 32 numbers, each block a scale d = max|x| / 127 in float16 and 32 bytes round(x / d).
 *
 * @see "ggml, quantize_row_q8_0_ref"
 */
final class Q8Blocks {
    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = 2 + BLOCK;

    private Q8Blocks() {}

    /** The blocks of numbers whose count is a multiple of 32. */
    static MemorySegment of(float[] numbers) {
        int blocks = numbers.length / BLOCK;
        ByteBuffer out =
                ByteBuffer.allocate(Math.multiplyExact(blocks, BLOCK_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        for (int block = 0; block < blocks; block++) {
            float largest = 0;
            for (int i = 0; i < BLOCK; i++) {
                largest = Math.max(largest, Math.abs(numbers[block * BLOCK + i]));
            }
            float scale = largest / 127;
            float inverse = scale == 0 ? 0 : 1 / scale;
            out.putShort(Float.floatToFloat16(scale));
            for (int i = 0; i < BLOCK; i++) {
                float scaled = numbers[block * BLOCK + i] * inverse;
                // C's roundf: halves away from zero.
                out.put((byte) (Math.signum(scaled) * Math.floor(Math.abs(scaled) + 0.5f)));
            }
        }
        return MemorySegment.ofArray(out.array());
    }
}
