package dev.cria.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The elements of a JSON array, or values one after the other over several lines, cut between the values. */
final class JsonValueCuts implements JsonCuts {
    private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

    private enum Place {
        BEFORE_ARRAY,
        BETWEEN,
        IN_STRING,
        ESCAPED,
        IN_BRACKETS,
        IN_SCALAR,
        AFTER_ARRAY
    }

    private record Span(int offset, int length, long line, long tooLong) {}

    private final Content content;
    private final long maxBytes;
    private final boolean array;

    private byte[] buffer = new byte[FIRST_BYTES];
    private int filled;
    private int at;
    private boolean ended;
    private boolean broken;
    private long row;
    private long line = 1;
    private long position;
    private @Nullable Cut next;

    private Place place;
    private int depth;
    /** Where the value that has begun begins, and how much of it was let go since it is too long. */
    private int start;

    private long startLine;
    private long dropped;
    private final List<Span> spans = new ArrayList<>();

    JsonValueCuts(Content content, long maxBytes, boolean array) {
        this.content = content;
        this.maxBytes = maxBytes;
        this.array = array;
        this.place = array ? Place.BEFORE_ARRAY : Place.BETWEEN;
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

    private Cut read() {
        try {
            while (!ended && (spans.isEmpty() || filled < BLOCK_BYTES)) {
                makeRoom();
                int read = content.read(buffer, filled, Math.min(LONGEST_READ, buffer.length - filled));
                ended = read < 0;
                filled += Math.max(0, read);
                scan();
            }
        } catch (IOException e) {
            ended = true;
            Cut whole = take();
            return whole.then(content.damage(e, row));
        }
        return ended ? last() : take();
    }

    /** What a whole file still ends with, or why it is not whole. */
    private Cut last() {
        if (place == Place.IN_SCALAR) {
            endValue(filled);
            place = Place.BETWEEN;
        }
        Place where = place;
        Cut whole = take();
        if (broken) {
            return whole.then(content.damage("more follows the array's end, on line " + line, row));
        }
        if (array && where != Place.AFTER_ARRAY) {
            return whole.then(content.damage("it ends inside the array that it begins with", row));
        }
        return !array && where != Place.BETWEEN
                ? whole.then(content.damage("it ends inside the value that begins on line " + startLine, row))
                : whole;
    }

    private void makeRoom() {
        if (spans.isEmpty() && !isInValue()) {
            filled = 0;
            at = 0;
        }
        if (filled < buffer.length) {
            return;
        }
        if (isInValue() && filled - start + dropped > maxBytes) {
            dropped += filled - start;
            filled = start;
            at = start;
        } else {
            buffer = Arrays.copyOf(buffer, (int) Math.min(buffer.length * 2L, LONGEST_ARRAY));
        }
    }

    private boolean isInValue() {
        return place == Place.IN_STRING
                || place == Place.ESCAPED
                || place == Place.IN_BRACKETS
                || place == Place.IN_SCALAR;
    }

    private void scan() {
        for (; at < filled && !broken; at++) {
            byte b = buffer[at];
            step(b);
            line += b == '\n' ? 1 : 0;
        }
        ended |= broken;
    }

    private void step(byte b) {
        switch (place) {
            case BEFORE_ARRAY -> place = b == '[' ? Place.BETWEEN : place;
            case BETWEEN -> between(b);
            case ESCAPED -> place = Place.IN_STRING;
            case IN_STRING -> {
                if (b == '\\') {
                    place = Place.ESCAPED;
                } else if (b == '"') {
                    place = depth == 0 ? endValue(at + 1) : Place.IN_BRACKETS;
                }
            }
            case IN_BRACKETS -> inBrackets(b);
            case IN_SCALAR -> {
                if (isBlank(b) || b == ',' || b == ']') {
                    place = endValue(at);
                    between(b);
                }
            }
            case AFTER_ARRAY -> broken = !isBlank(b);
        }
    }

    private void between(byte b) {
        if (isBlank(b) || b == ',' && array) {
            return;
        }
        if (b == ']' && array) {
            place = Place.AFTER_ARRAY;
            return;
        }
        start = at;
        startLine = line;
        dropped = 0;
        depth = b == '{' || b == '[' ? 1 : 0;
        place = depth > 0 ? Place.IN_BRACKETS : b == '"' ? Place.IN_STRING : Place.IN_SCALAR;
    }

    private void inBrackets(byte b) {
        switch (b) {
            case '"' -> place = Place.IN_STRING;
            case '{', '[' -> depth++;
            case '}', ']' -> {
                depth--;
                place = depth == 0 ? endValue(at + 1) : place;
            }
            default -> {}
        }
    }

    private Place endValue(int end) {
        long length = end - start + dropped;
        spans.add(new Span(start, end - start, startLine, length > maxBytes ? length : 0));
        return Place.BETWEEN;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    /** All whole values in the buffer; the one that has begun stays there. */
    private Cut take() {
        int kept = isInValue() ? start : filled;
        byte[] bytes = Arrays.copyOf(buffer, kept);
        byte[] rest = new byte[ended ? filled - kept : Math.max(BLOCK_BYTES, filled - kept)];
        System.arraycopy(buffer, kept, rest, 0, filled - kept);
        buffer = rest;
        filled -= kept;
        at -= kept;
        start = 0;
        List<Span> values = List.copyOf(spans);
        spans.clear();
        long firstRow = row;
        row += values.size();
        long before = position;
        position = content.position();
        return new Cut(position - before, sink -> {
            for (int i = 0; i < values.size(); i++) {
                Span value = values.get(i);
                if (value.tooLong > 0) {
                    sink.tooLong(firstRow + i, value.line, value.tooLong);
                } else {
                    sink.value(bytes, value.offset, value.length, firstRow + i, value.line);
                }
            }
        });
    }
}
