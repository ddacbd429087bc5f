package dev.cria.study;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What became of a question over a series of checkpoints, by places in it.
 *
 * <p>The margin up to its highest place is fitted with a {@link Rise}. There is an onset where the sure rise is above a
 * threshold and its level above 0. The threshold is what wrong choices reach in 1 of 50 when they are looked at as if
 * they were right: whatever raises a choice over the others without anything being learned about the question raises them too. Where
 * the onset is {@link MovingSums} tell: margins drift before and after a question is learned, and a fit of the whole would
 * follow the drift.
 *
 * @param onset the first checkpoint at which the margin has begun to rise
 * @param lost the first checkpoint at which a fall has begun that takes back more than half of the rise
 * @param sureRise of the margin, in bits a byte
 */
record Learning(Outcome outcome, Optional<Onset> onset, Optional<Integer> lost, double sureRise) {
    private static final double PLACEBO_SHARE = 0.02;

    enum Outcome {
        /** The right choice has become the preferred one, and still is. */
        LEARNED,
        /** It was, and has ceased to be. */
        FORGOTTEN,
        /** No onset. */
        NEVER
    }

    /** The interval's ends count. */
    record Onset(int place, int low, int high) {}

    /**
     * The sure rise that one wrong choice in fifty exceeds, of the questions whose right choice doesn't: where that one has
     * risen, no wrong one can.
     */
    static double threshold(List<Margins> questions) {
        double ofAll = exceededByOneInFifty(questions);
        return exceededByOneInFifty(questions.parallelStream()
                .filter(question -> counted(question.own()) <= ofAll)
                .toList());
    }

    private static double exceededByOneInFifty(List<Margins> questions) {
        double[] rises = questions.parallelStream()
                .flatMap(question -> question.placebos().stream())
                .mapToDouble(Learning::counted)
                .sorted()
                .toArray();
        return rises.length == 0 ? 0 : rises[(int) Math.ceil((1 - PLACEBO_SHARE) * (rises.length - 1))];
    }

    /** The sure rise to a level above 0, else 0. */
    private static double counted(double[] margin) {
        return rising(margin)
                .filter(rise -> rise.after() > 0)
                .map(rise -> Math.max(0, rise.sureRise()))
                .orElse(0.0);
    }

    static Learning of(Margins question, double threshold, long seed) {
        double[] margin = question.own();
        Optional<Rise> rise = rising(margin);
        double sure = rise.map(Rise::sureRise).orElse(0.0);
        if (rise.isEmpty() || sure <= threshold || rise.get().after() <= 0) {
            return new Learning(Outcome.NEVER, Optional.empty(), Optional.empty(), sure);
        }
        Optional<Integer> lost = lost(margin, rise.get());
        return new Learning(
                lost.isPresent() ? Outcome.FORGOTTEN : Outcome.LEARNED,
                Optional.of(new MovingSums(question.overMean(), rise.get().length() - 1).onset(seed)),
                lost,
                sure);
    }

    private static Optional<Rise> rising(double[] margin) {
        return Rise.fit(margin, highest(margin) + 1);
    }

    /** Where the mean of neighbours is highest; of equals the last. */
    private static int highest(double[] y) {
        int reach = Math.max(1, y.length / 20);
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < y.length; i++) {
            double mean = Arrays.stream(y, Math.max(0, i - reach), Math.min(y.length, i + reach + 1))
                    .average()
                    .orElseThrow();
            if (mean >= most) {
                most = mean;
                best = i;
            }
        }
        return best;
    }

    /** A fall is a rise of the opposite; it counts where more than half of what was gained is gone, or all preference. */
    private static Optional<Integer> lost(double[] margin, Rise rise) {
        int from = rise.length() - 1;
        double[] fallen = new double[margin.length - from];
        for (int i = 0; i < fallen.length; i++) {
            fallen[i] = -margin[from + i];
        }
        return Rise.fit(fallen, fallen.length)
                .filter(fall -> fall.sureRise() > 0 && -fall.after() < Math.max(0, (rise.before() + rise.after()) / 2))
                .map(fall -> from + fall.start() + 1);
    }
}
