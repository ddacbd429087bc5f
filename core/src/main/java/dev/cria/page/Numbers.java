package dev.cria.page;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as a reader wants them: grouped counts, few digits, units of thousand. */
public final class Numbers {
    private static final String[] THOUSANDS = {"", "k", "M", "B", "T", "P", "E"};

    private Numbers() {}

    /** A count with thousands' commas: 12,345. */
    public static String count(double value) {
        return String.format(Locale.ROOT, "%,d", Math.round(value));
    }

    public static String fixed(double value, int decimals) {
        return Double.isFinite(value)
                ? String.format(Locale.ROOT, "%." + decimals + "f", value).replace('-', '−')
                : "–";
    }

    public static String signed(double value, int decimals) {
        return Double.isFinite(value)
                ? String.format(Locale.ROOT, "%+." + decimals + "f", value).replace('-', '−')
                : "–";
    }

    /** A proportion as a percentage without its sign: 0.319 gives 31.9. */
    public static String percent(double proportion) {
        return fixed(100 * proportion, 1);
    }

    /** Three significant digits with k, M, B or T: 286k, 1.72B. */
    public static String compact(double value) {
        if (value == 0 || !Double.isFinite(value)) {
            return value == 0 ? "0" : "–";
        }
        double left = Math.abs(value);
        int unit = 0;
        while (left >= 999.5 && unit < THOUSANDS.length - 1) {
            left /= 1000;
            unit++;
        }
        return (value < 0 ? "−" : "") + significant(left, 3) + THOUSANDS[unit];
    }

    /** So many significant digits, without an exponent and without trailing zeros. */
    public static String significant(double value, int digits) {
        if (!Double.isFinite(value)) {
            return "–";
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_UP));
        String plain =
                rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
        return plain.replace('-', '−');
    }

    /** As 4.92e-4 where a plain number would be long, else as {@link #significant}. */
    public static String scientific(double value) {
        double size = Math.abs(value);
        return value == 0 || (size >= 1e-3 && size < 1e6)
                ? significant(value, 4)
                : String.format(Locale.ROOT, "%.2e", value)
                        .replaceFirst("\\.?0*e", "e")
                        .replaceFirst("e([+-])0", "e$1");
    }

    /** Hours, minutes and seconds, the two largest: 14h05m, 5m03s, 12s. */
    public static String duration(double seconds) {
        if (!Double.isFinite(seconds)) {
            return "–";
        }
        long whole = Math.max(0, Math.round(seconds));
        if (whole >= 86_400) {
            return String.format(Locale.ROOT, "%dd%02dh", whole / 86_400, whole / 3600 % 24);
        } else if (whole >= 3600) {
            return String.format(Locale.ROOT, "%dh%02dm", whole / 3600, whole / 60 % 60);
        }
        return whole >= 60 ? String.format(Locale.ROOT, "%dm%02ds", whole / 60, whole % 60) : whole + "s";
    }
}
