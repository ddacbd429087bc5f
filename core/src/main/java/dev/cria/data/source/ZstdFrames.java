package dev.cria.data.source;

import com.github.luben.zstd.ZstdBufferDecompressingStreamNoFinalizer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** The frames of a zstd file as one stream, whatever window they need. */
final class ZstdFrames extends InputStream implements Decompression {
    /** Two to this is the largest window that the format's tools write: {@code zstd --ultra --long=31}. */
    private static final int LONGEST_WINDOW = 31;

    private final FileBytes file;
    private final ByteBuffer source;
    private final ZstdBufferDecompressingStreamNoFinalizer frames;

    ZstdFrames(FileBytes file) throws IOException {
        this.file = file;
        this.source = ByteBuffer.allocate(FileBytes.CHUNK).limit(0);
        this.frames = new ZstdBufferDecompressingStreamNoFinalizer(source) {
            @Override
            protected ByteBuffer refill(ByteBuffer empty) {
                return refilled();
            }
        };
        refilled();
        frames.setLongMax(LONGEST_WINDOW);
    }

    private ByteBuffer refilled() {
        try {
            int read = file.read(source.array(), 0, source.capacity());
            return source.clear().limit(Math.max(0, read));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        ByteBuffer target = ByteBuffer.wrap(bytes, offset, count);
        try {
            while (frames.hasRemaining()) {
                int before = source.remaining();
                int read = frames.read(target);
                if (read > 0) {
                    return read;
                }
                // Without more input or output, a frame that has not ended never will.
                if (before == 0 && source.remaining() == 0 && frames.hasRemaining()) {
                    throw new EOFException();
                }
            }
            return -1;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public long position() {
        return file.position() - source.remaining();
    }

    @Override
    public void close() throws IOException {
        frames.close();
        file.close();
    }
}
