package dev.cria.template;

import dev.cria.template.Value.Bool;
import dev.cria.template.Value.Int;
import dev.cria.template.Value.Numeric;
import dev.cria.template.Value.Real;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Optional;
import java.util.regex.Pattern;

/** Python's arithmetic: integers of any length up to a bound, floats, and booleans that count as 0 and 1. */
final class Numbers {
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(\\d+(_\\d+)*\\.?(\\d+(_\\d+)*)?|\\.\\d+(_\\d+)*)([eE][+-]?\\d{1,9})?");
    private static final Pattern SPECIAL = Pattern.compile("([+-]?)(inf|infinity|nan)", Pattern.CASE_INSENSITIVE);

    private Numbers() {}

    /** The value as an integer, where it is one. */
    static Optional<BigInteger> whole(Value value) {
        return switch (value) {
            case Int i -> Optional.of(i.number());
            case Bool b -> Optional.of(b.integer());
            default -> Optional.empty();
        };
    }

    static BigInteger integer(Value value) {
        return whole(value)
                .orElseThrow(() -> new Refusal("'" + Printed.typeOf(value) + "' cannot be taken for an integer"));
    }

    /** One operation upon two numbers. */
    static Value calculate(Operator operator, Numeric left, Numeric right) {
        Optional<BigInteger> a = whole(left);
        Optional<BigInteger> b = whole(right);
        if (a.isPresent() && b.isPresent()) {
            return integers(operator, a.get(), b.get());
        }
        return new Real(reals(operator, left.real(), right.real()));
    }

    private static Value integers(Operator operator, BigInteger a, BigInteger b) {
        return switch (operator) {
            case ADD -> bounded(a.add(b));
            case SUBTRACT -> bounded(a.subtract(b));
            case MULTIPLY -> bounded(a.multiply(b));
            case DIVIDE -> new Real(quotient(a, nonzero(b)));
            case FLOOR_DIVIDE -> new Int(floor(a, nonzero(b)));
            case REMAINDER -> new Int(a.subtract(floor(a, nonzero(b)).multiply(b)));
            case POWER -> power(a, b);
        };
    }

    private static double reals(Operator operator, double a, double b) {
        return switch (operator) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / nonzero(b);
            case FLOOR_DIVIDE -> Math.floor((a - remainder(a, nonzero(b))) / b + 0.5);
            case REMAINDER -> remainder(a, nonzero(b));
            case POWER -> power(a, b);
        };
    }

    private static double remainder(double a, double b) {
        double remainder = a % b;
        return remainder != 0 ? (remainder < 0) == (b < 0) ? remainder : remainder + b : Math.copySign(0, b);
    }

    private static BigInteger nonzero(BigInteger divisor) {
        if (divisor.signum() == 0) {
            throw new Refusal("division by zero");
        }
        return divisor;
    }

    private static double nonzero(double divisor) {
        if (divisor == 0) {
            throw new Refusal("division by zero");
        }
        return divisor;
    }

    private static BigInteger floor(BigInteger a, BigInteger b) {
        BigInteger[] parts = a.divideAndRemainder(b);
        return parts[1].signum() != 0 && parts[1].signum() != b.signum() ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static double quotient(BigInteger a, BigInteger b) {
        double quotient = a.bitLength() <= 53 && b.bitLength() <= 53
                ? a.doubleValue() / b.doubleValue()
                : new BigDecimal(a)
                        .divide(new BigDecimal(b), new MathContext(60))
                        .doubleValue();
        if (Double.isInfinite(quotient)) {
            throw new Refusal("integer division result too large for a float");
        }
        return quotient;
    }

    private static Value power(BigInteger a, BigInteger b) {
        if (b.signum() < 0) {
            nonzero(a);
            return new Real(Math.pow(a.doubleValue(), b.doubleValue()));
        }
        if (a.bitLength() <= 1 && a.signum() >= 0) {
            return new Int(b.signum() == 0 ? BigInteger.ONE : a);
        }
        if (b.bitLength() > 31 || (long) (a.abs().bitLength() - 1) * b.intValue() > Budget.BITS) {
            throw tooLong();
        }
        return bounded(a.pow(b.intValue()));
    }

    private static double power(double a, double b) {
        if (a == 0 && b < 0) {
            throw new Refusal("0.0 cannot be raised to a negative power");
        }
        if (a < 0 && b != Math.rint(b)) {
            throw new Refusal("a negative number raised to a fraction is not real");
        }
        double power = Math.pow(a, b);
        if (Double.isInfinite(power) && Double.isFinite(a) && Double.isFinite(b)) {
            throw new Refusal("the power is too large for a float");
        }
        return power;
    }

    static Int bounded(BigInteger number) {
        if (number.bitLength() > Budget.BITS) {
            throw tooLong();
        }
        return new Int(number);
    }

    private static Refusal tooLong() {
        return new Refusal("an integer of the template has more than " + Budget.BITS + " bits");
    }

    static Value negated(Numeric number) {
        return whole(number).<Value>map(n -> new Int(n.negate())).orElseGet(() -> new Real(-number.real()));
    }

    /** Python's {@code int(text, base)}, where it succeeds. */
    static Optional<BigInteger> parseInteger(String text, int base) {
        String plain = Characters.stripRight(Characters.stripLeft(text, ""), "");
        boolean negative = plain.startsWith("-");
        String digits = negative || plain.startsWith("+") ? plain.substring(1) : plain;
        int radix = base;
        for (int known : new int[] {2, 8, 16}) {
            String prefix = known == 2 ? "0b" : known == 8 ? "0o" : "0x";
            if ((base == known || base == 0) && Characters.lower(digits).startsWith(prefix)) {
                digits = digits.substring(digits.startsWith("_", 2) ? 3 : 2);
                radix = known;
            }
        }
        int digitsRadix = radix == 0 ? 10 : radix;
        boolean sound = digits.length() <= 4300
                && digits.matches("[^_\\W]+(_[^_\\W]+)*|\\d+")
                && digits.chars().allMatch(c -> c == '_' || Character.digit(c, digitsRadix) >= 0);
        return sound
                ? Optional.of(new BigInteger((negative ? "-" : "") + digits.replace("_", ""), digitsRadix))
                : Optional.empty();
    }

    /** Python's {@code float(text)}, where it succeeds. */
    static Optional<Double> parseReal(String text) {
        String plain = Characters.stripRight(Characters.stripLeft(text, ""), "");
        var special = SPECIAL.matcher(plain);
        if (special.matches()) {
            double value = Characters.lower(special.group(2)).equals("nan") ? Double.NaN : Double.POSITIVE_INFINITY;
            return Optional.of(special.group(1).equals("-") ? -value : value);
        }
        return plain.length() <= 4300 && DECIMAL.matcher(plain).matches()
                ? Optional.of(Double.valueOf(plain.replace("_", "")))
                : Optional.empty();
    }
}
