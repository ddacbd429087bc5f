package dev.cria.template;

import dev.cria.template.Value.Bool;
import dev.cria.template.Value.None;
import dev.cria.template.Value.Numeric;
import dev.cria.template.Value.Real;
import dev.cria.template.Value.Text;
import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code str.format}: fields in braces, whose attributes are looked up as a template's own are. */
final class BraceFormat {
    private static final Pattern SPEC = Pattern.compile(
            "(?:(.)?([<>=^]))?([+\\- ])?(#)?(0)?(\\d{1,7})?([,_])?(?:\\.(\\d{1,7}))?([bcdeEfFgGnosxX%])?",
            Pattern.DOTALL);
    private static final Pattern STEP = Pattern.compile("\\.([^.\\[]+)|\\[([^\\]]+)\\]");

    private final Budget budget;
    private final Lookup lookup;
    private int next;

    BraceFormat(Budget budget, Operators operators) {
        this.budget = budget;
        this.lookup = new Lookup(budget, operators);
    }

    String formatted(String format, Arguments arguments) {
        return formatted(format, arguments, 2);
    }

    private String formatted(String format, Arguments arguments, int levels) {
        if (levels == 0) {
            throw new Refusal("a format's fields nest too deeply");
        }
        budget.grow(format.length());
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            boolean doubled = i + 1 < format.length() && format.charAt(i + 1) == c;
            if (c != '{' && c != '}') {
                out.append(c);
            } else if (doubled) {
                out.append(c);
                i++;
            } else if (c == '}') {
                throw new Refusal("single '}' in a format");
            } else {
                int end = end(format, i);
                String field = field(format.substring(i + 1, end), arguments, levels);
                budget.grow(field.length());
                out.append(field);
                i = end;
            }
        }
        return out.toString();
    }

    private static int end(String format, int open) {
        int depth = 0;
        for (int i = open; i < format.length(); i++) {
            depth += format.charAt(i) == '{' ? 1 : format.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new Refusal("a '{' of a format has no '}'");
    }

    private String field(String field, Arguments arguments, int levels) {
        int colon = field.indexOf(':');
        String head = colon < 0 ? field : field.substring(0, colon);
        int mark = head.indexOf('!');
        Value value = value(mark < 0 ? head : head.substring(0, mark), arguments);
        String spec = colon < 0 ? "" : formatted(field.substring(colon + 1), arguments, levels - 1);
        return switch (mark < 0 ? "" : head.substring(mark + 1)) {
            case "" -> format(value, spec);
            case "s" -> format(Value.of(Printed.str(value)), spec);
            case "r", "a" -> format(Value.of(Printed.repr(value)), spec);
            default -> throw new Refusal("unknown conversion in a format");
        };
    }

    private Value value(String path, Arguments arguments) {
        Matcher step = STEP.matcher(path);
        int end = step.find() ? step.start() : path.length();
        String name = path.substring(0, end);
        Value value = name.isEmpty()
                ? positional(arguments, next++)
                : name.matches("\\d{1,6}") ? positional(arguments, Integer.parseInt(name)) : named(arguments, name);
        for (int at = end; at < path.length(); at = step.end()) {
            if (!step.find(at) || step.start() != at) {
                throw new Refusal("the format's field '" + path + "' is malformed");
            }
            String key = step.group(2);
            value = step.group(1) != null
                    ? lookup.attribute(value, step.group(1))
                    : lookup.item(
                            value, key.matches("\\d{1,9}") ? Value.of(Long.parseLong(key)) : Value.of(key), false);
        }
        return value;
    }

    private static Value positional(Arguments arguments, int index) {
        if (index >= arguments.positional().size()) {
            throw new Refusal("the format needs a value number " + index);
        }
        return arguments.positional().get(index);
    }

    private static Value named(Arguments arguments, String name) {
        Value value = arguments.named().get(name);
        if (value == null) {
            throw new Refusal("the format's value '" + name + "' is missing");
        }
        return value;
    }

    private String format(Value value, String spec) {
        if (spec.isEmpty()) {
            return Printed.str(value);
        }
        Matcher parts = SPEC.matcher(spec);
        if (!parts.matches()) {
            throw new Refusal("the format's '" + spec + "' is unknown");
        }
        return switch (value) {
            case Text t -> padded(parts, "", cut(t.string(), parts.group(8)), '<');
            case Numeric n
            when !(n instanceof Bool) || parts.group(9) != null || parts.group(6) != null -> number(n, parts);
            case Bool b -> padded(parts, "", Printed.str(b), '<');
            case None _ -> throw new Refusal("None has no format '" + spec + "'");
            default -> throw new Refusal("'" + Printed.typeOf(value) + "' has no format '" + spec + "'");
        };
    }

    private static String cut(String text, String precision) {
        int length = precision == null ? Integer.MAX_VALUE : Integer.parseInt(precision);
        return Characters.length(text) <= length ? text : text.substring(0, text.offsetByCodePoints(0, length));
    }

    private String number(Numeric value, Matcher parts) {
        char type = parts.group(9) == null ? ' ' : parts.group(9).charAt(0);
        boolean whole = !(value instanceof Real) && "eEfFgG%".indexOf(type) < 0;
        if (!whole && "bcdosxX".indexOf(type) >= 0) {
            throw new Refusal("a float has no format '" + type + "'");
        }
        if (whole && type == 'c') {
            return padded(parts, "", Character.toString(Numbers.integer(value).intValueExact()), '<');
        }
        boolean negative = value instanceof Real r ? Double.compare(r.number(), 0) < 0 : value.real() < 0;
        String sign = negative ? "-" : "-".equals(parts.group(3)) || parts.group(3) == null ? "" : parts.group(3);
        String digits = whole ? integer(Numbers.integer(value).abs(), type, parts) : real(value.real(), type, parts);
        return padded(parts, sign, digits, '>');
    }

    private static String integer(BigInteger number, char type, Matcher parts) {
        String prefix = parts.group(4) != null && "boxX".indexOf(type) >= 0 ? "0" + type : "";
        int base =
                switch (type) {
                    case 'b' -> 2;
                    case 'o' -> 8;
                    case 'x', 'X' -> 16;
                    default -> 10;
                };
        String digits = grouped(number.toString(base), parts.group(7), base == 10 ? 3 : 4);
        return prefix + (type == 'X' ? Characters.upper(digits) : digits);
    }

    private static String real(double number, char type, Matcher parts) {
        int precision = parts.group(8) == null ? -1 : Integer.parseInt(parts.group(8));
        double scaled = type == '%' ? number * 100 : number;
        char form = type == '%' ? 'f' : type == ' ' || type == 'n' ? 'g' : Character.toLowerCase(type);
        String digits = type == ' ' && precision < 0
                ? Floats.repr(Math.abs(scaled))
                : PercentFormat.digits(form, scaled, precision < 0 ? 6 : precision, parts.group(4) != null);
        if (type == ' ' && precision >= 0 && digits.matches("\\d+")) {
            digits += digits.length() < precision ? ".0" : "";
        }
        int point = digits.matches("\\d+.*") ? digits.replaceFirst("\\D.*", "").length() : 0;
        String whole = grouped(digits.substring(0, point), parts.group(7), 3) + digits.substring(point);
        return (Character.isUpperCase(type) ? Characters.upper(whole) : whole) + (type == '%' ? "%" : "");
    }

    private static String grouped(String digits, String separator, int size) {
        if (separator == null) {
            return digits;
        }
        StringBuilder out = new StringBuilder(digits);
        for (int at = digits.length() - size; at > 0; at -= size) {
            out.insert(at, separator);
        }
        return out.toString();
    }

    private String padded(Matcher parts, String sign, String text, char usual) {
        int width = parts.group(6) == null ? 0 : Integer.parseInt(parts.group(6));
        int room = Math.max(0, width - Characters.length(sign + text));
        budget.grow(room);
        boolean zeros = parts.group(5) != null;
        String fill = parts.group(1) != null ? parts.group(1) : zeros ? "0" : " ";
        char side = parts.group(2) != null ? parts.group(2).charAt(0) : zeros && usual == '>' ? '=' : usual;
        return switch (side) {
            case '<' -> sign + text + fill.repeat(room);
            case '=' -> sign + fill.repeat(room) + text;
            case '^' -> fill.repeat(room / 2) + sign + text + fill.repeat(room - room / 2);
            default -> fill.repeat(room) + sign + text;
        };
    }
}
