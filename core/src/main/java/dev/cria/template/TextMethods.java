package dev.cria.template;

import dev.cria.template.Arguments.Bound;
import dev.cria.template.Value.Dict;
import dev.cria.template.Value.Items;
import dev.cria.template.Value.Kind;
import dev.cria.template.Value.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/** The methods of Python's {@code str}. */
final class TextMethods {
    private final Budget budget;
    private final Operators operators;
    private final Map<String, Method> methods = new HashMap<>();

    private interface Method {
        Value call(Text text, Arguments arguments);
    }

    TextMethods(Budget budget, Operators operators) {
        this.budget = budget;
        this.operators = operators;
        changes();
        searches();
        splits();
        questions();
        paddings();
    }

    Optional<Value> of(Text text, String name) {
        return Optional.ofNullable(methods.get(name))
                .map(method -> new Function(name, a -> operators.grown(method.call(text, a))));
    }

    private void method(String name, Method method) {
        methods.put(name, method);
    }

    private void changes() {
        change("upper", Characters::upper);
        change("lower", Characters::lower);
        change("casefold", t -> Characters.lower(Characters.upper(Characters.lower(t))));
        change("capitalize", Characters::capitalized);
        change("title", TextMethods::title);
        change("swapcase", TextMethods::swapped);
        strip("strip", true, true);
        strip("lstrip", true, false);
        strip("rstrip", false, true);
        method("removeprefix", (t, a) -> {
            String prefix = a.bind("removeprefix", "prefix").text(0);
            return t.with(t.string().startsWith(prefix) ? t.string().substring(prefix.length()) : t.string());
        });
        method("removesuffix", (t, a) -> {
            String suffix = a.bind("removesuffix", "suffix").text(0);
            boolean ends = t.string().endsWith(suffix);
            return t.with(ends ? t.string().substring(0, t.string().length() - suffix.length()) : t.string());
        });
        method("replace", (t, a) -> {
            Bound bound = a.bind("replace", "old", "new", "count");
            return t.with(replaced(t.string(), bound.text(0), bound.text(1), bound.integer(2, -1)));
        });
        method("join", (t, a) -> {
            List<String> parts = new ArrayList<>();
            for (Value part : operators.elements(a.bind("join", "iterable").value(0))) {
                if (!(part instanceof Text text)) {
                    throw new Refusal("join needs texts, not " + Printed.typeOf(part));
                }
                parts.add(text.string());
            }
            return t.with(joined(t.string(), parts));
        });
        method("format", (t, a) -> t.with(new BraceFormat(budget, operators).formatted(t.string(), a)));
        method("format_map", (t, a) -> {
            Value map = a.bind("format_map", "mapping").value(0);
            Map<String, Value> named = new HashMap<>();
            if (map instanceof Dict dict) {
                dict.entries().forEach((k, v) -> named.put(Printed.str(k), v));
            }
            return t.with(new BraceFormat(budget, operators).formatted(t.string(), new Arguments(List.of(), named)));
        });
        method(
                "expandtabs",
                (t, a) -> t.with(
                        expanded(t.string(), a.bind("expandtabs", "tabsize").integer(0, 8))));
    }

    private void change(String name, UnaryOperator<String> change) {
        method(name, (t, a) -> {
            a.bind(name);
            budget.grow(t.string().length());
            return t.with(change.apply(t.string()));
        });
    }

    private void strip(String name, boolean left, boolean right) {
        method(name, (t, a) -> {
            String characters = a.bind(name, "chars").someText(0).orElse("");
            boolean nothing = characters.isEmpty() && a.positional().stream().anyMatch(Text.class::isInstance);
            budget.search(t.string().length(), characters.length());
            String stripped = left && !nothing ? Characters.stripLeft(t.string(), characters) : t.string();
            return t.with(right && !nothing ? Characters.stripRight(stripped, characters) : stripped);
        });
    }

    /** Python's {@code str.title}, for which a word begins after anything that is no letter. */
    private static String title(String text) {
        StringBuilder out = new StringBuilder();
        boolean within = false;
        for (int c : text.codePoints().toArray()) {
            out.append(within ? Characters.lower(Character.toString(c)) : Characters.titled(c));
            within = Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
        }
        return out.toString();
    }

