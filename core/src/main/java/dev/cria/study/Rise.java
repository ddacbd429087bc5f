package dev.cria.study;

import java.util.Optional;

/**
 * The least-squares fit of a level and a rise from it to values y₀ … yₙ₋₁: y = before up to {@code start}, then before +
 * height · shape of the places since. Two-phase regression (Hinkley 1971); every start is tried with every shape, each in
 * constant time from running sums.
 *
 * @param start the last place before the rise
 * @param before the level up to there
 * @param height that the shape is multiplied with
 * @param error the standard error of the height
 * @param length of what was fitted
 */
record Rise(int start, Shape shape, double before, double height, double error, int length) {
    /** Standard errors that are taken off the rise: of 100 such rises 95 are larger than what is left. */
    private static final double NORMAL_90 = 1.645;

    private static final double[] TIMES = {0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24};

    /** How a rise goes: 0 at its start, 1 when it is done. */
    sealed interface Shape {
        /** @param since places since the start */
        double at(double since);

        /** A straight line to a level. */
        record Line(int places) implements Shape {
            @Override
            public double at(double since) {
                return Math.min(1, since / places);
            }
        }

        /** Fast at first and ever slower: what is told again and again teaches less each time. */
        record Approach(double time) implements Shape {
            @Override
            public double at(double since) {
                return -Math.expm1(-since / time);
            }
        }
    }

    /** The best rise over the first {@code length} values; empty where there are fewer than three, or none goes up. */
    static Optional<Rise> fit(double[] y, int length) {
        return length < 3 ? Optional.empty() : new Search(y, length).best();
    }

    double rise() {
        return height * shape.at(length - 1.0 - start);
    }

    /** What the fit says at the last place. */
    double after() {
        return before + rise();
    }

    /** How large the rise is at least, for its noise. */
    double sureRise() {
        return rise() - NORMAL_90 * error * shape.at(length - 1.0 - start);
    }

    /** What the fit says at a place. */
    double at(int i) {
        return before + (i <= start ? 0 : height * shape.at(i - start));
    }

    /** Goes through all starts and shapes. */
    private static final class Search {
        private final double[] y;
        private final int length;
        private final double sum;
        private final double squares;

        /** Of y, and of place · y, before each place. */
        private final double[] sums;

        private final double[] moments;
        private double gain;
        private Optional<Rise> best = Optional.empty();

        Search(double[] y, int length) {
            this.y = y;
            this.length = length;
            sums = new double[length + 1];
            moments = new double[length + 1];
            double total = 0;
            for (int i = 0; i < length; i++) {
                sums[i + 1] = sums[i] + y[i];
                moments[i + 1] = moments[i] + i * y[i];
                total += y[i] * y[i];
            }
            sum = sums[length];
            squares = total - sum * sum / length;
        }

        Optional<Rise> best() {
            lines();
            for (double time : TIMES) {
                approaches(time);
            }
            return best;
        }

        private void lines() {
            for (int start = 0; start < length - 1; start++) {
                for (int end = start + 1; end < length; end++) {
                    double k = end - start;
                    double ramp = (k - 1) / 2 + length - end;
                    double ramps = (k - 1) * (2 * k - 1) / (6 * k) + length - end;
                    double inside = moments[end] - moments[start + 1] - start * (sums[end] - sums[start + 1]);
                    consider(start, end - start, 0, ramp, ramps, inside / k + sum - sums[end]);
                }
            }
        }

        /** From the right, so that each start's sums follow from those of the next. */
        private void approaches(double time) {
            double left = Math.exp(-1 / time);
            double product = 0;
            double ramp = 0;
            double ramps = 0;
            for (int start = length - 2; start >= 0; start--) {
                double shape = -Math.expm1(-(length - 1.0 - start) / time);
                ramp += shape;
                ramps += shape * shape;
                product = left * (y[start + 1] + product);
                consider(start, 0, time, ramp, ramps, sum - sums[start + 1] - product);
            }
        }

        /** Keeps the fit if none before explains more: Σ r, Σ r² and Σ r · y of a shape r decide it. */
        private void consider(int start, int places, double time, double ramp, double ramps, double product) {
            double covariance = product - ramp * sum / length;
            double variance = ramps - ramp * ramp / length;
            if (covariance <= 0 || covariance * covariance <= gain * variance) {
                return;
            }
            gain = covariance * covariance / variance;
            double height = covariance / variance;
            // Two levels, a start and a shape have been chosen.
            double deviation = Math.sqrt(Math.max(0, squares - gain) / Math.max(1, length - 4));
            best = Optional.of(new Rise(
                    start,
                    places > 0 ? new Shape.Line(places) : new Shape.Approach(time),
                    (sum - height * ramp) / length,
                    height,
                    deviation / Math.sqrt(variance),
                    length));
        }
    }
}
