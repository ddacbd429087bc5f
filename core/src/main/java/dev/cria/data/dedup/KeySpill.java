package dev.cria.data.dedup;

import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Documents' keys on disk, a file for each place, since one place is looked at at a time: 8 bytes a document and key,
 * and 4 for the document's number. In memory there are only the buffers.
 */
public final class KeySpill implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path directory;
    private final Column documents;
    private final List<Column> keys = new ArrayList<>();
    private long count;

    private KeySpill(Path directory, Column documents, long count) {
        this.directory = directory;
        this.documents = documents;
        this.count = count;
    }

    /** Opens a spill that holds {@code count} documents already; whatever was written after them is cut off. */
    public static KeySpill open(Path directory, int places, long count) {
        try {
            Files.createDirectories(directory);
            KeySpill spill =
                    new KeySpill(directory, Column.open(documentsFile(directory), count * Integer.BYTES), count);
            for (int place = 0; place < places; place++) {
                spill.keys.add(Column.open(keysFile(directory, place), count * Long.BYTES));
            }
            return spill;
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(directory, e);
        }
    }

    static Path documentsFile(Path directory) {
        return directory.resolve("documents");
    }

    static Path keysFile(Path directory, int place) {
        return directory.resolve("keys-" + place);
    }

    /** Appends a document's keys. */
    public void append(int document, long[] documentKeys) {
        try {
            documents.room(Integer.BYTES).putInt(document);
            for (int place = 0; place < documentKeys.length; place++) {
                keys.get(place).room(Long.BYTES).putLong(documentKeys[place]);
            }
            count++;
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(directory, e);
        }
    }

    /** How many documents were appended. */
    public long count() {
        return count;
    }

    /** Brings all that was appended to the disk. */
    public void force() {
        try {
            documents.force();
            for (Column column : keys) {
                column.force();
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(directory, e);
        }
    }

    @Override
    public void close() {
        try {
            documents.channel.close();
            for (Column column : keys) {
                column.channel.close();
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(directory, e);
        }
    }

    private record Column(FileChannel channel, ByteBuffer buffer) {

        static Column open(Path file, long bytes) throws IOException {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(bytes).position(bytes);
            return new Column(channel, ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN));
        }

        ByteBuffer room(int bytes) throws IOException {
            if (buffer.remaining() < bytes) {
                flush();
            }
            return buffer;
        }

        private void flush() throws IOException {
            AtomicFiles.writeFully(channel, buffer.flip());
            buffer.clear();
        }

        void force() throws IOException {
            flush();
            channel.force(false);
        }
    }
}
