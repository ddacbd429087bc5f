package dev.cria.template;

import dev.cria.template.Value.Bool;
import dev.cria.template.Value.Dict;
import dev.cria.template.Value.Int;
import dev.cria.template.Value.Items;
import dev.cria.template.Value.Kind;
import dev.cria.template.Value.None;
import dev.cria.template.Value.Real;
import dev.cria.template.Value.Text;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Python's {@code json.dumps}, with the settings that transformers gives to {@code tojson}: no HTML escapes. */
final class Json {
    private final boolean ascii;
    private final Optional<String> indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final Optional<Comparator<Value>> order;
    private final StringBuilder out = new StringBuilder();

    private Json(Arguments.Bound arguments, Operators operators) {
        this.ascii = arguments.truth(1);
        this.indent = arguments
                .some(2)
                .map(v -> v instanceof Text t ? t.string() : " ".repeat(Math.max(0, spaces(arguments))));
        List<Value> separators = arguments.some(3).map(operators::elements).orElse(List.of());
        this.itemSeparator =
                separators.isEmpty() ? indent.isPresent() ? "," : ", " : Printed.str(separators.getFirst());
        this.keySeparator = separators.isEmpty() ? ": " : Printed.str(separators.getLast());
        this.order = arguments.truth(4) ? Optional.of(operators::compare) : Optional.empty();
    }

    /** Python prints as many spaces as it is told to; a hundred are more than anyone needs. */
    private static int spaces(Arguments.Bound arguments) {
        int spaces = arguments.integer(2, 0);
        if (spaces > 100) {
            throw new Refusal("tojson's indent is " + spaces + ", more than 100");
        }
        return spaces;
    }

    static Value toJson(Arguments arguments, Operators operators) {
        Arguments.Bound bound = arguments.bind("tojson", "value", "ensure_ascii", "indent", "separators", "sort_keys");
        Json json = new Json(bound, operators);
        json.write(bound.value(0), 0);
        return operators.grown(Value.of(json.out.toString()));
    }

    private void write(Value value, int level) {
        switch (value) {
            case Text t -> quote(t.string());
            case Int i -> out.append(i.number());
            case Real r -> out.append(real(r.number()));
            case Bool b -> out.append(b.holds());
            case None _ -> out.append("null");
            case Items i when i.kind() == Kind.LIST || i.kind() == Kind.TUPLE -> list(i, level);
            case Dict d -> dict(d, level);
            default -> throw new Refusal("an object of type " + Printed.typeOf(value) + " cannot be written as JSON");
        }
        if (out.length() > Budget.LARGEST) {
            throw new Refusal("the JSON of a value is too long");
        }
    }

    private static String real(double number) {
        if (Double.isFinite(number)) {
            return Floats.repr(number);
        }
        return Double.isNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
    }

    private void list(Items items, int level) {
        out.append('[');
        String separator = "";
        for (Value element : items.list()) {
            out.append(separator);
            line(level + 1);
            write(element, level + 1);
            separator = itemSeparator;
        }
        close(items.list().isEmpty(), level, ']');
    }

    private void dict(Dict dict, int level) {
        List<Map.Entry<Value, Value>> entries = new ArrayList<>(dict.entries().entrySet());
        order.ifPresent(o -> entries.sort(Map.Entry.comparingByKey(o)));
        out.append('{');
        String separator = "";
        for (Map.Entry<Value, Value> entry : entries) {
            out.append(separator);
            line(level + 1);
            quote(key(entry.getKey()));
            out.append(keySeparator);
            write(entry.getValue(), level + 1);
            separator = itemSeparator;
        }
        close(entries.isEmpty(), level, '}');
    }

    private static String key(Value key) {
        return switch (key) {
            case Text t -> t.string();
            case Int i -> i.number().toString();
            case Real r -> real(r.number());
            case Bool b -> String.valueOf(b.holds());
            case None _ -> "null";
            default -> throw new Refusal("a key of type " + Printed.typeOf(key) + " cannot be written as JSON");
        };
    }

    private void line(int level) {
        indent.ifPresent(i -> out.append('\n').repeat(i, level));
    }

    private void close(boolean empty, int level, char bracket) {
        if (!empty) {
            line(level);
        }
        out.append(bracket);
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> out.append(c < 0x20 || ascii && c > 0x7e ? "\\u%04x".formatted((int) c) : String.valueOf(c));
            }
        }
        out.append('"');
    }
}
