package dev.cria.demo;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.parallel.Launch;
import dev.cria.parallel.Ranks;
import dev.cria.train.Interruption;
import dev.cria.train.Pretraining;
import dev.cria.train.Runs.OptimizerState;
import dev.cria.train.Runs.Resume;
import dev.cria.train.Trainer.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The paper's experiment: the run begins again from an early checkpoint and goes a few steps, with its optimizer's state
 * and without, and on two ranks. The report sets the forks beside the run, which went through the same data unbroken.
 *
 * @param mainClass runs the command line in each rank
 */
record Restarts(DemoSize size, DemoFiles files, Class<?> mainClass, Progress progress, Interruption interruption) {
    private static final int INTERRUPTED = 130;
    private static final int RANKS = 2;

    Outcome run() {
        Outcome outcome = Outcome.FINISHED;
        for (Fork fork : size.forks()) {
            if (outcome == Outcome.FINISHED) {
                progress.say("fork       " + fork.directory() + ": steps " + size.forkAt() + " to " + end());
                outcome = switch (fork) {
                    case WITH_STATE -> here(fork, OptimizerState.RESTORED);
                    case WITHOUT_STATE -> here(fork, OptimizerState.FORGOTTEN);
                    case TWO_RANKS -> launched(fork);
                };
            }
        }
        return outcome;
    }

    private long end() {
        return (long) size.forkAt() + size.forkSteps();
    }

    /** No samples or checkpoints but the last; benchmarks once, at the end. */
    private List<String> settings() {
        return List.of("samples.every=0", "checkpoint.every=0", "benchmarks.every=" + end());
    }

    private Outcome here(Fork fork, OptimizerState state) {
        var request = Resume.fork(files.run(), size.forkAt(), state, files.fork(fork), settings())
                .until(end());
        try (Ranks ranks = Ranks.solo()) {
            return Pretraining.runs(progress, ranks, interruption).resume(request);
        }
    }

    /** Each rank takes half of a step's windows, so that the step itself stays what it was. */
    private Outcome launched(Fork fork) {
        List<String> command = new ArrayList<>(List.of("pretrain", "--resume", path(files.run())));
        command.addAll(List.of("--at", String.valueOf(size.forkAt()), "--until", String.valueOf(end())));
        command.addAll(List.of("--out", path(files.fork(fork))));
        settings().forEach(setting -> command.addAll(List.of("--set", setting)));
        command.addAll(List.of("--set", "batch.micro_batch=" + size.rows() / RANKS));
        var request = new Launch.Request(
                RANKS, RANKS, 1, 0, Optional.empty(), OptionalInt.empty(), 0, Launch.Needs.NONE, List.copyOf(command));
        int code = new Launch(request, mainClass, progress, System.err).run();
        if (code == INTERRUPTED) {
            return Outcome.INTERRUPTED;
        }
        if (code != 0) {
            throw new WorkException(
                    "the two ranks ended with exit code " + code,
                    "./cria launch --nproc-per-node 2 " + String.join(" ", command) + " shows why");
        }
        return Outcome.FINISHED;
    }

    private static String path(Path path) {
        return path.toString();
    }
}
