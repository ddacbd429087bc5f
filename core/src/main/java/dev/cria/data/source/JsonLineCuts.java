package dev.cria.data.source;

import java.io.IOException;
import java.util.Arrays;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** JSON lines, cut at line ends. */
final class JsonLineCuts implements JsonCuts {
    private final Content content;
    private final long maxBytes;

    private byte[] buffer = new byte[FIRST_BYTES];
    private int filled;
    private boolean ended;
    private long row;
    private long line = 1;
    private long position;
    private @Nullable Cut next;

    JsonLineCuts(Content content, long maxBytes) {
        this.content = content;
        this.maxBytes = maxBytes;
    }

    @Override
    public Content content() {
        return content;
    }

    @Override
    public boolean hasNext() {
        if (next == null && !ended) {
            next = read();
        }
        return next != null;
    }

    @Override
    public Cut next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException();
        }
        Cut cut = next;
        next = null;
        return cut;
    }

    private @Nullable Cut read() {
        try {
            while (!ended && filled < BLOCK_BYTES) {
                if (filled == buffer.length) {
                    buffer = Arrays.copyOf(buffer, Math.min(BLOCK_BYTES, filled * 2));
                }
                fill();
            }
            int end = ended ? filled : lineEnd();
            while (end == 0 && filled > 0) {
                if (filled > maxBytes) {
                    return withoutLongLine();
                }
                grow();
                end = ended ? filled : lineEnd();
            }
            return end == 0 ? null : take(end);
        } catch (IOException e) {
            ended = true;
            // What stands of the line that was cut off is part of the damage.
            Cut whole = take(lineEnd());
            return whole.then(content.damage(e, row));
        }
    }

    private void fill() throws IOException {
        int read = content.read(buffer, filled, Math.min(LONGEST_READ, buffer.length - filled));
        ended = read < 0;
        filled += Math.max(0, read);
    }

    private void grow() throws IOException {
        buffer = Arrays.copyOf(buffer, (int) Math.min(buffer.length * 2L, Math.max(maxBytes + 1, buffer.length + 1L)));
        while (!ended && filled < buffer.length) {
            fill();
        }
    }

    /** Where the last whole line in the buffer ends. */
    private int lineEnd() {
        for (int i = filled - 1; i >= 0; i--) {
            if (buffer[i] == '\n') {
                return i + 1;
            }
        }
        return 0;
    }

    /** Steps over the line that the buffer holds the beginning of. */
    private Cut withoutLongLine() throws IOException {
        long bytes = 0;
        int end = 0;
        while (end == 0 && !ended) {
            bytes += filled;
            filled = 0;
            fill();
            end = firstLineEnd();
        }
        bytes += Math.max(0, end - 1);
        buffer = rest(end);
        filled -= end;
        long tooLong = bytes;
        long itsRow = row++;
        long itsLine = line++;
        return new Cut(advance(), sink -> sink.tooLong(itsRow, itsLine, tooLong));
    }

    private int firstLineEnd() {
        for (int i = 0; i < filled; i++) {
            if (buffer[i] == '\n') {
                return i + 1;
            }
        }
        return 0;
    }

    private byte[] rest(int from) {
        byte[] rest = new byte[ended ? filled - from : Math.max(BLOCK_BYTES, filled - from)];
        System.arraycopy(buffer, from, rest, 0, filled - from);
        return rest;
    }

    private long advance() {
        long before = position;
        position = content.position();
        return position - before;
    }

    private Cut take(int end) {
        byte[] bytes = Arrays.copyOf(buffer, end);
        buffer = rest(end);
        filled -= end;
        long firstRow = row;
        long firstLine = line;
        count(bytes);
        return new Cut(advance(), sink -> lines(bytes, firstRow, firstLine, sink));
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

    private void lines(byte[] bytes, long firstRow, long firstLine, Sink sink) {
        long atRow = firstRow;
        long atLine = firstLine;
        int start = 0;
        while (start < bytes.length) {
            int end = start;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            if (!isBlank(bytes, start, end)) {
                if (end - start > maxBytes) {
                    sink.tooLong(atRow, atLine, end - start);
                } else {
                    sink.value(bytes, start, end - start, atRow, atLine);
                }
                atRow++;
            }
            atLine++;
            start = end + 1;
        }
    }

    private static boolean isBlank(byte[] bytes, int start, int end) {
        for (int i = start; i < end; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
                return false;
            }
        }
        return true;
    }
}
