package dev.cria.data.source;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import org.apache.parquet.io.InputFile;

/** A file's bytes in order, and how many of them were taken. What was taken too much can be given back. */
final class FileBytes extends PushbackInputStream {
    static final int CHUNK = 1 << 16;

    private final long length;
    private long position;

    private FileBytes(InputStream in, long length) {
        super(new BufferedInputStream(in, CHUNK), CHUNK);
        this.length = length;
    }

    static FileBytes open(InputFile file) throws IOException {
        return new FileBytes(new Disk(file.newStream()), file.getLength());
    }

    /** The system's refusal to read, as opposed to bytes that mean nothing. */
    static final class Failure extends IOException {
        private static final long serialVersionUID = 1L;

        Failure(IOException cause) {
            super(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage(), cause);
        }
    }

    private static final class Disk extends FilterInputStream {
        Disk(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] bytes, int offset, int count) throws IOException {
            try {
                return in.read(bytes, offset, count);
            } catch (IOException e) {
                throw new Failure(e);
            }
        }
    }

    long length() {
        return length;
    }

    long position() {
        return position;
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        position += read < 0 ? 0 : 1;
        return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        int read = super.read(bytes, offset, count);
        position += Math.max(0, read);
        return read;
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = super.skip(count);
        position += skipped;
        return skipped;
    }

    @Override
    public void unread(int b) throws IOException {
        super.unread(b);
        position--;
    }

    @Override
    public void unread(byte[] bytes, int offset, int count) throws IOException {
        super.unread(bytes, offset, count);
        position -= count;
    }
}
