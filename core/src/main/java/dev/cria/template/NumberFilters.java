package dev.cria.template;

import dev.cria.template.Arguments.Bound;
import dev.cria.template.Value.Int;
import dev.cria.template.Value.Numeric;
import dev.cria.template.Value.Real;
import dev.cria.template.Value.Text;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;

/** The filters of numbers. */
final class NumberFilters {
    private final Operators operators;

    NumberFilters(Operators operators) {
        this.operators = operators;
    }

    void addTo(Map<String, Function.Body> filters) {
        filters.put("abs", a -> absolute(a.bind("abs", "x").value(0)));
        filters.put("int", a -> integer(a.bind("int", "value", "default", "base")));
        filters.put("float", a -> real(a.bind("float", "value", "default")));
        filters.put("round", a -> round(a.bind("round", "value", "precision", "method")));
    }

    private static Numeric number(String filter, Value value) {
        if (Operators.defined(value) instanceof Numeric number) {
            return number;
        }
        throw new Refusal(filter + " needs a number, not " + Printed.typeOf(value));
    }

    private static Value absolute(Value value) {
        Numeric number = number("abs", value);
        return Numbers.whole(number)
                .<Value>map(n -> new Int(n.abs()))
                .orElseGet(() -> new Real(Math.abs(number.real())));
    }

    private Value integer(Bound arguments) {
        Value value = scanned(arguments);
        Optional<BigInteger> number =
                switch (value) {
                    case Text t ->
                        Numbers.parseInteger(t.string(), arguments.integer(2, 10))
                                .or(() -> Numbers.parseReal(t.string()).map(NumberFilters::cut));
                    case Real r -> Optional.of(cut(r.number()));
                    default -> Numbers.whole(value);
                };
        return number.<Value>map(Int::new).orElseGet(() -> arguments.get(1).orElse(Value.of(0)));
    }

    /** The value, whose blanks at its ends may take time. */
    private Value scanned(Bound arguments) {
        Value value = Operators.defined(arguments.value(0));
        return value instanceof Text text ? Value.of(operators.printed(text)) : value;
    }

    private static BigInteger cut(double number) {
        if (!Double.isFinite(number)) {
            throw new Refusal("a float that is not finite has no integer");
        }
        return new BigDecimal(number).toBigInteger();
    }

    private Value real(Bound arguments) {
        Value value = scanned(arguments);
        Optional<Double> number =
                switch (value) {
                    case Text t -> Numbers.parseReal(t.string());
                    case Numeric n -> Optional.of(n.real());
                    default -> Optional.empty();
                };
        return number.<Value>map(Real::new).orElseGet(() -> arguments.get(1).orElse(new Real(0)));
    }

    private Value round(Bound arguments) {
        Numeric number = number("round", arguments.value(0));
        int precision = Math.clamp(arguments.integer(1, 0), -400, 400);
        return switch (arguments.someText(2).orElse("common")) {
            case "common" ->
                Numbers.whole(number)
                        .<Value>map(n -> new Int(rounded(n, precision)))
                        .orElseGet(() -> new Real(Floats.rounded(number.real(), precision)));
            case "ceil" -> directed(number, precision, RoundingMode.CEILING);
            case "floor" -> directed(number, precision, RoundingMode.FLOOR);
            default -> throw new Refusal("round's method is common, ceil or floor");
        };
    }

    private static BigInteger rounded(BigInteger number, int precision) {
        return new BigDecimal(number)
                .setScale(Math.min(0, precision), RoundingMode.HALF_EVEN)
                .toBigInteger();
    }

    /** {@code ceil(value * 10 ** precision) / 10 ** precision}, step by step as the reference computes it. */
    private Value directed(Numeric number, int precision, RoundingMode mode) {
        Value scale = operators.calculate(Operator.POWER, Value.of(10), Value.of(precision));
        Value scaled = operators.calculate(Operator.MULTIPLY, number, scale);
        BigInteger whole = Numbers.whole(scaled).orElseGet(() -> new BigDecimal(((Real) scaled).number())
                .setScale(0, mode)
                .toBigInteger());
        return operators.calculate(Operator.DIVIDE, new Int(whole), scale);
    }
}
