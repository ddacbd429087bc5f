package dev.cria.sweep;

import dev.cria.sweep.TrialRun.State;
import java.util.Comparator;

/** A trial's run, and what has become of it. */
public record TrialResult(TrialRun run, State state) {
    /** The lowest last validation loss first. */
    static final Comparator<TrialResult> BEST_FIRST =
            Comparator.comparingDouble(result -> result.run().lastLoss().orElse(Double.POSITIVE_INFINITY));
}
