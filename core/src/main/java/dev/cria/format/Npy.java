package dev.cria.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An array of numpy's .npy format mapped into memory: sizes are longs, and nothing is read until it is touched.
 *
 * @param type the element type
 * @param shape its dimensions, in C order
 * @param data the elements, little-endian, read-only, as long as the arena lives
 */
public record Npy(NpyType type, long[] shape, MemorySegment data) {
    /** A header of version 1.0 is never longer. */
    private static final int LONGEST_HEADER = NpyHeader.FIXED_BYTES + 0xFFFF;

    /** Maps a file into {@code arena}; refuses one whose header and size disagree. */
    public static Npy map(Path file, Arena arena) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer start = ByteBuffer.allocate((int) Math.min(channel.size(), LONGEST_HEADER));
            while (start.hasRemaining() && channel.read(start, start.position()) >= 0) {}
            NpyHeader header = NpyHeader.parse(file, start.array(), channel.size());
            MemorySegment data = channel.map(
                    FileChannel.MapMode.READ_ONLY, header.length(), channel.size() - header.length(), arena);
            return new Npy(header.type(), header.shape(), data);
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }

    /** The bytes before the data of a one-dimensional file of {@code count} elements, as {@code numpy.save} has them. */
    public static byte[] header(NpyType type, long count) {
        return NpyHeader.oneDimensional(type, count);
    }

    /** Writes a one-dimensional array of {@code values} atomically, byte for byte as {@code numpy.save} does. */
    public static void write(Path file, NpyType type, int[] values) {
        try (NpyWriter writer = NpyWriter.create(file, type)) {
            writer.append(values, 0, values.length);
            writer.commit();
        }
    }

    /** The number of elements. */
    public long count() {
        return data.byteSize() / type.bytes();
    }

    /** Element {@code index} of a token array; ids of 2³¹ and more, which no vocabulary has, come out negative. */
    public int tokenAt(long index) {
        return switch (type) {
            case UINT16 -> Short.toUnsignedInt(data.get(NpyType.SHORT, index * Short.BYTES));
            case UINT32 -> data.get(NpyType.INT, index * Integer.BYTES);
            case FLOAT32 -> throw new IllegalStateException("floats are no tokens");
        };
    }

    /** A copy of all elements of a float array, for arrays of less than 2³¹ elements. */
    public float[] floats() {
        if (type != NpyType.FLOAT32) {
            throw new IllegalStateException(type + " holds no floats");
        }
        return data.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
    }
}
