package dev.cria.eval;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.DoubleStream;
import org.hipparchus.stat.correlation.PearsonsCorrelation;
import org.hipparchus.stat.correlation.SpearmansCorrelation;

/**
 * How two series go together, each figure with a 95 % interval.
 *
 * <p>The intervals are percentiles of {@value #RESAMPLES} bootstrap resamples of the pairs (Efron and Tibshirani 1993,
 * chapter 13), drawn from a fixed seed, so that equal series give equal intervals. With the ten checkpoints of a table
 * they are wide, which is the point of showing them.
 *
 * @param spearman Pearson's r of the ranks, ties sharing their mean rank
 */
public record Correlation(Estimate pearson, Estimate rSquared, Estimate spearman, int pairs) {
    private static final int RESAMPLES = 2000;
    private static final long SEED = 1337;

    /** A figure and the bounds of its 95 % interval. */
    public record Estimate(double value, double low, double high) {}

    /** Empty where there are fewer than three pairs or a series is constant, for which no correlation is defined. */
    public static Optional<Correlation> of(double[] x, double[] y) {
        if (x.length != y.length) {
            throw new IllegalArgumentException(x.length + " values against " + y.length);
        }
        if (x.length < 3 || isConstant(x) || isConstant(y)) {
            return Optional.empty();
        }
        Estimate pearson = estimate(x, y, new PearsonsCorrelation()::correlation);
        Estimate squared = estimate(x, y, (a, b) -> Math.pow(new PearsonsCorrelation().correlation(a, b), 2));
        Estimate spearman = estimate(x, y, new SpearmansCorrelation()::correlation);
        return Optional.of(new Correlation(pearson, squared, spearman, x.length));
    }

    private static Estimate estimate(double[] x, double[] y, ToDoubleBiFunction<double[], double[]> statistic) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] resampled = DoubleStream.generate(() -> {
                    int[] drawn = random.ints(x.length, 0, x.length).toArray();
                    double[] a = Arrays.stream(drawn).mapToDouble(i -> x[i]).toArray();
                    double[] b = Arrays.stream(drawn).mapToDouble(i -> y[i]).toArray();
                    // A resample of one pair again and again has no correlation; it is left out.
                    return isConstant(a) || isConstant(b) ? Double.NaN : statistic.applyAsDouble(a, b);
                })
                .limit(RESAMPLES)
                .filter(value -> !Double.isNaN(value))
                .sorted()
                .toArray();
        return new Estimate(
                statistic.applyAsDouble(x, y), Percentiles.of(resampled, 0.025), Percentiles.of(resampled, 0.975));
    }

    private static boolean isConstant(double[] values) {
        return Arrays.stream(values).allMatch(value -> value == values[0]);
    }
}
