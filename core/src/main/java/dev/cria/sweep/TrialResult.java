package dev.cria.sweep;

import dev.cria.sweep.TrialRun.State;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A trial's run, and what has become of it. */
public record TrialResult(TrialRun run, State state) {
    /** The lowest last validation loss first. */
    static final Comparator<TrialResult> BEST_FIRST =
            Comparator.comparingDouble(result -> result.run().lastLoss().orElse(Double.POSITIVE_INFINITY));

    /** Among those that went the whole way. */
    static Optional<TrialResult> best(List<TrialResult> results) {
        return results.stream().filter(r -> r.state() == State.FINISHED).min(BEST_FIRST);
    }
}
