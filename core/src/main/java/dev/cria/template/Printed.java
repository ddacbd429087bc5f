package dev.cria.template;

import dev.cria.template.Value.Bool;
import dev.cria.template.Value.Callable;
import dev.cria.template.Value.Dict;
import dev.cria.template.Value.Generator;
import dev.cria.template.Value.Int;
import dev.cria.template.Value.Items;
import dev.cria.template.Value.Kind;
import dev.cria.template.Value.Namespace;
import dev.cria.template.Value.None;
import dev.cria.template.Value.Real;
import dev.cria.template.Value.Text;
import dev.cria.template.Value.Undefined;
import java.util.Map;

/** Values as Python prints them ({@code str} and {@code repr}), names their types, and takes them for true or false. */
final class Printed {

    private Printed() {}

    /** Python's {@code str(value)}. */
    static String str(Value value) {
        return switch (value) {
            case Text t -> t.string();
            case Undefined _ -> "";
            default -> repr(value);
        };
    }

    /** Python's {@code repr(value)}. */
    static String repr(Value value) {
        StringBuilder out = new StringBuilder();
        repr(value, out, 0);
        return out.toString();
    }

    private static void repr(Value value, StringBuilder out, int namespaces) {
        switch (value) {
            case Text t -> quote(t, out);
            case Int i -> out.append(i.number());
            case Real r -> out.append(Floats.repr(r.number()));
            case Bool b -> out.append(b.holds() ? "True" : "False");
            case None _ -> out.append("None");
            case Undefined _ -> out.append("Undefined");
            case Items i -> items(i, out, namespaces);
            case Dict d -> entries(d.entries(), out, namespaces);
            case Generator _ -> out.append("<generator object>");
            case Namespace n -> namespace(n, out, namespaces);
            case Callable c -> out.append(c instanceof Loop loop ? loop.toString() : "<function " + c.name() + ">");
        }
        if (out.length() > Budget.LARGEST) {
            throw new Refusal("a printed value has more than " + (Budget.LARGEST >> 20) + " million characters");
        }
    }

    /** Namespaces are the one value that may hold itself. */
    private static void namespace(Namespace value, StringBuilder out, int namespaces) {
        if (namespaces > 10) {
            throw new Refusal("a namespace holds itself");
        }
        out.append("<Namespace ");
        entries(Dict.of(value.attributes()).entries(), out, namespaces + 1);
        out.append('>');
    }

    private static void items(Items items, StringBuilder out, int namespaces) {
        if (items.kind() == Kind.RANGE) {
            out.append(Ranges.repr(items));
            return;
        }
        String name =
                switch (items.kind()) {
                    case LIST, TUPLE, RANGE -> "";
                    case KEYS -> "dict_keys(";
                    case VALUES -> "dict_values(";
                    case ITEMS -> "dict_items(";
                };
        boolean tuple = items.kind() == Kind.TUPLE;
        out.append(name).append(tuple ? '(' : '[');
        String separator = "";
        for (Value element : items.list()) {
            out.append(separator);
            repr(element, out, namespaces);
            separator = ", ";
        }
        out.append(tuple && items.list().size() == 1 ? "," : "")
                .append(tuple ? ')' : ']')
                .append(name.isEmpty() ? "" : ")");
    }

    private static void entries(Map<Value, Value> entries, StringBuilder out, int namespaces) {
        out.append('{');
        String separator = "";
        for (Map.Entry<Value, Value> entry : entries.entrySet()) {
            out.append(separator);
            repr(entry.getKey(), out, namespaces);
            out.append(": ");
            repr(entry.getValue(), out, namespaces);
            separator = ", ";
        }
        out.append('}');
    }

    private static void quote(Text text, StringBuilder out) {
        String s = text.string();
        char quote = s.indexOf('\'') >= 0 && s.indexOf('"') < 0 ? '"' : '\'';
        out.append(text.markup() ? "Markup(" : "").append(quote);
        s.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else if (Characters.isPrintable(c)) {
                        out.appendCodePoint(c);
                    } else {
                        out.append(c < 0x100 ? "\\x%02x".formatted(c) : Characters.escaped(c));
                    }
                }
            }
        });
        out.append(quote).append(text.markup() ? ")" : "");
    }

    /** Python's {@code bool(value)}. */
    static boolean truth(Value value) {
        return switch (value) {
            case Text t -> !t.string().isEmpty();
            case Int i -> i.number().signum() != 0;
            case Real r -> r.number() != 0;
            case Bool b -> b.holds();
            case None _, Undefined _ -> false;
            case Items i -> !i.list().isEmpty();
            case Dict d -> !d.entries().isEmpty();
            case Generator _, Namespace _, Callable _ -> true;
        };
    }

    /** The name of a value's type, as Python's messages have it. */
    static String typeOf(Value value) {
        return switch (value) {
            case Text _ -> "str";
            case Int _ -> "int";
            case Real _ -> "float";
            case Bool _ -> "bool";
            case None _ -> "NoneType";
            case Undefined _ -> "Undefined";
            case Items i ->
                switch (i.kind()) {
                    case LIST -> "list";
                    case TUPLE -> "tuple";
                    case RANGE -> "range";
                    case KEYS -> "dict_keys";
                    case VALUES -> "dict_values";
                    case ITEMS -> "dict_items";
                };
            case Dict _ -> "dict";
            case Generator _ -> "generator";
            case Namespace _ -> "Namespace";
            case Callable _ -> "function";
        };
    }
}
