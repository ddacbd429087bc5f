package dev.cria.data.prepare;

import dev.cria.format.AtomicFiles;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.file.Path;

/** A file of numbers that grows, and is cut back to what was committed when interrupted work goes on. */
final class AppendedFile implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final Path path;
    private final RandomAccessFile file;
    private final DataOutputStream out;

    private AppendedFile(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
        this.out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(file.getChannel()), BUFFER));
    }

    /** Opens a file and cuts it off after its first {@code bytes}. */
    static AppendedFile open(Path path, long bytes) {
        try {
            RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
            file.setLength(bytes);
            file.seek(bytes);
            return new AppendedFile(path, file);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }

    void appendByte(int value) {
        try {
            out.writeByte(value);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }

    void append(byte[] bytes) {
        try {
            out.write(bytes);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }

    /** Appends a big-endian number. */
    void appendInt(int value) {
        try {
            out.writeInt(value);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }

    /** Brings all to the disk and says how many bytes it is. */
    long force() {
        try {
            out.flush();
            file.getChannel().force(false);
            return file.getFilePointer();
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }
}
