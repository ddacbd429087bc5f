package dev.cria.train;

import dev.cria.Problems;
import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.parallel.Ranks;
import dev.cria.run.RunDirectory;
import dev.cria.run.RunDirectory.Leftover;
import dev.cria.run.RunFiles;
import dev.cria.train.Checkpoints.Found;
import dev.cria.train.Trainer.Outcome;
import dev.cria.train.TrainingKind.Fit;
import dev.cria.train.TrainingKind.Ready;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The one way in which trainings begin, resume and fork. Not a byte of a run changes until the request has been checked
 * whole and all that the first step needs is loaded; a fork's source is only ever read.
 *
 * @param <R> the configuration of the kind of training
 */
public final class Runs<R extends Record> {
    private final TrainingKind<R> kind;
    private final RunContext context;
    private final Progress progress;
    private final Ranks ranks;

    public Runs(TrainingKind<R> kind, RunContext context) {
        this.kind = kind;
        this.context = context;
        this.progress = context.progress();
        this.ranks = context.ranks();
    }

    /**
     * A new run.
     *
     * @param weights a model's or adapter's directory to begin from
     * @param until the step to stop before, with a checkpoint, though the schedule continues; its end if none is given
     * @param leftover what becomes of a run in its place that has no checkpoint
     */
    public record Start<R>(R recipe, Optional<Path> weights, OptionalLong until, Fit fit, Leftover leftover) {

        /** From random weights, stopped before a step. */
        public static <R> Start<R> until(R recipe, long step) {
            return new Start<>(recipe, Optional.empty(), OptionalLong.of(step), Fit.REQUIRED, Leftover.REFUSED);
        }
    }

    /**
     * A run that continues.
     *
     * @param at the step of the checkpoint; the newest whole one if none is given
     * @param state whether the moments are taken over
     * @param out a new run to fork into; the run itself if none is given
     * @param until the step to stop before, with a checkpoint, though the schedule continues; its end if none is given
     * @param overrides {@code key.path=value} over the run's own configuration
     */
    public record Resume(
            Path run,
            OptionalLong at,
            OptimizerState state,
            Optional<Path> out,
            OptionalLong until,
            List<String> overrides,
            Fit fit,
            Leftover leftover) {

        /** The newest checkpoint to the schedule's end, with all that it holds. */
        public static Resume of(Path run, List<String> overrides) {
            return new Resume(
                    run,
                    OptionalLong.empty(),
                    OptimizerState.RESTORED,
                    Optional.empty(),
                    OptionalLong.empty(),
                    overrides,
                    Fit.REQUIRED,
                    Leftover.REFUSED);
        }

        /** A fork of a run at a step. */
        public static Resume fork(Path run, long at, OptimizerState state, Path out, List<String> overrides) {
            return new Resume(
                    run,
                    OptionalLong.of(at),
                    state,
                    Optional.of(out),
                    OptionalLong.empty(),
                    overrides,
                    Fit.REQUIRED,
                    Leftover.REFUSED);
        }

        /** The same, stopped before a step. */
        public Resume until(long step) {
            return new Resume(run, at, state, out, OptionalLong.of(step), overrides, fit, leftover);
        }
    }

    /** Whether a resumed run gets its optimizer's moments back. */
    public enum OptimizerState {
        RESTORED,
        /** Zero moments and t = 1, as the paper's restarts had: to show what that costs. */
        FORGOTTEN
    }

    /** Whether a run has a checkpoint to resume from. The first rank looks, and all know. */
    public boolean hasCheckpoint(Path run) {
        return Boolean.parseBoolean(ranks.fromFirst(
                () -> String.valueOf(!new RunFiles(run).checkpoints().isEmpty())));
    }

    /** A new run of a configuration. */
    public Outcome start(R recipe, Optional<Path> weights) {
        return start(new Start<>(recipe, weights, OptionalLong.empty(), Fit.REQUIRED, Leftover.REFUSED));
    }

    public Outcome start(Start<R> request) {
        R recipe = request.recipe();
        Path out = kind.out(recipe);
        checkUntil(request.until(), 0, "where a run begins");
        if (ranks.isFirst()) {
            RunDirectory.requireFree(out, kind.command(), request.leftover());
        }
        Origin origin = new Origin.Beginning(request.weights());
        return train(recipe, origin, request.fit(), request.until(), List.of(), () -> {
            RunDirectory run = RunDirectory.claim(out, kind.command(), request.leftover());
            writeConfiguration(run, recipe);
            return run;
        });
    }

    /** Continues from a checkpoint, in the run itself or in a fork of it. */
    public Outcome resume(Resume request) {
        if (request.at().isPresent() && request.out().isEmpty()) {
            throw new RequestException(
                    "--at " + request.at().getAsLong() + " would drop what " + request.run() + " did after it",
                    "add --out NEW_RUN to fork the run there");
        }
        RunDirectory.requireRun(request.run(), kind.command());
        boolean forks = request.out().isPresent();
        request.out().ifPresent(out -> requireOutside(request.run(), out));
        if (forks && ranks.isFirst()) {
            RunDirectory.requireFree(request.out().get(), kind.command(), request.leftover());
        }
        try (RunDirectory source =
                forks || !ranks.isFirst() ? RunDirectory.unheld(request.run()) : RunDirectory.hold(request.run())) {
            return resume(request, source);
        }
    }

