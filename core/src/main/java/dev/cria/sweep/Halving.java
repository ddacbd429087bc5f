package dev.cria.sweep;

import dev.cria.Problems;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Successive halving (Jamieson and Talwalkar 2016): all trials go to a first rung, and of those at a rung the best
 * 1/eta go on to the next, which is eta times as far.
 *
 * @param eta 2 or more
 * @param first steps of the first rung; by default so few that the last rung has one trial or a few
 */
public record Halving(int eta, OptionalLong first) {
    public Halving {
        new Problems()
                .unless(eta >= 2, "--halving " + eta + " is not 2 or more", "--halving 3")
                .unless(
                        first.orElse(1) >= 1,
                        "--first-rung " + first.orElse(0) + " is not at least 1",
                        "--first-rung 100")
                .refuse();
    }

    /**
     * Where trials are compared: ascending steps, the last of which is the horizon. Each is a step at which all of them
     * are validated.
     *
     * @param every steps between two validations
     */
    List<Long> rungs(int trials, long steps, int every) {
        TreeSet<Long> rungs = new TreeSet<>();
        rungs.add(steps);
        double rung = first.isPresent() ? first.getAsLong() : (double) steps / power(trials);
        for (; rung < steps; rung *= eta) {
            long rounded = (long) Math.ceil(rung / every) * every;
            if (rounded < steps) {
                rungs.add(rounded);
            }
        }
        return List.copyOf(rungs);
    }

    /** The largest power of eta that is no more than the trials. */
    private long power(int trials) {
        long power = 1;
        while (power * eta <= trials) {
            power *= eta;
        }
        return power;
    }

    /** How many of those at a rung go on. */
    int survivors(int trials) {
        return Math.max(1, trials / eta);
    }

    /** The rungs of a sweep that may have no halving. */
    static List<Long> rungs(Optional<Halving> halving, int trials, long steps, int every) {
        return halving.map(h -> h.rungs(trials, steps, every)).orElse(List.of(steps));
    }
}
