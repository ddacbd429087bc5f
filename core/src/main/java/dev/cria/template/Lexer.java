package dev.cria.template;

import dev.cria.template.Token.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens, with {@code trim_blocks} and {@code lstrip_blocks}: a newline after a block is dropped,
 * and so is the space before a block that begins its line. A minus drops all white space on its side, a plus none.
 *
 * @see "Jinja 2, lexer.py"
 */
final class Lexer {
    private static final Pattern FLOAT =
            Pattern.compile("(?:\\d+_)*+\\d+(?:(?:\\.(?:\\d+_)*+\\d+)?[eE][+-]?(?:\\d+_)*+\\d+|\\.(?:\\d+_)*+\\d+)");
    private static final Pattern INTEGER = Pattern.compile(
            "0[bB](?:_?[01])++|0[oO](?:_?[0-7])++|0[xX](?:_?[\\da-fA-F])++|[1-9](?:_?\\d)*+|0(?:_?0)*+");
    private static final List<String> OPERATORS = List.of(
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
            "=", ".", ":", "|", ",", ";");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final Deque<Character> brackets = new ArrayDeque<>();
    private int at;
    private int line = 1;
    private int counted;
    private boolean lineStarting = true;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String lines = template.replace("\r\n", "\n").replace('\r', '\n');
        // Jinja drops one newline at the very end.
        return new Lexer(lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines).tokens();
    }

    private List<Token> tokens() {
        while (at < source.length()) {
            int open = nextTag();
            if (open < 0) {
                data(source.substring(at));
                at = source.length();
            } else {
                tag(open);
            }
        }
        tokens.add(new Token(Type.END, "", line(source.length())));
        return tokens;
    }

    private int nextTag() {
        for (int i = at; i + 1 < source.length(); i++) {
            if (source.charAt(i) == '{' && "%{#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    /** The line of a place that is not before the last one that was asked for. */
    private int line(int place) {
        for (; counted < place; counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }

    private void data(String text) {
        if (!text.isEmpty()) {
            tokens.add(new Token(Type.DATA, text, line(at)));
        }
    }

    private TemplateException failed(String reason, int place) {
        return new TemplateException(reason, line(place), false);
    }

    private void tag(int open) {
        char kind = source.charAt(open + 1);
        int inside = open + 2;
        char sign = inside < source.length() ? source.charAt(inside) : ' ';
        data(before(source.substring(at, open), kind, sign));
        int begin = sign == '-' || sign == '+' ? inside + 1 : inside;
        if (kind == '#') {
            comment(open, begin);
        } else if (kind == '%' && raw(open, begin)) {
            return;
        } else {
            tokens.add(new Token(kind == '%' ? Type.BLOCK_BEGIN : Type.PRINT_BEGIN, "", line(open)));
            at = begin;
            code(open, kind == '%');
        }
        lineStarting = source.charAt(at - 1) == '\n';
    }

    /** What is left of the text before a tag. */
    private String before(String text, char kind, char sign) {
        if (sign == '-') {
            return Characters.stripRight(text, "");
        }
        int start = text.lastIndexOf('\n') + 1;
        boolean indentation = (start > 0 || lineStarting)
                && start < text.length()
                && Characters.stripLeft(text.substring(start), "").isEmpty();
        return kind != '{' && sign != '+' && indentation ? text.substring(0, start) : text;
    }

    private void comment(int open, int begin) {
        int end = source.indexOf("#}", begin);
        if (end < 0) {
            throw failed("a comment has no end", open);
        }
        char sign = end > begin ? source.charAt(end - 1) : ' ';
        at = after(end + 2, sign, true);
    }

    /** Where the text after a tag begins: past all white space, or past one newline after a block. */
    private int after(int end, char sign, boolean block) {
        int next = end;
        if (sign == '-') {
            while (next < source.length() && Characters.isSpace(source.charAt(next))) {
                next++;
            }
        } else if (block && sign != '+' && source.startsWith("\n", next)) {
            next++;
        }
        return next;
    }

    /** Takes a raw block whole, if this is one. */
    private boolean raw(int open, int begin) {
        int word = skipSpace(begin);
        int close = skipSpace(word + 3);
        boolean minus = source.startsWith("-%}", close);
        if (!source.startsWith("raw", word) || !minus && !source.startsWith("%}", close)) {
            return false;
        }
        at = after(close + (minus ? 3 : 2), minus ? '-' : ' ', false);
        lineStarting = source.charAt(at - 1) == '\n';
        for (int end = source.indexOf("{%", at); end >= 0; end = source.indexOf("{%", end + 2)) {
            if (endRaw(end)) {
                return true;
            }
        }
        throw failed("a raw block has no end", open);
    }

    private boolean endRaw(int open) {
        char sign = open + 2 < source.length() ? source.charAt(open + 2) : ' ';
        int word = skipSpace(sign == '-' || sign == '+' ? open + 3 : open + 2);
        int close = skipSpace(word + 6);
        char last = close < source.length() ? source.charAt(close) : ' ';
        int end = last == '-' || last == '+' ? close + 1 : close;
        if (!source.startsWith("endraw", word) || !source.startsWith("%}", end)) {
            return false;
        }
        data(before(source.substring(at, open), '%', sign));
        at = after(end + 2, last, true);
        lineStarting = source.charAt(at - 1) == '\n';
        return true;
    }

    private int skipSpace(int from) {
        int i = Math.min(from, source.length());
        while (i < source.length() && Characters.isSpace(source.charAt(i))) {
            i++;
        }
        return i;
    }

    /** The tokens between {@code {%} and {@code %}}; what looks like an end within brackets is none. */
    private void code(int open, boolean block) {
        String end = block ? "%}" : "}}";
        brackets.clear();
        while (true) {
            at = skipSpace(at);
            if (at >= source.length()) {
                throw failed(block ? "'{%' has no '%}'" : "'{{' has no '}}'", open);
            }
            char sign = source.charAt(at);
            boolean signed = (sign == '-' || sign == '+' && block) && source.startsWith(end, at + 1);
            if (brackets.isEmpty() && (signed || source.startsWith(end, at))) {
                tokens.add(new Token(block ? Type.BLOCK_END : Type.PRINT_END, "", line(at)));
                at = after(at + (signed ? 3 : 2), signed ? sign : ' ', block);
                return;
            }
            token();
        }
    }

    private void token() {
        char c = source.charAt(at);
        if (c == '\'' || c == '"') {
            string(c);
        } else if (Character.isDigit(c)) {
            boolean afterDot = at > 0 && source.charAt(at - 1) == '.';
            if (afterDot || !matched(FLOAT, Type.FLOAT)) {
                if (!matched(INTEGER, Type.INTEGER)) {
                    throw failed("'" + c + "' is not a number", at);
                }
            }
        } else if (c == '_' || Character.isUnicodeIdentifierStart(source.codePointAt(at))) {
            name();
        } else {
            operator();
        }
    }

    private boolean matched(Pattern pattern, Type type) {
        Matcher matcher = pattern.matcher(source).region(at, source.length());
        if (!matcher.lookingAt()) {
            return false;
        }
        tokens.add(new Token(type, matcher.group(), line(at)));
        at = matcher.end();
        return true;
    }

    private void name() {
        int from = at;
        while (at < source.length()
                && (source.charAt(at) == '_' || Character.isUnicodeIdentifierPart(source.codePointAt(at)))
                && !Character.isIdentifierIgnorable(source.codePointAt(at))) {
            at += Character.charCount(source.codePointAt(at));
        }
        tokens.add(new Token(Type.NAME, source.substring(from, at), line(from)));
    }

    static boolean isIdentifier(String text) {
        return !text.isEmpty()
                && (text.charAt(0) == '_' || Character.isUnicodeIdentifierStart(text.codePointAt(0)))
                && text.codePoints().allMatch(c -> c == '_' || Character.isUnicodeIdentifierPart(c));
    }

    private void operator() {
        String sign = OPERATORS.stream()
                .filter(o -> source.startsWith(o, at))
                .findFirst()
                .orElseThrow(
                        () -> failed("unexpected character '" + Character.toString(source.codePointAt(at)) + "'", at));
        char c = sign.charAt(0);
        if ("([{".indexOf(c) >= 0) {
            brackets.push(c == '(' ? ')' : c == '[' ? ']' : '}');
        } else if (")]}".indexOf(c) >= 0 && (brackets.isEmpty() || brackets.pop() != c)) {
            throw failed("unexpected '" + c + "'", at);
        }
        tokens.add(new Token(Type.OPERATOR, sign, line(at)));
        at += sign.length();
    }

    private void string(char quote) {
        int from = at;
        StringBuilder text = new StringBuilder();
        at++;
        while (at < source.length() && source.charAt(at) != quote) {
            if (source.charAt(at) == '\\' && at + 1 < source.length()) {
                escape(text);
            } else {
                text.append(source.charAt(at++));
            }
        }
        if (at >= source.length()) {
            throw failed("a string has no end", from);
        }
        at++;
        tokens.add(new Token(Type.STRING, text.toString(), line(from)));
    }

    /** One escape of a Python string. */
    private void escape(StringBuilder text) {
        int start = at;
        char c = source.charAt(at + 1);
        at += 2;
        switch (c) {
            case '\n' -> {}
            case '\\', '\'', '"' -> text.append(c);
            case 'a' -> text.append('\u0007');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'v' -> text.append('\u000b');
            case 'x' -> text.appendCodePoint(digits(2, 2, 16, start));
            case 'u' -> text.appendCodePoint(digits(4, 4, 16, start));
            case 'U' -> text.appendCodePoint(digits(8, 8, 16, start));
            case 'N' -> text.appendCodePoint(named(start));
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                at--;
                text.appendCodePoint(digits(1, 3, 8, start));
            }
            default -> text.append('\\').append(c);
        }
    }

    private int digits(int least, int most, int radix, int start) {
        int from = at;
        while (at < source.length() && at - from < most && Character.digit(source.charAt(at), radix) >= 0) {
            at++;
        }
        if (at - from < least) {
            throw failed("a string's escape is cut short", start);
        }
        long code = Long.parseLong(source.substring(from, at), radix);
        if (code > Character.MAX_CODE_POINT) {
            throw failed("a string's escape is beyond Unicode", start);
        }
        return (int) code;
    }

    private int named(int start) {
        int end = source.indexOf('}', at);
        if (!source.startsWith("{", at) || end < 0) {
            throw failed("a string's escape is cut short", start);
        }
        String name = source.substring(at + 1, end);
        at = end + 1;
        try {
            return Character.codePointOf(name);
        } catch (IllegalArgumentException e) {
            throw failed("no character is named '" + name + "'", start);
        }
    }
}
