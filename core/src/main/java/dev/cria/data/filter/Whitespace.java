package dev.cria.data.filter;

import java.util.ArrayList;
import java.util.List;

/** White space and line ends as Python has them, which the published rules were written in. */
final class Whitespace {
    private Whitespace() {}

    /** As {@code str.isspace}: no-break spaces count, unlike in Java. */
    static boolean is(char c) {
        if (c < 0x80) {
            return c == ' ' || c >= 9 && c <= 13 || c >= 0x1C && c <= 0x1F;
        }
        return c == 0x85
                || c == 0xA0
                || c == 0x1680
                || c >= 0x2000 && c <= 0x200A
                || c == 0x2028
                || c == 0x2029
                || c == 0x202F
                || c == 0x205F
                || c == 0x3000;
    }

    static boolean isBlank(String text) {
        return stripLeading(text).isEmpty();
    }

    static String strip(String text) {
        return stripTrailing(stripLeading(text));
    }

    static String stripLeading(String text) {
        int from = 0;
        while (from < text.length() && is(text.charAt(from))) {
            from++;
        }
        return text.substring(from);
    }

    static String stripTrailing(String text) {
        int to = text.length();
        while (to > 0 && is(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(0, to);
    }

    /** As {@code str.splitlines}: a line end at the end begins no further line. */
    static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (endsLine(text.charAt(i))) {
                lines.add(text.substring(start, i));
                i += text.startsWith("\r\n", i) ? 1 : 0;
                start = i + 1;
            }
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    private static boolean endsLine(char c) {
        return c >= '\n' && c <= '\r' || c >= 0x1C && c <= 0x1E || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    /** The longest run of anything else, in characters of Unicode; and how many runs there are. */
    record Runs(int count, int longest) {
        static Runs in(String line) {
            int count = 0;
            int longest = 0;
            int start = 0;
            for (int i = 0; i <= line.length(); i++) {
                if (i == line.length() || is(line.charAt(i))) {
                    if (i > start) {
                        count++;
                        longest = Math.max(longest, line.codePointCount(start, i));
                    }
                    start = i + 1;
                }
            }
            return new Runs(count, longest);
        }
    }
}