    /** A fork only reads its source, so it may not be written into it. */
    private static void requireOutside(Path run, Path out) {
        Path source = run.toAbsolutePath().normalize();
        if (out.toAbsolutePath().normalize().startsWith(source)) {
            throw new RequestException(
                    "--out " + out + " lies in the run that is forked, " + run, "--out " + run + "-fork");
        }
    }

    private Outcome resume(Resume request, RunDirectory source) {
        R written = ConfigFile.read(source.files().config(), kind.defaults(), List.of());
        R recipe = ConfigFile.read(source.files().config(), kind.defaults(), overrides(request));
        Found found = found(request);
        if (request.state() == OptimizerState.RESTORED) {
            Checkpoints.requireMoments(found.checkpoint());
        }
        TrainerState state = TrainerState.read(found.checkpoint());
        boolean finished = state.step() >= kind.steps(recipe);
        if (finished && request.overrides().isEmpty()) {
            return finished(request, found);
        }
        Origin origin =
                switch (request.state()) {
                    case RESTORED -> new Origin.Checkpoint(found.checkpoint(), state);
                    case FORGOTTEN -> new Origin.WithoutMoments(found.checkpoint(), state);
                };
        List<String> changes = new RecipeChanges<>(kind, recipe, written, origin, request.overrides()).check();
        if (finished) {
            kind.check(recipe, origin, context, request.fit()).close();
            return finished(request, found);
        }
        checkUntil(request.until(), state.step(), "where " + found.checkpoint() + " resumes");
        return train(recipe, origin, request.fit(), request.until(), changes, () -> {
            RunDirectory run = request.out()
                    .map(out -> fork(source, out, request.leftover(), state.step()))
                    .orElseGet(() -> takeOver(source, found, state.step()));
            writeConfiguration(run, recipe);
            return run;
        });
    }

    /** With the directory where the run is now, which may have been copied or moved since. */
    private static List<String> overrides(Resume request) {
        List<String> overrides = new ArrayList<>(request.overrides());
        overrides.add(
                ConfigFile.setting("out", request.out().orElse(request.run()).toString()));
        return overrides;
    }

    /** The checkpoint that the first rank finds. */
    private Found found(Resume request) {
        List<Found> here = new ArrayList<>();
        Path checkpoint = Path.of(ranks.fromFirst(() -> {
            here.add(Checkpoints.find(request.run(), request.at(), kind.command(), progress));
            return here.getFirst().checkpoint().toString();
        }));
        return here.isEmpty() ? new Found(checkpoint) : here.getFirst();
    }

    private Outcome finished(Resume request, Found found) {
        long step = RunFiles.step(found.checkpoint()).orElseThrow();
        progress.say(request.run() + " is finished: it has taken all " + step + " steps");
        if (ranks.isFirst() && request.out().isEmpty()) {
            kind.finish(request.run(), found.checkpoint()).ifPresent(progress::say);
        }
        return Outcome.FINISHED;
    }

    private static void checkUntil(OptionalLong asked, long step, String what) {
        long until = asked.orElse(Long.MAX_VALUE);
        if (until <= step) {
            throw new RequestException(
                    "--until " + until + " is not after step " + step + ", " + what, "--until " + (step + 100));
        }
    }

    /** Checks and loads, and only then lets the run's directory be made ready. */
    private Outcome train(
            R recipe, Origin origin, Fit fit, OptionalLong until, List<String> changes, Supplier<RunDirectory> place) {
        try (Ready ready = kind.check(recipe, origin, context, fit)) {
            List<String> said = new ArrayList<>(changes);
            origin.saved().ifPresent(saved -> said.addAll(inputChanges(recipe, saved, ready)));
            Provenance provenance =
                    new Provenance(Path.of("").toAbsolutePath().toString(), ConfigFile.flat(recipe), ready.inputs());
            try (Training loaded = ready.load()) {
                Training training = until.isPresent() ? loaded.until(until.getAsLong()) : loaded;
                said.forEach(progress::say);
                Outcome outcome = new TrainingSession(context).run(training, origin, provenance, place);
                Path run = kind.out(recipe);
                if (outcome == Outcome.FINISHED && until.isEmpty() && ranks.isFirst()) {
                    kind.finish(run, new RunFiles(run).checkpoints().getFirst()).ifPresent(progress::say);
                }
                return outcome;
            }
        }
    }

    private List<String> inputChanges(R recipe, TrainerState saved, Ready ready) {
        return ranks.isFirst()
                ? new InputChanges(saved.provenance(), ready.inputs(), ConfigFile.flat(recipe)).check()
                : List.of();
    }

    private RunDirectory fork(RunDirectory source, Path out, Leftover leftover, long step) {
        RunDirectory fork = RunDirectory.claim(out, kind.command(), leftover);
        source.files().fork(fork.path(), step);
        return fork;
    }

    private RunDirectory takeOver(RunDirectory run, Found found, long step) {
        run.makeAndLock();
        Problems problems = new Problems();
        List<Path> now = run.files().checkpoints();
        problems.unless(
                now.contains(found.checkpoint()) && now.indexOf(found.checkpoint()) == found.passedOver(),
                run.path() + " was written by another process just now",
                "./cria " + kind.command() + " --resume " + run.path() + " again");
        problems.refuse();
        found.markPassedOver(progress);
        run.files().rewind(step);
        return run;
    }

    private void writeConfiguration(RunDirectory run, R recipe) {
        AtomicFiles.write(run.files().config(), ConfigFile.toYaml(recipe));
    }
}
