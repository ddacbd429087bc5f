package dev.cria.report;

import dev.cria.page.Point;
import dev.cria.run.Event;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a resume at step N cost. With w = N / 10, at least 10 and at most 100 steps:
 *
 * <ul>
 *   <li>level: the median loss of the w steps before N; spread: 1.4826 times their median absolute deviation.
 *   <li>loss height: the greatest loss of the w steps from N on, less the level. Height of the gradient norm: likewise.
 *   <li>points lost: a benchmark's accuracy at its last evaluation up to N less the lowest of the three after it, in
 *       points of per cent; negative if it only rose. Rise of the validation loss: likewise, with the highest.
 *   <li>excess: the difference of the loss at a step to that of another run with the same configuration over the same
 *       data which was not broken there. It carries no noise: without a restart it is 0.
 *   <li>healed, beside such a run: the first step s from the worst on for which the mean excess of the w steps from s on
 *       is at most 0.01 nats; the worst is the step from which on that mean is highest. By itself, where there is none:
 *       likewise with the median loss, which has to come back to the level plus 2.5 spreads over √w, two standard
 *       errors of such a median. A loss that falls anyhow hides damage from the second measure, never from the first.
 *       Counted from N; unharmed where even the worst is within that, twice as much for the second, for the worst of
 *       many medians is above it by chance.
 * </ul>
 *
 * <p>A resume from which on the run trains otherwise is a {@link Departure} and has no cost. Runs are read-only: a fork that begins at N takes the steps before N from the run it came from.
 *
 * @see "Li, Fung and Huang 2024, section III: loss and gradient norm rise after restarts without optimizer state and
 *     take thousands of steps to heal"
 */
record RestartCost(
        Run run,
        Event.Resumed resume,
        OptionalInt ranksBefore,
        int window,
        Spread loss,
        double lossHeight,
        Spread gradientNorm,
        double gradientNormHeight,
        OptionalDouble validationRise,
        Optional<PointsLost> pointsLost,
        Healing healing,
        Optional<Excess> excess) {

    /** Excess below which a run counts as back on the way of the unbroken one, in nats. */
    static final double CLOSED = 0.01;

    static final double HEALED_SPREADS = 2.5;

    record PointsLost(String task, double points) {}

    /**
     * Beside the run that was not broken.
     *
     * @param differences of the loss, by step from the resume on
     */
    record Excess(Run unbroken, List<Point> differences) {
        double largest() {
            return differences.stream().mapToDouble(Point::y).max().orElse(0);
        }
    }

    /** How many spreads the loss rose above its level; a hundred ordinary steps reach 2 to 3. */
    double lossSpreads() {
        return lossHeight / loss.deviation();
    }

    /** One for each resume of the runs that has enough steps before and after it. */
    static List<RestartCost> of(List<Run> runs) {
        return runs.stream()
                .flatMap(run -> run.events(Event.Resumed.class).stream()
                        .filter(resume -> Departure.of(run, resume, runs).isEmpty())
                        .flatMap(resume -> new RestartAnalysis(run, resume, runs).cost().stream()))
                .toList();
    }
}
