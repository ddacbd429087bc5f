package dev.cria.train;

import dev.cria.Progress;
import dev.cria.parallel.Ranks;
import dev.cria.run.MetricSink;
import java.util.List;

/**
 * What surrounds a training: the display, the processes, and who may stop it.
 *
 * @param sink takes what the run's log takes, on the first rank, while it happens
 */
public record RunContext(Progress progress, Ranks ranks, Interruption interruption, MetricSink sink) {

    public RunContext(Progress progress, Ranks ranks, Interruption interruption) {
        this(progress, ranks, interruption, MetricSink.of(List.of()));
    }
}
