package dev.cria.speedrun;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * How soon each runner reaches the target.
 *
 * @param runners AdamW of Cria first, by which the others are measured
 */
record Standings(List<Runner> runners, OptionalDouble target, List<Standing> standings) {

    /**
     * One runner over all its seeds.
     *
     * @param reached how many of its runs reach the target
     * @param meanSteps to the target, over those that reach it
     * @param steps beside AdamW of the same seed; empty for AdamW itself and where no seed has both
     */
    record Standing(
            Runner runner,
            int seeds,
            int reached,
            double meanLoss,
            double lossDeviation,
            double meanSteps,
            double meanSeconds,
            Optional<Ratio> steps,
            Optional<Ratio> seconds) {}

    static Standings of(List<Runner> runners, OptionalDouble target) {
        Standings all = new Standings(runners, target, List.of());
        return new Standings(
                runners, target, runners.stream().map(all::standing).toList());
    }

    private Runner first() {
        return runners.getFirst();
    }

    /** The loss that a seed has to reach: the one that was asked for, or that with which its AdamW ends. */
    OptionalDouble target(long seed) {
        if (target.isPresent()) {
            return target;
        }
        Runner.Curve curve = first().curves().get(seed);
        return curve == null ? OptionalDouble.empty() : OptionalDouble.of(curve.lastLoss());
    }

    private Standing standing(Runner runner) {
        List<Crossing> crossings = new ArrayList<>();
        List<double[]> steps = new ArrayList<>();
        List<double[]> seconds = new ArrayList<>();
        for (long seed : runner.curves().keySet()) {
            Optional<Crossing> own = runner.crossing(seed, target(seed));
            Optional<Crossing> other = first().crossing(seed, target(seed));
            own.ifPresent(crossings::add);
            if (own.isPresent() && other.isPresent()) {
                steps.add(new double[] {own.get().steps(), other.get().steps()});
                seconds.add(new double[] {own.get().seconds(), other.get().seconds()});
            }
        }
        boolean compared = runner != first() && !steps.isEmpty();
        double loss = mean(List.copyOf(runner.curves().values()), Runner.Curve::lastLoss);
        return new Standing(
                runner,
                runner.curves().size(),
                crossings.size(),
                loss,
                deviation(List.copyOf(runner.curves().values()), loss),
                mean(crossings, Crossing::steps),
                mean(crossings, Crossing::seconds),
                compared ? Optional.of(Ratio.of(steps)) : Optional.empty(),
                compared ? Optional.of(Ratio.of(seconds)) : Optional.empty());
    }

    private static <T> double mean(List<T> values, ToDoubleFunction<T> of) {
        return values.stream().mapToDouble(of).average().orElse(Double.NaN);
    }

    /** Of the sample: over one less than there are. */
    private static double deviation(List<Runner.Curve> curves, double mean) {
        double squares = curves.stream()
                .mapToDouble(c -> (c.lastLoss() - mean) * (c.lastLoss() - mean))
                .sum();
        return curves.size() < 2 ? Double.NaN : Math.sqrt(squares / (curves.size() - 1));
    }
}
