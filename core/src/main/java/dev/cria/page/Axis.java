package dev.cria.page;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/** Where values lie between 0 (the axis' beginning) and 1, and which of them get a label. */
public sealed interface Axis {

    double from();

    double to();

    double place(double value);

    /** Round values that lie at least {@code gap} of the axis' length apart. */
    List<Double> ticks(double gap);

    /** Equal differences, equal lengths. */
    record Linear(double from, double to) implements Axis {
        @Override
        public double place(double value) {
            return (value - from) / (to - from);
        }

        @Override
        public List<Double> ticks(double gap) {
            double least = gap * (to - from);
            double power = Math.pow(10, Math.floor(Math.log10(least)));
            double step = power * 10;
            for (double factor : new double[] {5, 2, 1}) {
                step = factor * power >= least ? factor * power : step;
            }
            List<Double> ticks = new ArrayList<>();
            for (long i = (long) Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) {
                ticks.add(i * step);
            }
            return ticks;
        }
    }

    /** Equal ratios, equal lengths. */
    record Log(double from, double to) implements Axis {
        private static final double[][] FACTORS = {
            {1, 1.2, 1.4, 1.6, 1.8, 2, 2.2, 2.4, 2.6, 2.8, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9},
            {1, 1.5, 2, 2.5, 3, 4, 5, 6, 8},
            {1, 1.5, 2, 3, 4, 6},
            {1, 2, 5},
            {1, 3},
            {1}
        };

        @Override
        public double place(double value) {
            return (Math.log(value) - Math.log(from)) / (Math.log(to) - Math.log(from));
        }

        @Override
        public List<Double> ticks(double gap) {
            List<Double> ticks = List.of();
            for (double[] factors : FACTORS) {
                ticks = ticks(factors);
                if (leastGap(ticks) >= gap) {
                    break;
                }
            }
            // Between 3.01 and 3.09 no factor lies, and a logarithmic axis is as good as linear.
            return ticks.size() < 2 ? new Linear(from, to).ticks(gap) : ticks;
        }

        private List<Double> ticks(double[] factors) {
            List<Double> ticks = new ArrayList<>();
            // An end beyond what a double holds would make the decades endless.
            int last = (int) Math.min(Math.log10(to), 308);
            for (int decade = (int) Math.max(Math.floor(Math.log10(from)), -324); decade <= last; decade++) {
                for (double factor : factors) {
                    double value = factor * Math.pow(10, decade);
                    if (value >= from * (1 - 1e-9) && value <= to * (1 + 1e-9)) {
                        ticks.add(value);
                    }
                }
            }
            return ticks;
        }

        private double leastGap(List<Double> ticks) {
            double least = 1;
            for (int i = 1; i < ticks.size(); i++) {
                least = Math.min(least, place(ticks.get(i)) - place(ticks.get(i - 1)));
            }
            return least;
        }
    }

    /** How a panel writes the values of an axis. */
    enum Format {
        PLAIN(v -> Numbers.significant(v, 4)),
        COMPACT(Numbers::compact),
        PERCENT(v -> Numbers.significant(100 * v, 3)),
        SCIENTIFIC(v -> v == 0 ? "0" : Numbers.scientific(v));

        private final DoubleFunction<String> writer;

        Format(DoubleFunction<String> writer) {
            this.writer = writer;
        }

        public String write(double value) {
            return writer.apply(value);
        }
    }
}
