package dev.cria.tokenizer;

import java.nio.charset.StandardCharsets;

/**
 * Text to UTF-8 and back, with U+FFFD for each half surrogate pair and for each maximal part of a broken sequence, as
 * the Encoding Standard and Python's {@code errors="replace"} have it. (Java writes '?' for half a pair.)
 */
final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';

    private Utf8() {}

    static byte[] encode(String text) {
        return (hasHalfPair(text) ? withoutHalfPairs(text) : text).getBytes(StandardCharsets.UTF_8);
    }

    private static boolean hasHalfPair(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (Character.charCount(text.codePointAt(i)) == 1) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    private static String withoutHalfPairs(String text) {
        int[] codePoints = text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? REPLACEMENT : c)
                .toArray();
        return new String(codePoints, 0, codePoints.length);
    }

    static String decode(byte[] bytes, int from, int to) {
        StringBuilder text = new StringBuilder(to - from);
        int at = from;
        while (at < to) {
            int broken = firstBroken(bytes, at, to);
            text.append(new String(bytes, at, broken - at, StandardCharsets.UTF_8));
            at = broken;
            if (at < to) {
                text.append(REPLACEMENT);
                at += Math.max(1, partLength(bytes, at, to));
            }
        }
        return text.toString();
    }

    /** Where the last, still incomplete sequence of {@code bytes[from, to)} begins; {@code to} where all is complete. */
    static int incompleteTail(byte[] bytes, int from, int to) {
        for (int start = to - 1; start >= Math.max(from, to - 3); start--) {
            if ((bytes[start] & 0xC0) != 0x80) {
                boolean isWholePrefix = start + partLength(bytes, start, to) == to;
                return isWholePrefix && to - start < neededLength(bytes[start]) ? start : to;
            }
        }
        return to;
    }

    private static int firstBroken(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            int length = partLength(bytes, at, to);
            if (length == 0 || length < neededLength(bytes[at])) {
                return at;
            }
            at += length;
        }
        return to;
    }

    /** How many bytes from {@code at} on begin a well-formed sequence; 0 where none begins. */
    private static int partLength(byte[] bytes, int at, int to) {
        int needed = neededLength(bytes[at]);
        int length = Math.min(1, needed);
        while (length < needed && at + length < to && continues(bytes[at], length, bytes[at + length])) {
            length++;
        }
        return length;
    }

    /** The length that the first byte announces, 0 for one that can't be first. */
    private static int neededLength(byte first) {
        int b = first & 0xFF;
        if (b < 0x80) {
            return 1;
        }
        return b < 0xC2 ? 0 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : b < 0xF5 ? 4 : 0;
    }

    /** Unicode Standard, table 3-7: the second byte's range depends on the first; later ones are 80 to BF. */
    private static boolean continues(byte first, int index, byte next) {
        int b = next & 0xFF;
        if (index > 1) {
            return b >= 0x80 && b <= 0xBF;
        }
        return switch (first & 0xFF) {
            case 0xE0 -> b >= 0xA0 && b <= 0xBF;
            case 0xED -> b >= 0x80 && b <= 0x9F;
            case 0xF0 -> b >= 0x90 && b <= 0xBF;
            case 0xF4 -> b >= 0x80 && b <= 0x8F;
            default -> b >= 0x80 && b <= 0xBF;
        };
    }
}
