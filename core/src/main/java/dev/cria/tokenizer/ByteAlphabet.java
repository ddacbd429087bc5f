package dev.cria.tokenizer;

import java.util.Arrays;

/**
 * GPT-2's printable stand-ins for bytes, in which {@code tokenizer.json} spells tokens: printable Latin-1 characters
 * stand for themselves, the other 68 bytes are U+0100 and on, so that a space is {@code Ġ}.
 */
final class ByteAlphabet {
    private static final char[] CHARS = new char[256];
    private static final short[] BYTES = new short[256 + 68];

    static {
        Arrays.fill(BYTES, (short) -1);
        char next = 256;
        for (int b = 0; b < CHARS.length; b++) {
            char c = isPrintable(b) ? (char) b : next++;
            CHARS[b] = c;
            BYTES[c] = (short) b;
        }
    }

    private ByteAlphabet() {}

    private static boolean isPrintable(int b) {
        return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
    }

    /** All bytes in GPT-2's order of single-byte tokens: the printable ones, then the others. */
    static byte[] inOrder() {
        byte[] bytes = new byte[CHARS.length];
        int count = 0;
        for (int c = 0; c < BYTES.length; c++) {
            if (BYTES[c] >= 0) {
                bytes[count++] = (byte) BYTES[c];
            }
        }
        return bytes;
    }

    static String spell(byte[] token) {
        StringBuilder text = new StringBuilder(token.length);
        for (byte b : token) {
            text.append(CHARS[b & 0xFF]);
        }
        return text.toString();
    }

    static boolean canSpell(String spelled) {
        for (int i = 0; i < spelled.length(); i++) {
            char c = spelled.charAt(i);
            if (c >= BYTES.length || BYTES[c] < 0) {
                return false;
            }
        }
        return true;
    }

    /** The bytes of a token so spelled, for which {@link #canSpell} holds. */
    static byte[] bytes(String spelled) {
        byte[] token = new byte[spelled.length()];
        for (int i = 0; i < token.length; i++) {
            token[i] = (byte) BYTES[spelled.charAt(i)];
        }
        return token;
    }
}
