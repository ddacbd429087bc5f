package dev.cria.template;

import dev.cria.template.Arguments.Bound;
import dev.cria.template.Value.Dict;
import dev.cria.template.Value.Generator;
import dev.cria.template.Value.Items;
import dev.cria.template.Value.Kind;
import dev.cria.template.Value.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The filters of texts; any other value is printed first. */
final class TextFilters {
    private final Budget budget;
    private final Operators operators;
    private final TextMethods methods;

    TextFilters(Budget budget, Operators operators) {
        this.budget = budget;
        this.operators = operators;
        this.methods = new TextMethods(budget, operators);
    }

    void addTo(Map<String, Function.Body> filters) {
        change(filters, "upper", Characters::upper);
        change(filters, "lower", Characters::lower);
        change(filters, "capitalize", Characters::capitalized);
        change(filters, "title", TextFilters::title);
        filters.put("trim", a -> trim(a.bind("trim", "value", "chars")));
        filters.put("string", a -> kept(a.bind("string", "value").value(0)));
        filters.put("replace", a -> replace(a.bind("replace", "value", "old", "new", "count")));
        filters.put("indent", a -> indent(a.bind("indent", "value", "width", "first", "blank")));
        filters.put("truncate", a -> truncate(a.bind("truncate", "value", "length", "killwords", "end", "leeway")));
        filters.put("center", a -> {
            Bound bound = a.bind("center", "value", "width");
            return Value.of(methods.centred(Printed.str(bound.value(0)), bound.integer(1, 80), " "));
        });
        filters.put(
                "wordcount",
                a -> Value.of(
                        words(operators.printed(a.bind("wordcount", "value").value(0)))));
        filters.put("format", a -> operators.grown(format(a)));
        filters.put(
                "safe",
                a -> operators.grown(
                        new Text(Printed.str(a.bind("safe", "value").value(0)), true)));
        filters.put("escape", a -> escape(a.bind("escape", "value").value(0)));
        filters.put("e", filters.get("escape"));
        filters.put(
                "forceescape",
                a -> operators.grown(new Text(
                        escaped(Printed.str(a.bind("forceescape", "value").value(0))), true)));
        filters.put(
                "urlencode",
                a -> operators.grown(
                        Value.of(urlEncoded(a.bind("urlencode", "value").value(0)))));
    }

    private void change(Map<String, Function.Body> filters, String name, UnaryOperator<String> change) {
        filters.put(name, a -> {
            Text text = kept(a.bind(name, "value").value(0));
            return operators.grown(text.with(change.apply(text.string())));
        });
    }

    /** The text itself with its mark, or another value printed. */
    private static Text kept(Value value) {
        return value instanceof Text text ? text : new Text(Printed.str(value));
    }

    /** Jinja's own {@code title}, for which a word begins after a blank, a dash or an opening bracket. */
    private static String title(String text) {
        StringBuilder out = new StringBuilder();
        boolean begins = true;
        for (int c : text.codePoints().toArray()) {
            String one = Character.toString(c);
            out.append(begins ? Characters.upper(one) : Characters.lower(one));
            begins = Characters.isSpace(c) || "-({[<".indexOf(c) >= 0;
        }
        return out.toString();
    }

    private Value trim(Bound arguments) {
        Text text = kept(arguments.value(0));
        String characters = arguments.someText(1).orElse("");
        if (characters.isEmpty() && arguments.some(1).isPresent()) {
            return text;
        }
        budget.search(text.string().length(), characters.length());
        return operators.grown(
                text.with(Characters.stripRight(Characters.stripLeft(text.string(), characters), characters)));
    }

    private Value replace(Bound arguments) {
        return Value.of(methods.replaced(
                Printed.str(arguments.value(0)),
                Printed.str(arguments.value(1)),
                Printed.str(arguments.value(2)),
                arguments.integer(3, -1)));
    }

    private Value indent(Bound arguments) {
        if (!(Operators.defined(arguments.value(0)) instanceof Text text)) {
            throw new Refusal("indent needs text, not " + Printed.typeOf(arguments.value(0)));
        }
        Value width = arguments.get(1).orElse(Value.of(4));
        String space = width instanceof Text t ? t.string() : blanks(arguments.integer(1, 4));
        boolean blankToo = arguments.truth(3);
        List<String> lines = new ArrayList<>();
        for (String line : methods.lines(text.string() + "\n", false)) {
            lines.add(lines.isEmpty() || line.isEmpty() && !blankToo ? line : space + line);
        }
        return text.with((arguments.truth(2) ? space : "") + methods.joined("\n", lines));
    }

    private String blanks(int count) {
        budget.grow(Math.max(0, count));
        return " ".repeat(Math.max(0, count));
    }

    private Value truncate(Bound arguments) {
        Value value = arguments.value(0);
        String end = arguments.someText(3).orElse("...");
        int length = arguments.integer(1, 255);
        if (length < Characters.length(end)) {
            throw new Refusal("truncate's length " + length + " is shorter than its end");
        }
        if (operators.length(value) <= length + (long) arguments.integer(4, 5)) {
            return value;
        }
        if (!(value instanceof Text whole)) {
            throw new Refusal("truncate needs text, not " + Printed.typeOf(value));
        }
        String text = whole.string();
        String cut = text.substring(0, text.offsetByCodePoints(0, length - Characters.length(end)));
        int blank = cut.lastIndexOf(' ');
        return Value.of((arguments.truth(2) || blank < 0 ? cut : cut.substring(0, blank)) + end);
    }

    private static long words(String text) {
        long words = 0;
        boolean within = false;
        for (int c : text.codePoints().toArray()) {
            boolean letter = Character.isLetterOrDigit(c) || c == '_';
            words += letter && !within ? 1 : 0;
            within = letter;
        }
        return words;
    }

    private Value format(Arguments arguments) {
        String format = operators.printed(arguments.positional().getFirst());
        Arguments values = arguments.rest();
        if (!values.positional().isEmpty() && !values.named().isEmpty()) {
            throw new Refusal("format takes values by place or by name, not both");
        }
        Value given = values.named().isEmpty() ? Value.tuple(values.positional()) : Dict.of(values.named());
        return Value.of(new PercentFormat(format, given).formatted());
    }

    private Value escape(Value value) {
        if (value instanceof Text text && text.markup()) {
            return text;
        }
        return operators.grown(new Text(escaped(Printed.str(value)), true));
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    private String urlEncoded(Value value) {
        List<Value> pairs;
        if (value instanceof Dict dict) {
            pairs = CollectionMethods.pairs(dict);
        } else if (value instanceof Items || value instanceof Generator) {
            pairs = operators.elements(value);
        } else {
            return quoted(Printed.str(value), "/");
        }
        List<String> parts = new ArrayList<>();
        for (Value pair : pairs) {
            if (!(pair instanceof Items items
                    && items.kind() != Kind.RANGE
                    && items.list().size() == 2)) {
                throw new Refusal("urlencode needs pairs");
            }
            parts.add(quoted(Printed.str(items.list().getFirst()), "").replace("%20", "+") + "="
                    + quoted(Printed.str(items.list().getLast()), "").replace("%20", "+"));
        }
        return methods.joined("&", parts);
    }

    private static String quoted(String text, String kept) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "_.-~".indexOf(c) >= 0 || kept.indexOf(c) >= 0);
            out.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
        }
        return out.toString();
    }
}