    private static String swapped(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> {
            String one = Character.toString(c);
            out.append(Character.isUpperCase(c) ? Characters.lower(one) : Characters.upper(one));
        });
        return out.toString();
    }

    /** Python's {@code str.replace}; a negative count is all. */
    String replaced(String text, String old, String with, int count) {
        int times = occurrences(text, old, count);
        budget.grow(text.length() + (long) times * (with.length() - old.length()));
        StringBuilder out = new StringBuilder();
        int from = 0;
        for (int i = 0; i < times; i++) {
            int at = old.isEmpty() ? i == 0 ? 0 : text.offsetByCodePoints(from, 1) : text.indexOf(old, from);
            out.append(text, from, at).append(with);
            from = at + old.length();
        }
        return out.append(text, from, text.length()).toString();
    }

    private int occurrences(String text, String sought, int most) {
        budget.search(text.length(), sought.length());
        int limit = most < 0 ? Integer.MAX_VALUE : most;
        if (sought.isEmpty()) {
            return Math.min(limit, Characters.length(text) + 1);
        }
        int count = 0;
        for (int at = text.indexOf(sought); at >= 0 && count < limit; at = text.indexOf(sought, at + sought.length())) {
            count++;
        }
        return count;
    }

    String joined(String separator, List<String> parts) {
        long length = (long) separator.length() * Math.max(0, parts.size() - 1);
        for (String part : parts) {
            length += part.length();
        }
        budget.grow(length);
        return String.join(separator, parts);
    }

    private String expanded(String text, int size) {
        StringBuilder out = new StringBuilder();
        int column = 0;
        for (int c : text.codePoints().toArray()) {
            int width = c == '\t' ? size > 0 ? size - column % size : 0 : 1;
            if (c == '\t') {
                budget.grow(width);
                out.repeat(' ', width);
            } else {
                out.appendCodePoint(c);
            }
            column = c == '\n' || c == '\r' ? 0 : column + width;
        }
        return out.toString();
    }

    private void searches() {
        method(
                "startswith",
                (t, a) -> Value.of(anyOf(a, "startswith", part(t, a), (text, affix) -> text.startsWith(affix))));
        method("endswith", (t, a) -> Value.of(anyOf(a, "endswith", part(t, a), (text, affix) -> text.endsWith(affix))));
        method("count", (t, a) -> Value.of(occurrences(part(t, a), sought(a, "count"), -1)));
        method("find", (t, a) -> Value.of(find(t, a, "find", false)));
        method("rfind", (t, a) -> Value.of(find(t, a, "rfind", true)));
        method("index", (t, a) -> Value.of(found(find(t, a, "index", false))));
        method("rindex", (t, a) -> Value.of(found(find(t, a, "rindex", true))));
    }

    private interface Affix {
        boolean holds(String text, String affix);
    }

    private static boolean anyOf(Arguments arguments, String name, String text, Affix test) {
        Bound bound = arguments.bind(name, "affix", "start", "end");
        if (bound.value(0) instanceof Items items && items.kind() == Kind.TUPLE) {
            return items.list().stream().anyMatch(v -> v instanceof Text t && test.holds(text, t.string()));
        }
        return test.holds(text, bound.text(0));
    }

    private static String sought(Arguments arguments, String name) {
        return arguments.bind(name, "sub", "start", "end").text(0);
    }

    /** The part of the text that the arguments {@code start} and {@code end} name. */
    private String part(Text text, Arguments arguments) {
        int[] ends = ends(text.string(), arguments);
        return text.string().substring(ends[0], ends[1]);
    }

    private int[] ends(String text, Arguments arguments) {
        Bound bound = arguments.bind("a search", "sub", "start", "end");
        if (bound.some(1).isEmpty() && bound.some(2).isEmpty()) {
            return new int[] {0, text.length()};
        }
        budget.step(text.length() / 64);
        int length = Characters.length(text);
        int from = clamped(bound.integer(1, 0), length);
        int to = Math.max(from, clamped(bound.integer(2, length), length));
        return new int[] {text.offsetByCodePoints(0, from), text.offsetByCodePoints(0, to)};
    }

    private static int clamped(int at, int length) {
        return Math.clamp(at < 0 ? (long) at + length : at, 0, length);
    }

    private int find(Text text, Arguments arguments, String name, boolean last) {
        String sought = sought(arguments, name);
        int[] ends = ends(text.string(), arguments);
        String part = text.string().substring(ends[0], ends[1]);
        budget.search(part.length(), sought.length());
        int at = last ? part.lastIndexOf(sought) : part.indexOf(sought);
        return at < 0 ? -1 : text.string().codePointCount(0, ends[0] + at);
    }

    private static int found(int at) {
        if (at < 0) {
            throw new Refusal("substring not found");
        }
        return at;
    }

    private void splits() {
        method("split", (t, a) -> split(t, a, false));
        method("rsplit", (t, a) -> split(t, a, true));
        method("splitlines", (t, a) -> {
            budget.grow(t.string().length());
            return list(t, lines(t.string(), a.bind("splitlines", "keepends").truth(0)));
        });
        method("partition", (t, a) -> partition(t, a, "partition", false));
        method("rpartition", (t, a) -> partition(t, a, "rpartition", true));
    }

    private Value split(Text text, Arguments arguments, boolean fromRight) {
        Bound bound = arguments.bind(fromRight ? "rsplit" : "split", "sep", "maxsplit");
        int most = bound.integer(1, -1) < 0 ? Integer.MAX_VALUE : bound.integer(1, -1);
        Optional<String> separator = bound.someText(0);
        if (separator.filter(String::isEmpty).isPresent()) {
            throw new Refusal("the separator of a split is empty");
        }
        budget.search(text.string().length(), separator.map(String::length).orElse(1));
        budget.grow(text.string().length());
        List<String> parts = separator
                .map(s -> fromRight ? rightParts(text.string(), s, most) : parts(text.string(), s, most))
                .orElseGet(() -> fromRight ? rightWords(text.string(), most) : words(text.string(), most));
        return list(text, parts);
    }

    private static Items list(Text text, List<String> parts) {
        return Value.list(parts.stream().<Value>map(text::with).toList());
    }

    /** The lines of a text. */
    List<String> lines(String text, boolean withEnds) {
        List<String> lines = Characters.lines(text, withEnds, () -> budget.grow(Budget.ELEMENT));
        budget.grow(text.length());
        return lines;
    }

    private List<String> parts(String text, String separator, int most) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0 && parts.size() < most; at = text.indexOf(separator, from)) {
            budget.grow(Budget.ELEMENT);
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    private List<String> rightParts(String text, String separator, int most) {
        List<String> parts = new ArrayList<>();
        int to = text.length();
        int at = text.lastIndexOf(separator);
        while (at >= 0 && parts.size() < most) {
            budget.grow(Budget.ELEMENT);
            parts.add(text.substring(at + separator.length(), to));
            to = at;
            at = at < separator.length() ? -1 : text.lastIndexOf(separator, at - separator.length());
        }
        parts.add(text.substring(0, to));
        Collections.reverse(parts);
        return parts;
    }

    private List<String> words(String text, int most) {
        List<String> words = new ArrayList<>();
        String rest = Characters.stripLeft(text, "");
        int at = 0;
        while (at < rest.length()) {
            if (words.size() == most) {
                words.add(rest.substring(at));
                return words;
            }
            int from = at;
            budget.grow(Budget.ELEMENT);
            while (at < rest.length() && !Characters.isSpace(rest.charAt(at))) {
                at++;
            }
            words.add(rest.substring(from, at));
            while (at < rest.length() && Characters.isSpace(rest.charAt(at))) {
                at++;
            }
        }
        return words;
    }

    private List<String> rightWords(String text, int most) {
        List<String> words = new ArrayList<>();
        String rest = Characters.stripRight(text, "");
        int at = rest.length();
        while (at > 0) {
            if (words.size() == most) {
                words.add(rest.substring(0, at));
                break;
            }
            int to = at;
            budget.grow(Budget.ELEMENT);
            while (at > 0 && !Characters.isSpace(rest.charAt(at - 1))) {
                at--;
            }
            words.add(rest.substring(at, to));
            while (at > 0 && Characters.isSpace(rest.charAt(at - 1))) {
                at--;
            }
        }
        Collections.reverse(words);
        return words;
    }

    private Value partition(Text text, Arguments arguments, String name, boolean last) {
        String separator = arguments.bind(name, "sep").text(0);
        if (separator.isEmpty()) {
            throw new Refusal("the separator of a partition is empty");
        }
        String s = text.string();
        budget.search(s.length(), separator.length());
        int at = last ? s.lastIndexOf(separator) : s.indexOf(separator);
        List<String> parts = at >= 0
                ? List.of(s.substring(0, at), separator, s.substring(at + separator.length()))
                : last ? List.of("", "", s) : List.of(s, "", "");
        return Value.tuple(parts.stream().<Value>map(text::with).toList());
    }

    private void questions() {
        all("isspace", Characters::isSpace);
        all("isalpha", Character::isLetter);
        all("isalnum", c -> Character.isLetter(c) || isNumeric(c));
        all("isdigit", c -> Character.isDigit(c) || Character.getType(c) == Character.OTHER_NUMBER && isSuperscript(c));
        all("isdecimal", Character::isDigit);
        all("isnumeric", TextMethods::isNumeric);
        question("isascii", t -> t.chars().allMatch(c -> c < 128));
        question("isprintable", t -> t.codePoints().allMatch(Characters::isPrintable));
        question("isidentifier", Lexer::isIdentifier);
        question("islower", TextMethods::isLower);
        question("isupper", TextMethods::isUpper);
        question("istitle", t -> t.codePoints().anyMatch(Character::isLetter) && t.equals(title(t)));
    }

    private static boolean isNumeric(int c) {
        int type = Character.getType(c);
        return type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }

    private static boolean isSuperscript(int c) {
        return c == 0xb2 || c == 0xb3 || c == 0xb9 || c >= 0x2070 && c <= 0x2089 || c >= 0x2460 && c <= 0x2490;
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    private void all(String name, IntPredicate test) {
        question(name, t -> !t.isEmpty() && t.codePoints().allMatch(test));
    }

    private interface Question {
        boolean holds(String text);
    }

    private void question(String name, Question question) {
        method(name, (t, a) -> {
            a.bind(name);
            budget.step(t.string().length() / 4);
            return Value.of(question.holds(t.string()));
        });
    }

    private void paddings() {
        padding("ljust", room -> new int[] {0, room});
        padding("rjust", room -> new int[] {room, 0});
        method("center", (t, a) -> {
            Bound bound = a.bind("center", "width", "fillchar");
            return t.with(
                    centred(t.string(), bound.integer(0, 0), bound.someText(1).orElse(" ")));
        });
        method("zfill", (t, a) -> {
            int room = room(t.string(), a.bind("zfill", "width").integer(0, 0));
            boolean signed = t.string().startsWith("-") || t.string().startsWith("+");
            int at = signed ? 1 : 0;
            return t.with(
                    t.string().substring(0, at) + "0".repeat(room) + t.string().substring(at));
        });
    }

    private interface Sides {
        int[] of(int room);
    }

    private void padding(String name, Sides sides) {
        method(name, (t, a) -> {
            Bound bound = a.bind(name, "width", "fillchar");
            String fill = bound.someText(1).orElse(" ");
            int[] room = sides.of(room(t.string(), bound.integer(0, 0)));
            return t.with(fill.repeat(room[0]) + t.string() + fill.repeat(room[1]));
        });
    }

    private int room(String text, int width) {
        int room = Math.max(0, width - Characters.length(text));
        budget.grow(text.length() + (long) room);
        return room;
    }

    String centred(String text, int width, String fill) {
        int room = room(text, width);
        int left = room / 2 + (room & width & 1);
        return fill.repeat(left) + text + fill.repeat(room - left);
    }
}
