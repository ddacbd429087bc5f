package dev.cria.study;

import dev.cria.study.Learning.Onset;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Where values rise at once: the place after which the mean of the next {@value #BANDWIDTH} is most above the mean of the
 * {@value #BANDWIDTH} up to it, for its noise. What drifts slowly moves both means. The interval is that of a moving-block
 * bootstrap of the residuals around the local means, 95 %.
 *
 * @see "Hušková 1990, Eichinger and Kirch 2018 (moving sums); Künsch 1989, Hušková and Kirch 2008 (bootstrap)"
 */
final class MovingSums {
    private static final int BANDWIDTH = 4;

    /** A rise that goes on for some checkpoints is at its steepest after its start: the first place that is nearly as steep. */
    private static final double NEARLY = 0.9;

    private static final int RESAMPLES = 200;

    private final double[] y;
    private final int last;

    /** @param last the highest place that the values rise to */
    MovingSums(double[] y, int last) {
        this.y = y;
        this.last = Math.clamp(last, 1, y.length - 1);
    }

    /** The last place before the rise. */
    int start() {
        double[] sums = new double[last];
        int highest = 0;
        for (int place = 0; place < last; place++) {
            sums[place] = jump(place);
            highest = sums[place] > sums[highest] ? place : highest;
        }
        int start = highest;
        for (int place = Math.max(0, highest - BANDWIDTH); place < start; place++) {
            if (sums[place] >= NEARLY * sums[highest]) {
                start = place;
            }
        }
        return start;
    }

    /** How far the mean goes up after a place, in standard errors of independent values of deviation 1. */
    private double jump(int place) {
        int before = Math.min(BANDWIDTH, place + 1);
        int after = Math.min(BANDWIDTH, y.length - place - 1);
        double difference = mean(place + 1, place + 1 + after) - mean(place + 1 - before, place + 1);
        return difference / Math.sqrt(1.0 / before + 1.0 / after);
    }

    private double mean(int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += y[i];
        }
        return sum / (to - from);
    }

    Onset onset(long seed) {
        int start = start();
        double[] means = means(start);
        int block = Math.max(1, (int) Math.round(Math.cbrt(y.length)));
        SplittableRandom random = new SplittableRandom(seed);
        int[] starts = new int[RESAMPLES];
        for (int b = 0; b < RESAMPLES; b++) {
            starts[b] = new MovingSums(resampled(means, block, random), last).start();
        }
        Arrays.sort(starts);
        int low = starts[(int) Math.floor(0.025 * (RESAMPLES - 1))] + 1;
        int high = starts[(int) Math.ceil(0.975 * (RESAMPLES - 1))] + 1;
        return new Onset(start + 1, Math.min(low, start + 1), Math.max(high, start + 1));
    }

    /** Of neighbours on the same side of the onset. */
    private double[] means(int start) {
        double[] means = new double[y.length];
        for (int i = 0; i < y.length; i++) {
            int from = Math.max(i <= start ? 0 : start + 1, i - BANDWIDTH / 2);
            int to = Math.min(i <= start ? start + 1 : y.length, i + BANDWIDTH / 2 + 1);
            means[i] = mean(from, to);
        }
        return means;
    }

    private double[] resampled(double[] means, int block, SplittableRandom random) {
        double[] resampled = new double[y.length];
        for (int i = 0; i < y.length; i += block) {
            int from = random.nextInt(y.length - block + 1);
            for (int j = 0; j < block && i + j < y.length; j++) {
                resampled[i + j] = means[i + j] + y[from + j] - means[from + j];
            }
        }
        return resampled;
    }
}
