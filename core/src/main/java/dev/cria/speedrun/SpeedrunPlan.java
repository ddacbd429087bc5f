package dev.cria.speedrun;

import dev.cria.Problems;
import dev.cria.sweep.SweepPlan;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is compared.
 *
 * @param rates learning rates that each optimizer is tuned over: its budget
 * @param seeds runs of each optimizer that count, from the seeds 1, 2, …; the tuning has the configuration's own
 * @param target validation loss to reach; AdamW's own final loss, seed by seed, if none is given
 */
public record SpeedrunPlan(List<String> rates, int seeds, OptionalDouble target) {
    /** The optimizer that the others are measured by, first. */
    static final List<String> OPTIMIZERS = List.of("adamw", "muon");

    private static final long NO_DRAWS = 0;
    private static final int MOST_SEEDS = 1000;

    public SpeedrunPlan {
        rates = List.copyOf(rates);
        Problems problems = new Problems();
        for (String rate : rates) {
            problems.unless(
                    isRate(rate),
                    "--budget has " + (rate.isBlank() ? "an empty rate" : rate) + ", not a learning rate above 0",
                    "--budget 6e-4,1.2e-3,2.4e-3,4.8e-3");
        }
        problems.unless(
                rates.stream().distinct().count() == rates.size(),
                "--budget has a rate twice",
                "--budget 6e-4,1.2e-3,2.4e-3,4.8e-3");
        problems.unless(
                seeds >= 1 && seeds <= MOST_SEEDS,
                "--seeds is " + seeds + ", not from 1 to " + MOST_SEEDS,
                "--seeds 10");
        problems.unless(
                target.orElse(1) > 0 && Double.isFinite(target.orElse(1)),
                "--target is " + target.orElse(0) + ", not a loss above 0",
                "--target 3.28");
        problems.refuse();
    }

    private static boolean isRate(String text) {
        try {
            double rate = Double.parseDouble(text);
            return rate > 0 && Double.isFinite(rate);
        } catch (NumberFormatException _) {
            return false;
        }
    }

    /** The same rates for each optimizer. */
    SweepPlan tuning() {
        return grid(
                "optimizer.kind=" + String.join(",", OPTIMIZERS), "schedule.learning_rate=" + String.join(",", rates));
    }

    /** Each optimizer at its best rate, seed after seed, so that whatever is finished is finished in pairs. */
    SweepPlan races(Map<String, String> bestRates) {
        return grid(
                "seed="
                        + IntStream.rangeClosed(1, seeds)
                                .mapToObj(String::valueOf)
                                .collect(Collectors.joining(",")),
                "optimizer.kind/schedule.learning_rate="
                        + OPTIMIZERS.stream()
                                .map(optimizer -> optimizer + "/" + bestRates.get(optimizer))
                                .collect(Collectors.joining(",")));
    }

    private static SweepPlan grid(String... varied) {
        return new SweepPlan(List.of(varied), null, NO_DRAWS, null, null);
    }
}
