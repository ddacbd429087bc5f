package dev.cria.eval;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The text functions of Python that the harness' prompts are made with, to the character: {@code str.strip},
 * {@code str.rstrip}, {@code str.capitalize}, {@code re.sub} with a dot that stops at line feeds only.
 */
final class PythonText {
    private static final int COMBINING_IOTA = 0x345;
    private static final int CAPITAL_IOTA = 0x399;

    private PythonText() {}

    /** True for the 29 characters that Python's {@code str.isspace} accepts, U+00A0 and U+3000 among them. */
    static boolean isSpace(int codePoint) {
        return switch (codePoint) {
            case 0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
            default ->
                codePoint >= 0x09 && codePoint <= 0x0D
                        || codePoint >= 0x1C && codePoint <= 0x1F
                        || codePoint >= 0x2000 && codePoint <= 0x200A;
        };
    }

    static String rstrip(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    static String lstrip(String text) {
        int start = 0;
        while (start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        return text.substring(start);
    }

    static String strip(String text) {
        return lstrip(rstrip(text));
    }

    /** The first character in title case, all others in lower case. */
    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.codePointAt(0);
        // The whole text is lowered, not its rest alone: a sigma is final or not by what stands before it.
        String lowered = text.toLowerCase(Locale.ROOT);
        String loweredFirst = Character.toString(first).toLowerCase(Locale.ROOT);
        return titleCase(first) + lowered.substring(loweredFirst.length());
    }

    /**
     * Unicode's full title case of one character. Java has the one-to-one mapping only; where that leaves the
     * character as it is, the full upper case may still be several characters (ß → SS), of which all but the first
     * letter go down again (Ss), and a written-out iota becomes the combining one.
     */
    private static String titleCase(int codePoint) {
        int simple = Character.toTitleCase(codePoint);
        String upper = Character.toString(codePoint).toUpperCase(Locale.ROOT);
        if (simple != codePoint || Character.isTitleCase(codePoint) || upper.codePointCount(0, upper.length()) == 1) {
            return Character.toString(simple);
        }
        StringBuilder title = new StringBuilder();
        boolean letterSeen = false;
        for (int c : upper.codePoints().toArray()) {
            if (!letterSeen) {
                title.appendCodePoint(c);
            } else if (c == CAPITAL_IOTA) {
                title.appendCodePoint(COMBINING_IOTA);
            } else {
                title.appendCodePoint(Character.toLowerCase(c));
            }
            letterSeen |= Character.isUpperCase(c);
        }
        return title.toString();
    }

    /** {@code re.sub(pattern, "", text)}: a dot stops at line feeds only, where Java's also stops at four others. */
    static Pattern pattern(String expression) {
        return Pattern.compile(expression, Pattern.UNIX_LINES);
    }

    /** Python's {@code len(text)}: code points. */
    static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
