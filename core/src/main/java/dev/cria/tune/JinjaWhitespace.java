package dev.cria.tune;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Carries out a template's whitespace control as Jinja 2 does with {@code trim_blocks} and {@code lstrip_blocks}, which
 * is how transformers renders chat templates, and leaves a template whose text means itself.
 *
 * <p>The template library has these switches too, but strips a space before a block in the middle of a line and ignores
 * the minus of {@code {{-}; a chat template with one space too many is another prompt.
 *
 * @see "Jinja 2, lexer.py"
 */
final class JinjaWhitespace {
    private static final Pattern NEWLINE = Pattern.compile("\\r?\\n");

    /** TRL marks answers so; the spans are found here in another way, and the library knows no such tag. */
    private static final Pattern GENERATION = Pattern.compile("\\s*(end)?generation\\s*");

    private final String template;
    private final StringBuilder plain = new StringBuilder();
    private boolean lineStarting = true;
    private int at;

    private JinjaWhitespace(String template) {
        this.template = template;
    }

    /** The template with all whitespace control carried out, without comments. */
    static String resolve(String template) {
        // Jinja drops one newline at the very end.
        return new JinjaWhitespace(template.replaceFirst("\\r?\\n\\z", "")).resolved();
    }

    private String resolved() {
        while (true) {
            int open = nextTag(at);
            if (open < 0) {
                return plain.append(template, at, template.length()).toString();
            }
            tag(open);
        }
    }

    private int nextTag(int from) {
        for (int i = from; i + 1 < template.length(); i++) {
            if (template.charAt(i) == '{' && "%{#".indexOf(template.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void tag(int open) {
        char kind = template.charAt(open + 1);
        int close = close(open + 2, kind);
        char left = signAt(open + 2);
        char right = close - 1 > open + 2 ? signAt(close - 1) : ' ';
        text(template.substring(at, open), kind, left);
        String body = template.substring(open + 2 + width(left), close - width(right));
        if (kind != '#' && !GENERATION.matcher(body).matches()) {
            String begin = kind == '%' ? "{% " : "{{ ";
            plain.append(begin).append(body.strip()).append(kind == '%' ? " %}" : " }}");
        }
        int next = Math.min(template.length(), close + 2);
        at = afterTag(next, kind, right);
        lineStarting = at > next && template.charAt(at - 1) == '\n';
    }

    /** Where the tag's closing two characters stand; ends of tags within quotes are text. */
    private int close(int from, char kind) {
        char last = kind == '{' ? '}' : kind;
        char quote = 0;
        for (int i = from; i + 1 < template.length(); i++) {
            char c = template.charAt(i);
            if (quote != 0) {
                if (c == '\\') {
                    i++;
                } else if (c == quote) {
                    quote = 0;
                }
            } else if (kind != '#' && (c == '\'' || c == '"')) {
                quote = c;
            } else if (c == last && template.charAt(i + 1) == '}') {
                return i;
            }
        }
        return template.length();
    }

    private char signAt(int index) {
        char c = index < template.length() ? template.charAt(index) : ' ';
        return c == '-' || c == '+' ? c : ' ';
    }

    private static int width(char sign) {
        return sign == ' ' ? 0 : 1;
    }

    private void text(String text, char kind, char left) {
        if (left == '-') {
            plain.append(text.stripTrailing());
            return;
        }
        int line = text.lastIndexOf('\n') + 1;
        boolean indentation = (line > 0 || lineStarting) && text.substring(line).isBlank();
        plain.append(kind != '{' && left != '+' && indentation ? text.substring(0, line) : text);
    }

    /** Where the text after a tag begins: past all whitespace, or past one newline after a block. */
    private int afterTag(int from, char kind, char right) {
        int next = from;
        if (right == '-') {
            while (next < template.length() && Character.isWhitespace(template.charAt(next))) {
                next++;
            }
            return next;
        }
        if (kind != '{' && right != '+') {
            Matcher newline = NEWLINE.matcher(template).region(from, template.length());
            return newline.lookingAt() ? newline.end() : from;
        }
        return from;
    }
}
