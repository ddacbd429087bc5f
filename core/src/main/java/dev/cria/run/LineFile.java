package dev.cria.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A file that lines are added to. What a full disk refuses waits in memory, in order and from the byte on that was
 * refused, and is tried again with each further line.
 */
final class LineFile implements AutoCloseable {
    private final FileChannel channel;
    private final Deque<ByteBuffer> waiting = new ArrayDeque<>();

    private LineFile(FileChannel channel) {
        this.channel = channel;
    }

    static LineFile open(Path file) throws IOException {
        return new LineFile(FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    /** Adds a line; a failure tells why it, and perhaps others, still wait. */
    void add(String line) throws IOException {
        waiting.addLast(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
        flush();
    }

    /** Writes what waits. */
    private void flush() throws IOException {
        while (!waiting.isEmpty()) {
            ByteBuffer line = waiting.getFirst();
            while (line.hasRemaining()) {
                channel.write(line);
            }
            waiting.removeFirst();
        }
    }

    /** Makes sure that all lines so far survive a power cut. */
    void force() throws IOException {
        flush();
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            flush();
        }
    }
}
