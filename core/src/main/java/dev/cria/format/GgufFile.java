package dev.cria.format;

import dev.cria.WorkException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A GGUF file, version 2 or 3, mapped into memory. What it claims is held against its own size before anything of that size
 * is allocated. Closing it unmaps the tensors that were given out.
 *
 * @see "https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"
 */
public final class GgufFile implements AutoCloseable {
    private static final int MAGIC = 0x46554747;
    private static final int MOST_ENTRIES = 1 << 16;
    private static final int MOST_ELEMENTS = 1 << 22;
    private static final int MOST_DIMENSIONS = 4;
    private static final int LARGEST_ALIGNMENT = 1 << 16;
    private static final int DEFAULT_ALIGNMENT = 32;

    private final Path path;
    private final Arena arena;
    private final Map<String, Object> keys = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /**
     * A tensor in the file.
     *
     * @param shape rows first, as everywhere here; the file has it the other way round
     * @param bytes as they lie in the file
     */
    public record Tensor(String name, GgufType type, long[] shape, MemorySegment bytes) {
        public long elements() {
            return product(shape);
        }
    }

    private record Claimed(String name, GgufType type, long[] shape, long offset) {}

    private GgufFile(Path path, Arena arena, MemorySegment file) {
        this.path = path;
        this.arena = arena;
        Cursor cursor = new Cursor(file);
        if (cursor.remaining() < 2 * Integer.BYTES || cursor.int32() != MAGIC) {
            throw damaged("it does not begin with GGUF");
        }
        int version = cursor.int32();
        if (version != 2 && version != 3) {
            throw damaged("its version is " + version + ", not 2 or 3");
        }
        long tensorCount = cursor.count(MOST_ENTRIES, "tensors");
        long keyCount = cursor.count(MOST_ENTRIES, "keys");
        for (long i = 0; i < keyCount; i++) {
            keys.put(cursor.string(), cursor.value(cursor.int32()));
        }
        List<Claimed> claimed = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            claimed.add(cursor.tensor());
        }
        long alignment = keys.get("general.alignment") instanceof Long given ? given : DEFAULT_ALIGNMENT;
        if (alignment < 1 || alignment > LARGEST_ALIGNMENT) {
            throw damaged("general.alignment is " + alignment);
        }
        long data = (cursor.position + alignment - 1) / alignment * alignment;
        claimed.forEach(tensor -> place(tensor, file, data));
    }

    /** Maps and checks a file. */
    public static GgufFile open(Path path) {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new GgufFile(path, arena, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
        } catch (IOException e) {
            arena.close();
            throw AtomicFiles.cannotRead(path, e);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private void place(Claimed claim, MemorySegment file, long data) {
        long elements = product(claim.shape());
        long row = claim.shape()[claim.shape().length - 1];
        if (row % claim.type().blockElements() != 0) {
            throw damaged(claim.name() + " has rows of " + row + ", no multiple of a block of " + claim.type());
        }
        // Both are bounded by the size of any file before they are added.
        long bytes = claim.type().bytes(elements);
        long available = file.byteSize() - data;
        if (claim.offset() < 0 || claim.offset() > available || bytes > available - claim.offset()) {
            throw damaged(claim.name() + " ends behind the end of the file");
        }
        Tensor tensor =
                new Tensor(claim.name(), claim.type(), claim.shape(), file.asSlice(data + claim.offset(), bytes));
        if (tensors.put(claim.name(), tensor) != null) {
            throw damaged(claim.name() + " is there twice");
        }
    }

    public Path path() {
        return path;
    }

    /** Values are Long, Double, Boolean, String, or a List of these. */
    public Map<String, Object> keys() {
        return keys;
    }

    public Map<String, Tensor> tensors() {
        return tensors;
    }

    public Optional<Tensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** A failure that says what is wrong with the file. */
    public WorkException damaged(String why) {
        return new WorkException(path + " is not a sound GGUF file: " + why, "fetch the file again");
    }

    private static long product(long[] shape) {
        long product = 1;
        for (long size : shape) {
            product = Math.multiplyExact(product, size);
        }
        return product;
    }

    @Override
    public void close() {
        arena.close();
    }

    /** Reads numbers and texts one after the other, never behind the end. */
    private final class Cursor {
        private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        private static final ValueLayout.OfLong LONG =
                ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        private static final ValueLayout.OfShort SHORT =
                ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        private static final int STRING = 8;
        private static final int ARRAY = 9;

        private final MemorySegment file;
        private long position;

        Cursor(MemorySegment file) {
            this.file = file;
        }

        long remaining() {
            return file.byteSize() - position;
        }

        private long advance(long bytes) {
            if (bytes < 0 || bytes > remaining()) {
                throw damaged("its header ends at " + file.byteSize() + " bytes");
            }
            long from = position;
            position += bytes;
            return from;
        }

        int int32() {
            return file.get(INT, advance(Integer.BYTES));
        }

        long int64() {
            return file.get(LONG, advance(Long.BYTES));
        }

        long count(long most, String what) {
            long count = int64();
            if (count < 0 || count > most || count > remaining()) {
                throw damaged("it claims " + Long.toUnsignedString(count) + " " + what);
            }
            return count;
        }

        String string() {
            long length = count(Integer.MAX_VALUE - Long.BYTES, "bytes of a text");
            long from = advance(length);
            return new String(file.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }

        /** A float as the number that was written, 1e-5 and not 9.99999974e-6. */
        private double float32() {
            return Double.parseDouble(Float.toString(Float.intBitsToFloat(int32())));
        }

        Object value(int type) {
            return switch (type) {
                case 0 -> (long) Byte.toUnsignedInt(file.get(ValueLayout.JAVA_BYTE, advance(1)));
                case 1 -> (long) file.get(ValueLayout.JAVA_BYTE, advance(1));
                case 2 -> (long) Short.toUnsignedInt(file.get(SHORT, advance(Short.BYTES)));
                case 3 -> (long) file.get(SHORT, advance(Short.BYTES));
                case 4 -> Integer.toUnsignedLong(int32());
                case 5 -> (long) int32();
                case 6 -> float32();
                case 7 -> file.get(ValueLayout.JAVA_BYTE, advance(1)) != 0;
                case STRING -> string();
                case ARRAY -> array();
                case 10, 11 -> int64();
                case 12 -> Double.longBitsToDouble(int64());
                default -> throw damaged("it has a value of type " + type);
            };
        }

        private List<Object> array() {
            int type = int32();
            if (type == ARRAY) {
                throw damaged("it has an array of arrays");
            }
            long length = count(MOST_ELEMENTS, "elements of an array");
            List<Object> values = new ArrayList<>();
            for (long i = 0; i < length; i++) {
                values.add(value(type));
            }
            return values;
        }

        Claimed tensor() {
            String name = string();
            int dimensions = int32();
            if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
                throw damaged(name + " has " + dimensions + " dimensions");
            }
            long[] shape = new long[dimensions];
            long elements = 1;
            for (int i = dimensions - 1; i >= 0; i--) {
                shape[i] = int64();
                // Half a byte is the least that an element takes.
                if (shape[i] < 1 || shape[i] > 2 * file.byteSize() / elements) {
                    throw damaged(name + " has more elements than the file has bytes");
                }
                elements *= shape[i];
            }
            int number = int32();
            GgufType type = GgufType.numbered(number).orElseThrow(() -> GgufType.unread(path, name, number));
            return new Claimed(name, type, shape, int64());
        }
    }
}
