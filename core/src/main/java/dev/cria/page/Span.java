package dev.cria.page;

/** Within what a value at x is uncertain: an error bar. */
public record Span(double x, double low, double high) {
    /** Standard errors to either side that hold the true value 95 times of 100. */
    private static final double NORMAL_95 = 1.96;

    public static Span of(Point value, double standardError) {
        double reach = NORMAL_95 * standardError;
        return new Span(value.x(), value.y() - reach, value.y() + reach);
    }
}
