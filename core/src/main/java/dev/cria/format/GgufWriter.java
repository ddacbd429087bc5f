package dev.cria.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Writes GGUF files, version 3, the model files of llama.cpp: keys with typed values, a list of the tensors, then their
 * bytes, each tensor aligned to 32. Tensors come one by one, so that none but the one being written is in memory.
 *
 * @see "https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"
 */
public final class GgufWriter {
    private static final int MAGIC = 0x46554747;
    private static final int VERSION = 3;
    private static final int ALIGNMENT = 32;
    private static final int LARGEST_WRITE = 1 << 24;

    /** Numbers of the value types that are written. */
    private static final int UINT32 = 4;

    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    private GgufWriter() {}

    /** How a tensor's elements are stored. */
    public enum Type {
        F32(0, 1, 4),
        F16(1, 1, 2),
        /** Blocks of 32: a scale in float16, then 32 bytes. */
        Q8_0(8, 32, 34),
        BF16(30, 1, 2);

        private final int number;
        private final int blockElements;
        private final int blockBytes;

        Type(int number, int blockElements, int blockBytes) {
            this.number = number;
            this.blockElements = blockElements;
            this.blockBytes = blockBytes;
        }

        /** Elements of a row that are stored together; a row is a multiple of that. */
        public int blockElements() {
            return blockElements;
        }

        long bytes(long elements) {
            return elements / blockElements * blockBytes;
        }
    }

    /**
     * A tensor to be written.
     *
     * @param shape rows first, as everywhere here; the file has it the other way round
     */
    public record Tensor(String name, Type type, long[] shape, TensorSource.Bytes bytes) {
        long elements() {
            long product = 1;
            for (long size : shape) {
                product = Math.multiplyExact(product, size);
            }
            return product;
        }

        long byteSize() {
            return type.bytes(elements());
        }
    }

    /**
     * Writes a file.
     *
     * @param keys values are Integer (unsigned), Float, Boolean, String, List of String, or int[]
     */
    public static void write(Path file, Map<String, Object> keys, List<Tensor> tensors) {
        byte[] header = header(keys, tensors);
        AtomicFiles.write(file, channel -> {
            AtomicFiles.writeFully(channel, ByteBuffer.wrap(header));
            for (Tensor tensor : tensors) {
                pad(channel);
                long begin = channel.position();
                tensor.bytes().writeTo(next -> writeSegment(channel, next));
                long written = channel.position() - begin;
                if (written != tensor.byteSize()) {
                    throw new IllegalStateException(
                            tensor.name() + " came with " + written + " bytes, not " + tensor.byteSize());
                }
            }
            pad(channel);
        });
    }

    private static void pad(FileChannel channel) throws IOException {
        int missing = (int) (aligned(channel.position()) - channel.position());
        AtomicFiles.writeFully(channel, ByteBuffer.allocate(missing));
    }

    private static long aligned(long position) {
        return (position + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private static void writeSegment(FileChannel channel, MemorySegment segment) throws IOException {
        for (long at = 0; at < segment.byteSize(); at += LARGEST_WRITE) {
            MemorySegment piece = segment.asSlice(at, Math.min(LARGEST_WRITE, segment.byteSize() - at));
            AtomicFiles.writeFully(
                    channel,
                    piece.isNative() ? piece.asByteBuffer() : ByteBuffer.wrap(piece.toArray(ValueLayout.JAVA_BYTE)));
        }
    }

    private static byte[] header(Map<String, Object> keys, List<Tensor> tensors) {
        Bytes out = new Bytes();
        out.int32(MAGIC);
        out.int32(VERSION);
        out.int64(tensors.size());
        out.int64(keys.size());
        keys.forEach((key, value) -> {
            out.string(key);
            out.value(value);
        });
        long offset = 0;
        for (Tensor tensor : tensors) {
            out.string(tensor.name());
            out.int32(tensor.shape().length);
            for (int i = tensor.shape().length - 1; i >= 0; i--) {
                out.int64(tensor.shape()[i]);
            }
            out.int32(tensor.type().number);
            out.int64(offset);
            offset = aligned(offset + tensor.byteSize());
        }
        return out.aligned();
    }

    /** Little-endian numbers and counted texts, one after the other. */
    private static final class Bytes {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        void int32(int number) {
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(number)
                    .array());
        }

        void int64(long number) {
            out.writeBytes(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(number)
                    .array());
        }

        void string(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            int64(bytes.length);
            out.writeBytes(bytes);
        }

        void value(Object value) {
            switch (value) {
                case Integer number -> {
                    int32(UINT32);
                    int32(number);
                }
                case Float number -> {
                    int32(FLOAT32);
                    int32(Float.floatToRawIntBits(number));
                }
                case Boolean flag -> {
                    int32(BOOL);
                    out.write(flag ? 1 : 0);
                }
                case String text -> {
                    int32(STRING);
                    string(text);
                }
                case List<?> texts -> {
                    array(STRING, texts.size());
                    texts.forEach(text -> string((String) text));
                }
                case int[] numbers -> {
                    array(INT32, numbers.length);
                    for (int number : numbers) {
                        int32(number);
                    }
                }
                default -> throw new IllegalArgumentException("no GGUF value: " + value);
            }
        }

        private void array(int type, int length) {
            int32(ARRAY);
            int32(type);
            int64(length);
        }

        byte[] aligned() {
            int missing = (int) (GgufWriter.aligned(out.size()) - out.size());
            out.writeBytes(new byte[missing]);
            return out.toByteArray();
        }
    }
}
