package dev.cria.data.source;

import java.io.EOFException;
import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * One member of a gzip file, to its last byte and none further. The JDK's own reader takes a next member's broken header
 * for the end of the file.
 *
 * @see "RFC 1952"
 */
final class GzipMember extends InflaterInputStream {
    private static final int DEFLATE = 8;
    private static final int HEADER_CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xE0;

    private final FileBytes file;
    private final CRC32 checksum = new CRC32();
    private boolean ended;

    /** Reads the header. */
    GzipMember(FileBytes file) throws IOException {
        super(file, new Inflater(true), FileBytes.CHUNK);
        this.file = file;
        header();
        checksum.reset();
    }

    private void header() throws IOException {
        if (next() != 0x1F || next() != 0x8B || next() != DEFLATE) {
            throw new IOException("what follows is not a gzip member");
        }
        int flags = next();
        if ((flags & RESERVED) != 0) {
            throw new IOException("a gzip header with unknown flags");
        }
        skipHeader(6);
        if ((flags & EXTRA) != 0) {
            skipHeader(next() | next() << 8);
        }
        skipText(flags & NAME);
        skipText(flags & COMMENT);
        if ((flags & HEADER_CHECKSUM) != 0) {
            int expected = (int) checksum.getValue() & 0xFFFF;
            if ((next() | next() << 8) != expected) {
                throw new IOException("a gzip header with a wrong checksum");
            }
        }
    }

    private void skipHeader(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    private void skipText(int present) throws IOException {
        while (present != 0 && next() != 0) {
            // Up to the zero that ends it.
        }
    }

    private int next() throws IOException {
        int read = file.read();
        if (read < 0) {
            throw new EOFException();
        }
        checksum.update(read);
        return read;
    }

    @Override
    protected void fill() throws IOException {
        len = file.read(buf, 0, buf.length);
        if (len < 0) {
            throw new EOFException();
        }
        inf.setInput(buf, 0, len);
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        if (ended) {
            return -1;
        }
        int read = super.read(bytes, offset, count);
        if (read > 0) {
            checksum.update(bytes, offset, read);
        } else if (read < 0) {
            end();
        }
        return read;
    }

    private void end() throws IOException {
        ended = true;
        long bytes = inf.getBytesWritten();
        int ahead = inf.getRemaining();
        file.unread(buf, len - ahead, ahead);
        inf.end();
        long expected = checksum.getValue();
        if (nextInt() != expected || nextInt() != (bytes & 0xFFFFFFFFL)) {
            throw new IOException("the checksum of a gzip member is wrong");
        }
    }

    private long nextInt() throws IOException {
        return next() | next() << 8 | next() << 16 | (long) next() << 24;
    }

    /** Bytes of the file that were taken but not used yet. */
    int ahead() {
        return ended ? 0 : inf.getRemaining();
    }

    /** Frees the decompressor; the file stays open for the next member. */
    @Override
    public void close() {
        inf.end();
    }
}
