package dev.cria.speedrun;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How many times as much one needs as the other: the sum over seeds of the one by that of the other, with the interval in
 * which 95 of 100 lie when the seeds are drawn again with replacement, each with both of its runs (paired percentile
 * bootstrap; Efron and Tibshirani 1993, chapter 13). With few seeds such intervals are too narrow.
 *
 * @param low 2.5th percentile; NaN with fewer than {@link #LEAST_PAIRS} pairs
 * @param high 97.5th percentile
 */
record Ratio(double value, double low, double high, int pairs) {
    static final int RESAMPLES = 10_000;
    static final int LEAST_PAIRS = 3;
    private static final long SEED = 1337;

    /** @param pairs of each seed what the one needs, then what the other needs */
    static Ratio of(List<double[]> pairs) {
        int count = pairs.size();
        double value = ratio(pairs);
        if (count < LEAST_PAIRS) {
            return new Ratio(value, Double.NaN, Double.NaN, count);
        }
        var random = new SplittableRandom(SEED);
        double[] drawn = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            double one = 0;
            double other = 0;
            for (int k = 0; k < count; k++) {
                double[] pair = pairs.get(random.nextInt(count));
                one += pair[0];
                other += pair[1];
            }
            drawn[i] = one / other;
        }
        Arrays.sort(drawn);
        return new Ratio(value, percentile(drawn, 0.025), percentile(drawn, 0.975), count);
    }

    private static double ratio(List<double[]> pairs) {
        double one = pairs.stream().mapToDouble(pair -> pair[0]).sum();
        double other = pairs.stream().mapToDouble(pair -> pair[1]).sum();
        return one / other;
    }

    private static double percentile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
