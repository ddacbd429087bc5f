package dev.cria.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a one-dimensional .npy file piece by piece. The header, which needs the count, is written last, into room left
 * for it; the file appears under its name only with {@link #commit}. Closing without commit leaves nothing.
 */
public final class NpyWriter implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path target;
    private final Path temporary;
    private final NpyType type;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long count;

    private NpyWriter(Path target, Path temporary, NpyType type, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.type = type;
        this.channel = channel;
    }

    /** Begins a file; its directory is made if it is missing. */
    public static NpyWriter create(Path target, NpyType type) {
        if (type == NpyType.FLOAT32) {
            throw new IllegalArgumentException("token files hold whole numbers");
        }
        Path temporary = AtomicFiles.temporaryFor(target);
        try {
            Path parent = target.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);
            channel.position(headerBytes(type));
            return new NpyWriter(target, temporary, type, channel);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        }
    }

    /** The room that numpy leaves for the count to grow makes the header as long for any count. */
    private static int headerBytes(NpyType type) {
        return NpyHeader.oneDimensional(type, Long.MAX_VALUE).length;
    }

    /** Appends {@code values[from]} to {@code values[to - 1]}. */
    public void append(int[] values, int from, int to) {
        try {
            for (int i = from; i < to; i++) {
                if (buffer.remaining() < type.bytes()) {
                    flush();
                }
                type.put(values[i], buffer);
            }
            count += to - from;
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        }
    }

    private void flush() throws IOException {
        AtomicFiles.writeFully(channel, buffer.flip());
        buffer.clear();
    }

    /** How many values were appended. */
    public long count() {
        return count;
    }

    /** Completes the file, forces it to the disk and gives it its name. */
    public void commit() {
        complete();
        publish(target);
    }

    /**
     * Completes the file and forces it to the disk under its temporary name.
     *
     * @return where it lies until {@link #publish}
     */
    public Path complete() {
        try {
            flush();
            channel.position(0);
            AtomicFiles.writeFully(channel, ByteBuffer.wrap(NpyHeader.oneDimensional(type, count)));
            channel.force(true);
            channel.close();
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        }
        return temporary;
    }

    /** Gives a completed file its name, unless it has that already; this or another process may have completed it. */
    public static void publish(Path target) {
        Path temporary = AtomicFiles.temporaryFor(target);
        if (Files.exists(temporary)) {
            AtomicFiles.moveIntoPlace(temporary, target);
        }
    }

    @Override
    public void close() {
        try {
            if (channel.isOpen()) {
                channel.close();
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        }
    }
}
