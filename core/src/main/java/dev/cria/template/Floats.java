package dev.cria.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Floating-point numbers in Python's forms. */
final class Floats {

    private Floats() {}

    /** Python's {@code repr}: the shortest digits that read back as the same number. */
    static String repr(double number) {
        if (!Double.isFinite(number)) {
            return Double.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }
        if (number == 0) {
            return 1 / number < 0 ? "-0.0" : "0.0";
        }
        BigDecimal digits = shortest(Math.abs(number));
        int exponent = digits.precision() - digits.scale() - 1;
        String sign = number < 0 ? "-" : "";
        if (exponent >= -4 && exponent < 16) {
            String plain = digits.toPlainString();
            return sign + plain + (plain.indexOf('.') < 0 ? ".0" : "");
        }
        return sign + scientific(digits.unscaledValue().toString(), exponent);
    }

    /** Java's own shortest form has two digits at least. */
    private static BigDecimal shortest(double number) {
        BigDecimal one = new BigDecimal(number).round(new MathContext(1));
        return one.doubleValue() == number ? one : new BigDecimal(Double.toString(number)).stripTrailingZeros();
    }

    private static String scientific(String digits, int exponent) {
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        return digits.charAt(0) + fraction + power(exponent);
    }

    private static String power(int exponent) {
        return (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    /** The form {@code %f}, without sign. */
    static String fixed(double number, int precision) {
        return new BigDecimal(Math.abs(number))
                .setScale(precision, RoundingMode.HALF_EVEN)
                .toPlainString();
    }

    /** The form {@code %e}, without sign. */
    static String exponential(double number, int precision) {
        if (number == 0) {
            return new BigDecimal(0).setScale(precision).toPlainString() + "e+00";
        }
        BigDecimal rounded =
                new BigDecimal(Math.abs(number)).round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
        StringBuilder digits = new StringBuilder(rounded.unscaledValue().toString());
        int exponent = rounded.precision() - rounded.scale() - 1;
        digits.append("0".repeat(Math.max(0, precision + 1 - digits.length())));
        return scientific(digits.substring(0, precision + 1), exponent);
    }

    /**
     * The form {@code %g}, without sign.
     *
     * @param trailing whether zeros at the end stay, as {@code #} asks
     */
    static String general(double number, int precision, boolean trailing) {
        int digits = Math.max(1, precision);
        if (number == 0) {
            return trailing ? fixed(0, digits - 1) : "0";
        }
        BigDecimal rounded = new BigDecimal(Math.abs(number)).round(new MathContext(digits, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        if (exponent < -4 || exponent >= digits) {
            String whole = exponential(number, digits - 1);
            int e = whole.indexOf('e');
            return (trailing ? whole.substring(0, e) : trimmed(whole.substring(0, e))) + whole.substring(e);
        }
        String plain =
                rounded.setScale(digits - 1 - exponent, RoundingMode.HALF_EVEN).toPlainString();
        return trailing ? plain : trimmed(plain);
    }

    private static String trimmed(String digits) {
        return digits.indexOf('.') < 0 ? digits : digits.replaceFirst("\\.?0+$", "");
    }

    /** Python's {@code round(number, places)}: half to even of the exact value. */
    static double rounded(double number, int places) {
        if (!Double.isFinite(number) || places > 400) {
            return number;
        }
        double rounded = new BigDecimal(number)
                .setScale(Math.max(places, -400), RoundingMode.HALF_EVEN)
                .doubleValue();
        return rounded == 0 ? Math.copySign(0, number) : rounded;
    }
}
