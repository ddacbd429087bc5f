package dev.cria.data.source;

import dev.cria.WorkException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.NoSuchElementException;
import org.apache.parquet.io.InputFile;
import org.jspecify.annotations.Nullable;

/**
 * A file of JSON lines in blocks of a few megabytes cut at line ends. This side only finds the line ends; parsing is
 * the workers' part. A stream that breaks off gives what came before and then an unreadable row.
 */
final class JsonLineBlocks implements Blocks {
    static final int BLOCK_BYTES = 1 << 21;
    private static final int LONGEST_READ = 1 << 14;
    /** The longest line that is believed to be one; a file of gigabytes without a newline is not JSON lines. */
    private static final int LONGEST_LINE = 1 << 30;

    private final String name;
    private final JsonRows parser;
    private final InputStream in;
    /** Bytes of input for each byte read, so that the progress of compressed files is that of their files. */
    private final double inputBytesPerByte;

    private byte[] buffer = new byte[BLOCK_BYTES];
    private int filled;
    private boolean ended;
    private long row;
    private long line = 1;
    private @Nullable Block next;

    private JsonLineBlocks(String name, InputStream in, JsonRows parser, double inputBytesPerByte) {
        this.name = name;
        this.in = in;
        this.parser = parser;
        this.inputBytesPerByte = inputBytesPerByte;
    }

    /** Opens a file, compressed or not, from which {@code parser} makes the rows. */
    static JsonLineBlocks open(InputFile file, String name, JsonRows parser) throws IOException {
        Compression compression = Compression.of(name);
        // Text in JSON shrinks to about a third under either compression; the display needs no more.
        double ratio = compression == Compression.NONE ? 1 : 1 / 3.0;
        return new JsonLineBlocks(name, compression.open(file), parser, ratio);
    }

    @Override
    public boolean hasNext() {
        if (next == null && !ended) {
            next = read();
        }
        return next != null;
    }

    @Override
    public Block next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException();
        }
        Block block = next;
        next = null;
        return block;
    }

    private @Nullable Block read() {
        try {
            int end = fillToLineEnd();
            return end == 0 ? null : take(end);
        } catch (IOException e) {
            ended = true;
            Row broken = new Row.Unreadable(name, -1, brokenOff(e));
            Block rest = take(filled);
            return new Block(rest.bytes(), rows -> {
                rest.reader().read(rows);
                rows.accept(broken);
            });
        }
    }

    /** Reads until a whole block, and in it the end of a line, is there; returns where the last whole line ends. */
    private int fillToLineEnd() throws IOException {
        while (true) {
            while (filled < buffer.length) {
                // A decompressor that fails takes what the same call has read with it, so the calls are short.
                int read = in.read(buffer, filled, Math.min(LONGEST_READ, buffer.length - filled));
                if (read < 0) {
                    ended = true;
                    return filled;
                }
                filled += read;
            }
            for (int i = filled - 1; i >= 0; i--) {
                if (buffer[i] == '\n') {
                    return i + 1;
                }
            }
            if (buffer.length >= LONGEST_LINE) {
                throw new IOException("line " + line + " is longer than " + LONGEST_LINE + " bytes");
            }
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
    }

    private Block take(int end) {
        byte[] bytes = Arrays.copyOf(buffer, end);
        byte[] rest = new byte[Math.max(BLOCK_BYTES, filled - end)];
        System.arraycopy(buffer, end, rest, 0, filled - end);
        buffer = rest;
        filled -= end;
        long firstRow = row;
        long firstLine = line;
        count(bytes);
        return new Block(
                (long) (bytes.length * inputBytesPerByte), rows -> parser.read(bytes, firstRow, firstLine, rows));
    }

    private void count(byte[] bytes) {
        boolean blank = true;
        for (byte b : bytes) {
            if (b == '\n') {
                line++;
                row += blank ? 0 : 1;
                blank = true;
            } else if (blank && b != ' ' && b != '\t' && b != '\r') {
                blank = false;
            }
        }
        row += blank ? 0 : 1;
    }

    private WorkException brokenOff(IOException e) {
        String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new WorkException(
                "%s breaks off after %d rows: %s".formatted(name, row, reason),
                "fetch the file again, or go on without the rest of it: --skip-bad",
                e);
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
