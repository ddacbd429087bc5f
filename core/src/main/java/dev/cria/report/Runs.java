package dev.cria.report;

import java.util.List;
import java.util.stream.Stream;

/**
 * The runs of a page by what they are.
 *
 * @param main pretrainings, the page's subject first; tunings where there is nothing else
 * @param tunings drawn in figures of their own, beside a pretraining
 */
record Runs(List<Run> main, List<Run> tunings) {

    static Runs of(List<Run> all) {
        List<Run> pretrainings = all.stream().filter(run -> !run.isTuning()).toList();
        List<Run> tunings = all.stream().filter(Run::isTuning).toList();
        return pretrainings.isEmpty() ? new Runs(tunings, List.of()) : new Runs(pretrainings, tunings);
    }

    List<Run> all() {
        return Stream.concat(main.stream(), tunings.stream()).toList();
    }

    /** Those of the main runs that have rows of their own in tables over the whole training. */
    List<Run> whole() {
        return main.stream().filter(run -> !run.isShortFork(main)).toList();
    }
}
