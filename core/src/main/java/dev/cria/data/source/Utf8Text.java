package dev.cria.data.source;

import dev.cria.data.source.Row.Encoding;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Text read from bytes that should be UTF-8; what is not becomes U+FFFD, and one knows. */
record Utf8Text(String text, Encoding encoding) {
    private static final char REPLACEMENT = '\uFFFD';

    static Utf8Text decode(byte[] bytes, int offset, int length) {
        String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
        boolean suspicious = text.indexOf(REPLACEMENT) >= 0;
        return new Utf8Text(text, suspicious && !isSound(bytes, offset, length) ? Encoding.REPAIRED : Encoding.SOUND);
    }

    /** A string of another parser; halves of surrogate pairs, which JSON's escapes can make, are replaced. */
    static Utf8Text of(String text) {
        int lone = loneSurrogate(text, 0);
        if (lone < 0) {
            return new Utf8Text(text, Encoding.SOUND);
        }
        StringBuilder repaired = new StringBuilder(text);
        for (; lone >= 0; lone = loneSurrogate(text, lone + 1)) {
            repaired.setCharAt(lone, REPLACEMENT);
        }
        return new Utf8Text(repaired.toString(), Encoding.REPAIRED);
    }

    /** The text without the byte order mark that it may begin with. */
    String withoutMark() {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** The same text, repaired if this or the other was. */
    Utf8Text and(Encoding other) {
        return other == Encoding.REPAIRED ? new Utf8Text(text, Encoding.REPAIRED) : this;
    }

    private static boolean isSound(byte[] bytes, int offset, int length) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, length));
            return true;
        } catch (CharacterCodingException _) {
            return false;
        }
    }

    private static int loneSurrogate(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (!pair) {
                return i;
            }
            i++;
        }
        return -1;
    }
}
