package dev.cria;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Passes on what is written to it, without secrets: the last door before the terminal, for stack traces too. */
public final class RedactedStream extends OutputStream {
    /** As much as a print stream hands over at once; the rest of its text comes with the next call. */
    private static final int FULL = 8192;

    private final OutputStream out;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();

    public RedactedStream(OutputStream out) {
        this.out = out;
    }

    @Override
    public synchronized void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        int keep = length < FULL ? 0 : wordAtEnd(bytes, offset, length);
        held.write(bytes, offset, length - keep);
        release();
        held.write(bytes, offset + length - keep, keep);
    }

    /** A secret has no white space, so a word that is cut off may be one's beginning. */
    private static int wordAtEnd(byte[] bytes, int offset, int length) {
        int keep = 0;
        while (keep < length && bytes[offset + length - 1 - keep] > ' ') {
            keep++;
        }
        return keep == length ? 0 : keep;
    }

    private void release() throws IOException {
        // Byte for byte, so that a character that is cut by the end of a piece stays whole.
        String text = held.toString(StandardCharsets.ISO_8859_1);
        held.reset();
        out.write(Redaction.of(text).getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public synchronized void flush() throws IOException {
        if (held.size() > 0) {
            release();
        }
        out.flush();
    }

    @Override
    public void close() throws IOException {
        flush();
        out.close();
    }
}
