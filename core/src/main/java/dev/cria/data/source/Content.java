package dev.cria.data.source;

import dev.cria.WorkException;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.apache.parquet.io.InputFile;
import org.jspecify.annotations.Nullable;

/** An opened file: what it holds after decompression, what that begins with, and where in the file one is. */
final class Content implements Closeable {
    private static final int HEAD = 1 << 13;
    /** No compressed file is shorter. */
    private static final int HEADER = 6;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final String name;
    private final Compression compression;
    private final Decompression in;
    private final long length;
    private byte[] head = {};
    private int given;
    private @Nullable IOException broken;

    private Content(String name, Compression compression, Decompression in, long length) {
        this.name = name;
        this.compression = compression;
        this.in = in;
        this.length = length;
    }

    /**
     * Opens a file and reads how it begins.
     *
     * @throws WorkException if it is damaged right there
     */
    static Content open(InputFile file, String name) throws IOException {
        FileBytes bytes = FileBytes.open(file);
        Content content = null;
        try {
            Compression compression = Compression.of(bytes, name);
            refuseOtherThanNamed(bytes, compression, name);
            content = new Content(name, compression, compression.open(bytes), bytes.length());
            content.readHead();
            return content;
        } catch (IOException | RuntimeException e) {
            bytes.close();
            if (content != null && e instanceof IOException io) {
                throw content.damage(io, 0);
            }
            throw e;
        }
    }

    /** A file named as compressed that is neither that nor text has lost its beginning. */
    private static void refuseOtherThanNamed(FileBytes bytes, Compression found, String name) throws IOException {
        Compression named = Compression.named(name);
        if (found != Compression.NONE || named == Compression.NONE) {
            return;
        }
        byte[] start = new byte[HEAD];
        int read = bytes.readNBytes(start, 0, HEAD);
        bytes.unread(start, 0, read);
        if (read == 0) {
            throw new WorkException(
                    "%s is damaged: it is empty, and not even a %s file without content is"
                            .formatted(name, named.title()),
                    "fetch the file again, or continue without it: --skip-bad");
        }
        if (read < HEADER || !Binary.isCleanText(start, read)) {
            throw new WorkException(
                    "%s is damaged at byte 0 of %d: it does not begin as a %s file does"
                            .formatted(name, bytes.length(), named.title()),
                    "fetch the file again, or continue without it: --skip-bad");
        }
    }

    private void readHead() throws IOException {
        byte[] start = new byte[HEAD];
        int filled = 0;
        int read = 0;
        while (filled < HEAD && read >= 0) {
            filled += read;
            try {
                read = decompress(start, filled, HEAD - filled);
            } catch (IOException e) {
                if (filled == 0) {
                    throw e;
                }
                // What came before is content; whoever has read that is told.
                broken = e;
                read = -1;
            }
        }
        head = Arrays.copyOf(start, filled);
        boolean marked = filled >= BYTE_ORDER_MARK.length
                && Arrays.equals(head, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
        given = marked ? BYTE_ORDER_MARK.length : 0;
    }

    private int decompress(byte[] bytes, int offset, int count) throws IOException {
        try {
            return in.read(bytes, offset, count);
        } catch (RuntimeException e) {
            throw new IOException("its " + compression.title() + " data are broken", e);
        }
    }

    /** The first bytes of the content, without a byte order mark; they are read again. */
    byte[] head() {
        return Arrays.copyOfRange(head, Math.min(given, head.length), head.length);
    }

    int read(byte[] bytes, int offset, int count) throws IOException {
        if (given < head.length) {
            int n = Math.min(count, head.length - given);
            System.arraycopy(head, given, bytes, offset, n);
            given += n;
            return n;
        }
        if (broken != null) {
            throw broken;
        }
        return decompress(bytes, offset, count);
    }

    String name() {
        return name;
    }

    Compression compression() {
        return compression;
    }

    /** Bytes of the file, as it lies on the disk, that were used. */
    long position() {
        return in.position();
    }

    /** What to say where reading broke off. */
    WorkException damage(IOException e, long documents) {
        if (e instanceof FileBytes.Failure) {
            return DocumentFile.cannotRead(name, e);
        }
        return damage(compression.reason(e), documents);
    }

    /** What to say where the content ends too early or goes on too long. */
    WorkException damage(String reason, long documents) {
        return new WorkException(
                String.format(
                        Locale.ROOT,
                        "%s is damaged at byte %d of %d: %s; %d documents were read before",
                        name,
                        position(),
                        length,
                        reason,
                        documents),
                "fetch the file again, or continue without the rest of it: --skip-bad");
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException _) {
            // Only read from: nothing can be lost.
        }
    }
}
