package dev.cria.report;

import java.util.stream.DoubleStream;

/** Middle and spread of a few values, not moved by single odd ones. */
record Spread(double median, double deviation) {
    /** Turns the median absolute deviation of normally distributed values into their standard deviation. */
    private static final double NORMAL = 1.4826;

    static Spread of(double[] values) {
        double median = median(values);
        double[] off = DoubleStream.of(values).map(v -> Math.abs(v - median)).toArray();
        return new Spread(median, NORMAL * median(off));
    }

    static double median(double[] values) {
        double[] sorted = DoubleStream.of(values).sorted().toArray();
        int half = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
