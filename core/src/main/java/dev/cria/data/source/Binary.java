package dev.cria.data.source;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Tells bytes that are no text, and where their first ones are well known, what they are. */
final class Binary {
    /** Of a text's characters, the share that may be no UTF-8: single-byte encodings have fewer. */
    private static final double MOST_BROKEN = 0.3;

    private static final int LOOKED_AT = 1 << 13;
    private static final int LONGEST_CHARACTER = 3;

    private record Known(String what, int at, String begins) {}

    private static final Known[] KNOWN = {
        new Known("a Parquet file", 0, "PAR1"),
        new Known("an Arrow file", 0, "ARROW1"),
        new Known("a zip archive", 0, "PK\003\004"),
        new Known("a 7z archive", 0, "7z\u00BC\u00AF"),
        new Known("a tar archive", 257, "ustar"),
        new Known("a NumPy array", 0, "\u0093NUMPY"),
        new Known("a PDF document", 0, "%PDF-"),
        new Known("a PNG picture", 0, "\u0089PNG"),
        new Known("a JPEG picture", 0, "\u00FF\u00D8\u00FF"),
        new Known("an SQLite database", 0, "SQLite format 3"),
        new Known("an HDF5 file", 0, "\u0089HDF"),
        new Known("a GGUF model", 0, "GGUF"),
        new Known("compressed by lz4's legacy format", 0, "\u0002\u0021\u004C\u0018"),
        new Known("UTF-32 text", 0, "\u00FF\u00FE\0\0"),
        new Known("UTF-32 text", 0, "\0\0\u00FE\u00FF"),
        new Known("UTF-16 text", 0, "\u00FF\u00FE"),
        new Known("UTF-16 text", 0, "\u00FE\u00FF"),
        new Known("compressed by snappy", 0, "\u00FF\u0006\0\0sNaPpY"),
        new Known("gzip data inside other compression", 0, "\u001F\u008B\b"),
        new Known("zstd data inside other compression", 0, "\u0028\u00B5\u002F\u00FD"),
    };

    private Binary() {}

    /** What the bytes are if they are no text: {@code "a PNG picture"}, {@code "binary: byte 17 is zero"}. */
    static Optional<String> what(byte[] bytes, int length) {
        int looked = Math.min(length, LOOKED_AT);
        String start = new String(bytes, 0, looked, StandardCharsets.ISO_8859_1);
        for (Known known : KNOWN) {
            if (start.startsWith(known.begins, known.at)) {
                return Optional.of(known.what);
            }
        }
        for (int i = 0; i < length; i++) {
            if (bytes[i] == 0) {
                return Optional.of("binary: byte " + i + " is zero");
            }
        }
        return isMostlyBroken(new String(bytes, 0, looked, StandardCharsets.UTF_8))
                ? Optional.of("binary: most of it is not UTF-8")
                : Optional.empty();
    }

    /** Whether the bytes are text without any doubt; a character that they end within does not count. */
    static boolean isCleanText(byte[] bytes, int length) {
        String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
        return strange(text.substring(0, Math.max(0, text.length() - LONGEST_CHARACTER))) == 0;
    }

    private static boolean isMostlyBroken(String text) {
        return strange(text) > MOST_BROKEN * text.length();
    }

    private static long strange(String text) {
        return text.chars()
                .filter(c -> c == '\uFFFD' || c < ' ' && "\t\n\r\f\u001B".indexOf(c) < 0)
                .count();
    }
}
