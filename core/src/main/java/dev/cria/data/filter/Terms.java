package dev.cria.data.filter;

import java.util.Arrays;

/**
 * The words of a text as offsets into it: runs of letters, marks and digits, in which an apostrophe, hyphen, point or
 * comma may stand between two of them; and runs of one repeated other sign, such as {@code ...}. A classifier's features
 * are made of them, so they may never change.
 */
final class Terms {
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private final String text;
    private int count;
    private int[] begins = new int[64];
    private int[] ends = new int[64];
    private long[] hashes = new long[64];

    private Terms(String text) {
        this.text = text;
    }

    static Terms of(String text) {
        Terms terms = new Terms(text);
        int at = 0;
        while (at < text.length()) {
            int c = text.codePointAt(at);
            if (Character.isWhitespace(c) || c == 0xA0) {
                at += Character.charCount(c);
            } else {
                int end = isWordPart(c) ? terms.wordEnd(at) : terms.signEnd(at, c);
                terms.add(at, end);
                at = end;
            }
        }
        return terms;
    }

    private static boolean isWordPart(int c) {
        if (c < 128) {
            return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
        }
        return Character.isLetterOrDigit(c) || Character.getType(c) == Character.NON_SPACING_MARK;
    }

    private int wordEnd(int from) {
        int at = from;
        while (at < text.length()) {
            int c = text.codePointAt(at);
            if (!isWordPart(c) && !joins(at, c)) {
                return at;
            }
            at += Character.charCount(c);
        }
        return at;
    }

    private boolean joins(int at, int c) {
        boolean joint = c == '\'' || c == '’' || c == '-' || c == '.' || c == ',';
        return joint && at + 1 < text.length() && isWordPart(text.codePointAt(at + 1));
    }

    private int signEnd(int from, int sign) {
        int at = from;
        while (at < text.length() && text.codePointAt(at) == sign) {
            at += Character.charCount(sign);
        }
        return at;
    }

    private void add(int begin, int end) {
        if (count == begins.length) {
            begins = Arrays.copyOf(begins, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
            hashes = Arrays.copyOf(hashes, count * 2);
        }
        begins[count] = begin;
        ends[count] = end;
        long hash = end - begin;
        for (int i = begin; i < end; i++) {
            hash = (hash ^ text.charAt(i)) * PRIME;
        }
        hashes[count] = hash ^ hash >>> 29;
        count++;
    }

    int count() {
        return count;
    }

    /** Equal for equal terms; 64 bits, so that different terms of one document never collide in practice. */
    long hash(int word) {
        return hashes[word];
    }
}
