package dev.cria.tokenizer;

/**
 * Classes of code points as the patterns of byte-level tokenizers see them, read straight from UTF-8: letters are
 * {@code \p{L}}, numbers {@code \p{N}}, space is Unicode's White_Space property, and all else is a symbol.
 */
final class CodePoints {
    static final int SYMBOL = 0;
    static final int LETTER = 1;
    static final int NUMBER = 2;
    static final int SPACE = 3;

    private static final byte[] ASCII = ascii();

    private CodePoints() {}

    /** The class of the code point that begins at {@code utf8[at]}. */
    static int classAt(byte[] utf8, int at) {
        byte first = utf8[at];
        return first >= 0 ? ASCII[first] : classOf(decode(utf8, at));
    }

    /** How many bytes the code point takes that begins with this byte. */
    static int width(byte first) {
        if (first >= 0) {
            return 1;
        }
        return first < (byte) 0xE0 ? 2 : first < (byte) 0xF0 ? 3 : 4;
    }

    /** The code point that begins at {@code utf8[at]}, which is well-formed there. */
    static int decode(byte[] utf8, int at) {
        byte first = utf8[at];
        return switch (width(first)) {
            case 1 -> first;
            case 2 -> (first & 0x1F) << 6 | (utf8[at + 1] & 0x3F);
            case 3 -> (first & 0x0F) << 12 | (utf8[at + 1] & 0x3F) << 6 | (utf8[at + 2] & 0x3F);
            default ->
                (first & 0x07) << 18 | (utf8[at + 1] & 0x3F) << 12 | (utf8[at + 2] & 0x3F) << 6 | (utf8[at + 3] & 0x3F);
        };
    }

    static int classOf(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER -> LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            default -> isWhiteSpace(codePoint) ? SPACE : SYMBOL;
        };
    }

    // Java's own Character.isWhitespace differs: it has U+001C to U+001F and lacks U+0085 and U+00A0.
    private static boolean isWhiteSpace(int codePoint) {
        return switch (codePoint) {
            case '\t', '\n', 0x0B, '\f', '\r', ' ', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
            default -> codePoint >= 0x2000 && codePoint <= 0x200A;
        };
    }

    /** Where the white space ends that begins at {@code text[from]}. */
    static int spaceEnd(String text, int from) {
        int at = from;
        while (at < text.length() && isWhiteSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** Where the white space begins that ends before {@code text[to]}. */
    static int spaceStart(String text, int to) {
        int at = to;
        while (at > 0 && isWhiteSpace(text.charAt(at - 1))) {
            at--;
        }
        return at;
    }

    private static byte[] ascii() {
        byte[] classes = new byte[128];
        for (int c = 0; c < classes.length; c++) {
            classes[c] = (byte) classOf(c);
        }
        return classes;
    }
}
