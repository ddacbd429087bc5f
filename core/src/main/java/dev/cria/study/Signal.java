package dev.cria.study;

import dev.cria.page.Cell;
import dev.cria.page.Numbers;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Table;
import dev.cria.study.TaskSeries.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Signal and noise of a benchmark (Heineman et al. 2025, “Signal and Noise”): the signal is how far apart the best and the
 * worst checkpoint are, over their mean; the noise is the deviation of the last checkpoints, over theirs. The paper's
 * signal is over different models; here it is over the checkpoints of one run, and what they still gain at the end is
 * taken out of the noise as a straight line.
 *
 * @param last checkpoints that the noise is of
 * @param apart the smallest difference of two checkpoints that the noise alone has in 5 of 100 pairs
 * @param pairs the share of pairs of checkpoints that differ by more
 */
record Signal(
        String run,
        String task,
        String metric,
        int checkpoints,
        int last,
        double signal,
        double noise,
        double ratio,
        double apart,
        double pairs) {
    private static final double NORMAL_95 = 1.96;
    private static final int FEWEST_LAST = 4;
    private static final int MOST_LAST = 30;

    static List<Signal> of(List<StudiedRun> runs) {
        List<Signal> signals = new ArrayList<>();
        for (StudiedRun run : runs) {
            for (TaskSeries task : run.tasks()) {
                for (Metric metric : Metric.values()) {
                    double[] values = task.values(metric);
                    if (values.length > FEWEST_LAST) {
                        signals.add(of(run.name(), task.benchmark().id(), metric, values));
                    }
                }
            }
        }
        return signals;
    }

    static Signal of(String run, String task, Metric metric, double[] values) {
        int last = Math.clamp(values.length / 4, FEWEST_LAST, MOST_LAST);
        double[] end = Arrays.copyOfRange(values, values.length - last, values.length);
        double deviation = deviationFromLine(end);
        double spread = Arrays.stream(values).max().orElseThrow()
                - Arrays.stream(values).min().orElseThrow();
        double signal = spread / Arrays.stream(values).average().orElseThrow();
        double noise = deviation / Arrays.stream(end).average().orElseThrow();
        double apart = NORMAL_95 * Math.sqrt(2) * deviation;
        return new Signal(
                run,
                task,
                metric.words(),
                values.length,
                last,
                signal,
                noise,
                signal / noise,
                apart,
                pairs(values, apart));
    }

    private static double deviationFromLine(double[] y) {
        double middle = (y.length - 1) / 2.0;
        double mean = Arrays.stream(y).average().orElseThrow();
        double slope = IntStream.range(0, y.length)
                        .mapToDouble(i -> (i - middle) * y[i])
                        .sum()
                / IntStream.range(0, y.length)
                        .mapToDouble(i -> (i - middle) * (i - middle))
                        .sum();
        double squares = IntStream.range(0, y.length)
                .mapToDouble(i -> Math.pow(y[i] - mean - slope * (i - middle), 2))
                .sum();
        return Math.sqrt(squares / (y.length - 2));
    }

    private static double pairs(double[] values, double apart) {
        long told = 0;
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < i; j++) {
                told += Math.abs(values[i] - values[j]) > apart ? 1 : 0;
            }
        }
        return told / (values.length * (values.length - 1) / 2.0);
    }

    static Section section(List<Signal> signals) {
        Table.Builder table = Table.titled(
                "signal-and-noise",
                "Signal and noise of each benchmark",
                "Run",
                "Benchmark",
                "Metric",
                "Signal",
                "Noise",
                "Signal ÷ noise",
                "Told apart from",
                "Pairs told apart, per cent");
        signals.forEach(s -> table.row(
                Cell.of(s.run),
                Cell.of(s.task),
                Cell.of(s.metric),
                Cell.fixed(s.signal, 3),
                Cell.fixed(s.noise, 4),
                Cell.of(s.ratio, Numbers.significant(s.ratio, 3)),
                Cell.of(s.apart, Numbers.significant(s.apart, 2)),
                Cell.percent(s.pairs)));
        table.note("Signal: best less worst checkpoint, over their mean. Noise: the deviation of the last checkpoints"
                + " around a straight line, over their mean. Told apart from: 1.96 · √2 · that deviation.");
        return new Section(
                "signal",
                "Signal and noise",
                "Which benchmark can tell two checkpoints apart here (Heineman et al. 2025)? The larger signal over"
                    + " noise, the better; accuracy is often too coarse for small models, and bits a byte are finer.",
                signals.isEmpty() ? List.of() : List.of(new Part.Grid(table.build())),
                "five checkpoints or more: cria eval RUN --all");
    }
}
