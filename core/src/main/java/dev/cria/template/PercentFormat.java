package dev.cria.template;

import dev.cria.template.Value.Dict;
import dev.cria.template.Value.Items;
import dev.cria.template.Value.Kind;
import dev.cria.template.Value.Numeric;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code format % values}. */
final class PercentFormat {
    private static final Pattern FIELD = Pattern.compile(
            "%(?:\\(([^)]*)\\))?([#0 +-]*)(\\d{1,7}|\\*)?(?:\\.(\\d{1,7}|\\*)?)?[hlL]?(.|$)", Pattern.DOTALL);

    private final String format;
    private final Value values;
    private final Iterator<Value> positional;

    PercentFormat(String format, Value values) {
        this.format = format;
        this.values = values;
        boolean tuple = values instanceof Items items && items.kind() == Kind.TUPLE;
        this.positional =
                tuple ? ((Items) values).list().iterator() : List.of(values).iterator();
    }

    String formatted() {
        StringBuilder out = new StringBuilder();
        Matcher field = FIELD.matcher(format);
        int from = 0;
        while (field.find(from)) {
            out.append(format, from, field.start());
            out.append(field.group(5).equals("%") ? "%" : field(field));
            if (out.length() > Budget.LARGEST) {
                throw new Refusal("a formatted text is too long");
            }
            from = field.end();
        }
        boolean unasked = values instanceof Dict || values instanceof Items items && items.kind() != Kind.TUPLE;
        if (positional.hasNext() && !unasked) {
            throw new Refusal("not all values were used by the format '" + shortened() + "'");
        }
        return out.append(format, from, format.length()).toString();
    }

    private String shortened() {
        return format.length() > 40 ? format.substring(0, 40) + "…" : format;
    }

    private String field(Matcher field) {
        String flags = field.group(2);
        boolean precise = field.group()
                        .indexOf(
                                '.', field.group(1) == null ? 0 : field.group(1).length() + 2)
                >= 0;
        int width = number(field.group(3), 0);
        int precision = precise ? number(field.group(4), 0) : -1;
        Value value = field.group(1) == null ? next() : named(field.group(1));
        char type = field.group(5).isEmpty() ? ' ' : field.group(5).charAt(0);
        String text =
                switch (type) {
                    case 's' -> cut(Printed.str(value), precision);
                    case 'r', 'a' -> cut(Printed.repr(value), precision);
                    case 'c' -> character(value);
                    case 'd', 'i', 'u' ->
                        signed(integer(value), flags, integer(value).abs().toString());
                    case 'x', 'X', 'o' -> based(type, whole(value), flags);
                    case 'e', 'E', 'f', 'F', 'g', 'G' -> real(type, value, flags, precision);
                    default -> throw new Refusal("unknown format '%" + type + "'");
                };
        return padded(text, width, flags, "src".indexOf(type) < 0);
    }

    private int number(String digits, int otherwise) {
        if (digits == null || digits.isEmpty()) {
            return otherwise;
        }
        int number = digits.equals("*") ? Numbers.integer(next()).intValue() : Integer.parseInt(digits);
        if (number < 0 || number > 1_000_000) {
            throw new Refusal("a field of " + number + " characters in a format");
        }
        return number;
    }

    private Value next() {
        if (!positional.hasNext()) {
            throw new Refusal("not enough values for the format '" + shortened() + "'");
        }
        return positional.next();
    }

    private Value named(String name) {
        if (!(values instanceof Dict dict)) {
            throw new Refusal("the format needs a map of values");
        }
        Value value = dict.entries().get(Value.of(name));
        if (value == null) {
            throw new Refusal("the format's value '" + name + "' is missing");
        }
        return value;
    }

    private static String cut(String text, int precision) {
        return precision < 0 || Characters.length(text) <= precision
                ? text
                : text.substring(0, text.offsetByCodePoints(0, precision));
    }

    private static String character(Value value) {
        return value instanceof Value.Text t
                ? t.string()
                : Character.toString(Numbers.integer(value).intValueExact());
    }

    private static BigInteger integer(Value value) {
        if (value instanceof Value.Real real && Double.isFinite(real.number())) {
            return new BigDecimal(real.number()).toBigInteger();
        }
        return whole(value);
    }

    private static BigInteger whole(Value value) {
        return Numbers.whole(value)
                .orElseThrow(() -> new Refusal("the format needs a number, not " + Printed.typeOf(value)));
    }

    private static String signed(BigInteger number, String flags, String digits) {
        return sign(number.signum() < 0, flags) + digits;
    }

    private static String sign(boolean negative, String flags) {
        return negative ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
    }

    private static String based(char type, BigInteger number, String flags) {
        String digits = number.abs().toString(type == 'o' ? 8 : 16);
        String prefix = flags.contains("#") ? "0" + type : "";
        return signed(number, flags, prefix + (type == 'X' ? Characters.upper(digits) : digits));
    }

    private static String real(char type, Value value, String flags, int precision) {
        if (!(value instanceof Numeric numeric)) {
            throw new Refusal("the format needs a number, not " + Printed.typeOf(value));
        }
        double number = numeric.real();
        String digits = digits(Character.toLowerCase(type), number, precision < 0 ? 6 : precision, flags.contains("#"));
        boolean negative = number < 0 || number == 0 && 1 / number < 0;
        return sign(negative, flags) + (Character.isUpperCase(type) ? Characters.upper(digits) : digits);
    }

    /** The digits of a number in the form {@code e}, {@code f} or {@code g}, without sign. */
    static String digits(char type, double number, int precision, boolean alternative) {
        if (precision > 5_000) {
            throw new Refusal("a number of " + precision + " digits in a format");
        }
        if (!Double.isFinite(number)) {
            return Double.isNaN(number) ? "nan" : "inf";
        }
        return switch (type) {
            case 'e' -> Floats.exponential(number, precision);
            case 'f' -> Floats.fixed(number, precision);
            default -> Floats.general(number, precision, alternative);
        };
    }

    private static String padded(String text, int width, String flags, boolean number) {
        int room = Math.max(0, width - Characters.length(text));
        if (flags.contains("-")) {
            return text + " ".repeat(room);
        }
        if (!flags.contains("0") || !number) {
            return " ".repeat(room) + text;
        }
        int sign = !text.isEmpty() && "+- ".indexOf(text.charAt(0)) >= 0 ? 1 : 0;
        return text.substring(0, sign) + "0".repeat(room) + text.substring(sign);
    }
}
