package dev.cria.sweep;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.ConfigFile;
import dev.cria.page.Numbers;
import dev.cria.sweep.SweepDirectory.Contents;
import dev.cria.sweep.TrialRun.State;
import dev.cria.train.Interruption;
import dev.cria.train.Pretraining;
import dev.cria.train.Recipe;
import dev.cria.train.Training;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Trials, one after another. Each is trained by {@code ./cria pretrain} in a process of its own: all of them begin as cold,
 * so their seconds can be compared; none leaves memory behind; and one that dies takes nobody along. What they have in
 * common is the shards that they read.
 *
 * <p>Whatever ends a sweep, the same command goes on where it was, since a trial's run directory says how far it is.
 */
public final class Sweep {
    private static final int INTERRUPTED = 130;

    private final Path out;
    private final SweepPlan plan;
    private final Recipe base;
    private final List<Trial> trials;
    private final TrialRecipes recipes;
    private final Trainings trainings;
    private final Progress progress;
    private final Set<Trial> failed = new HashSet<>();

    /** Trains by a command line. */
    @FunctionalInterface
    public interface Trainings {
        /**
         * Runs a command to its end.
         *
         * @param arguments those of {@code ./cria}; a run that an earlier attempt has begun is continued
         * @return its exit code; 130 where it, or this process, was asked to stop
         */
        int run(List<String> arguments);
    }

    /** How a sweep ended. */
    public enum Outcome {
        FINISHED,
        INTERRUPTED
    }

    private Sweep(Path out, SweepPlan plan, Recipe base, Trainings trainings, Progress progress) {
        this.out = out;
        this.plan = plan;
        this.base = base;
        this.trials = plan.trials();
        this.recipes = TrialRecipes.of(trials, base, out);
        this.trainings = trainings;
        this.progress = progress;
    }

    /**
     * A sweep, checked whole: every key, every value, data, model and memory. Writes nothing.
     *
     * @param base what all trials have in common
     * @param out a directory that is not there yet, or that this very sweep has begun
     */
    public static Sweep of(SweepPlan plan, Recipe base, Path out, Trainings trainings, Progress progress) {
        Recipe anywhere = withAbsolutePaths(base);
        if (SweepDirectory.isBegun(out)) {
            SweepDirectory.requireSame(out, plan, anywhere);
        } else {
            SweepDirectory.requireFree(out);
        }
        Sweep sweep = new Sweep(out, plan, anywhere, trainings, progress);
        sweep.recipes.requireComparable(plan.halvingIfAny());
        return sweep;
    }

    /** The sweep that a directory holds. */
    public static Sweep resumed(Path out, Trainings trainings, Progress progress) {
        if (!SweepDirectory.isBegun(out)) {
            throw new RequestException(
                    out + " holds no sweep", "name the directory that ./cria sweep --out has written");
        }
        return of(SweepDirectory.readContents(out).plan(), SweepDirectory.readBase(out), out, trainings, progress);
    }

    /** A sweep may be resumed from another directory. */
    private static Recipe withAbsolutePaths(Recipe recipe) {
        List<String> overrides = new ArrayList<>();
        new Pretraining().paths(recipe).forEach((key, path) -> overrides.add(absolute(key, path)));
        return ConfigFile.defaults(recipe, overrides);
    }

    private static String absolute(String key, String path) {
        return ConfigFile.setting(
                key, Path.of(path).toAbsolutePath().normalize().toString());
    }

    /**
     * Trains what is still to be trained, and writes {@code sweep.csv}, figures and {@code index.html} after each trial.
     *
     * @throws WorkException at the end, if a trial failed for another reason than its numbers
     */
    public Outcome run(Interruption interruption) {
        Map<String, String> inputs = recipes.checkedInputs();
        if (SweepDirectory.isBegun(out)) {
            SweepDirectory.requireSameInputs(out, inputs);
        }
        try (SweepDirectory directory = SweepDirectory.hold(out)) {
            if (!SweepDirectory.isBegun(out)) {
                directory.begin(new Contents(plan, inputs), base);
            }
            announce();
            Outcome outcome = climb(interruption);
            report();
            if (outcome == Outcome.FINISHED) {
                requireNoneFailed();
            }
            return outcome;
        }
    }

    private void announce() {
        List<Long> rungs = rungs(trials.size());
        String steps = String.join(", ", rungs.stream().map(Numbers::count).toList());
        progress.say("sweep      %s trials, to %s steps".formatted(Numbers.count(trials.size()), steps));
    }

    private List<Long> rungs(int count) {
        Recipe any = recipes.of(trials.getFirst());
        return Halving.rungs(
                plan.halvingIfAny(),
                count,
                any.schedule().steps(),
                any.validation().every());
    }

    /** Rung after rung: all of them, then the best of them. */
    private Outcome climb(Interruption interruption) {
        List<Trial> left = trials;
        List<Long> rungs = rungs(trials.size());
        for (int i = 0; i < rungs.size(); i++) {
            boolean last = i == rungs.size() - 1;
            for (Trial trial : left) {
                long target = last ? recipes.of(trial).schedule().steps() : rungs.get(i);
                if (interruption.isRequested() || !train(trial, target, place(trial, left, rungs.get(i)))) {
                    return Outcome.INTERRUPTED;
                }
            }
            left = last ? left : best(left, rungs.get(i));
        }
        return Outcome.FINISHED;
    }

    private String place(Trial trial, List<Trial> left, long rung) {
        String to = plan.halvingIfAny().isEmpty() ? "" : ", to step " + Numbers.count(rung);
        return "%d/%d  %s%s".formatted(left.indexOf(trial) + 1, left.size(), trial.name(), to);
    }

    private List<Trial> best(List<Trial> at, long rung) {
        int count = plan.halvingIfAny().orElseThrow().survivors(at.size());
        return at.stream()
                .filter(trial -> Double.isFinite(read(trial).lossAt(rung)))
                .sorted(Comparator.comparingDouble(trial -> read(trial).lossAt(rung)))
                .limit(count)
                .toList();
    }

    /** Trains a trial up to a step, unless it is there already or can't get there; false if somebody interrupted. */
    private boolean train(Trial trial, long target, String place) {
        TrialRun before = read(trial);
        if (before.checkpoint() >= target || hasDiverged(before, target)) {
            return true;
        }
        progress.say("── " + place);
        int code = code(arguments(trial, target));
        if (code == INTERRUPTED) {
            return false;
        }
        TrialRun after = read(trial);
        boolean diverged = hasDiverged(after, target);
        if (code == 0 || diverged) {
            failed.remove(trial);
        } else {
            failed.add(trial);
        }
        progress.say("   " + trial.name() + "  " + ending(after, diverged, code));
        report();
        return true;
    }

    private int code(List<String> arguments) {
        try {
            return trainings.run(arguments);
        } catch (WorkException e) {
            progress.say(e.error());
            return 1;
        }
    }

    private static String ending(TrialRun run, boolean diverged, int code) {
        if (diverged) {
            return "diverged at step " + Numbers.count(run.steps());
        }
        if (code != 0) {
            return "failed with exit code " + code;
        }
        return "validation loss %s after %s steps"
                .formatted(Numbers.fixed(run.lastLoss().orElse(Double.NaN), 4), Numbers.count(run.steps()));
    }

    private List<String> arguments(Trial trial, long target) {
        List<String> arguments = new ArrayList<>(
                List.of("pretrain", "--config", out.resolve(SweepDirectory.BASE).toString()));
        trial.overrides().forEach(setting -> arguments.addAll(List.of("--set", setting)));
        arguments.addAll(List.of("--out", SweepDirectory.run(out, trial).toString()));
        if (target < recipes.of(trial).schedule().steps()) {
            arguments.addAll(List.of("--until", String.valueOf(target)));
        }
        return List.copyOf(arguments);
    }

    private TrialRun read(Trial trial) {
        return TrialRun.read(trial, SweepDirectory.run(out, trial));
    }

    private boolean hasDiverged(TrialRun run, long target) {
        return run.hasDiverged(recipes.of(run.trial()).guard().skipNonfinite(), target);
    }

    /** All trials as they are now, in their order. */
    public List<TrialResult> results() {
        List<Long> rungs = rungs(trials.size());
        Set<Trial> left = new HashSet<>(trials);
        Set<Trial> stopped = new HashSet<>();
        for (long rung : rungs.subList(0, rungs.size() - 1)) {
            List<Trial> at = trials.stream().filter(left::contains).toList();
            if (at.stream().anyMatch(t -> isOnTheWay(read(t), rung))) {
                break;
            }
            List<Trial> best = best(at, rung);
            at.stream().filter(t -> !best.contains(t)).forEach(stopped::add);
            left.retainAll(best);
        }
        return trials.stream()
                .map(trial -> result(read(trial), stopped.contains(trial)))
                .toList();
    }

    private boolean isOnTheWay(TrialRun run, long rung) {
        return run.checkpoint() < rung && !hasDiverged(run, rung) && !failed.contains(run.trial());
    }

    private TrialResult result(TrialRun run, boolean stopped) {
        long steps = recipes.of(run.trial()).schedule().steps();
        State state;
        if (hasDiverged(run, steps)) {
            state = State.DIVERGED;
        } else if (run.checkpoint() >= steps) {
            state = State.FINISHED;
        } else if (failed.contains(run.trial())) {
            state = State.FAILED;
        } else if (stopped) {
            state = State.STOPPED;
        } else {
            state = run.hasBegun() ? State.UNFINISHED : State.WAITING;
        }
        return new TrialResult(run, state);
    }

    public Path out() {
        return out;
    }

    /** The best of the trials that are finished, with its settings, as a line. */
    public Optional<String> best() {
        return TrialResult.best(results()).map(Sweep::words);
    }

    private static String words(TrialResult result) {
        return "best: validation loss %s with %s"
                .formatted(
                        Numbers.fixed(result.run().lastLoss().orElseThrow(), 4),
                        result.run().trial().overrides().stream()
                                .map(setting -> "--set " + Training.shellWord(setting))
                                .collect(Collectors.joining(" ")));
    }

    /** Writes {@code sweep.csv}, the figures and the page, whose path it returns. */
    public Path report() {
        return new SweepReport(out, plan, base, rungs(trials.size()), results()).write();
    }

    private void requireNoneFailed() {
        List<String> names = results().stream()
                .filter(result -> result.state() == State.FAILED)
                .map(result -> result.run().trial().name())
                .toList();
        if (!names.isEmpty()) {
            throw new WorkException(
                    "%d of %d trials failed: %s".formatted(names.size(), trials.size(), String.join(", ", names)),
                    "./cria sweep --resume " + out + " tries them again");
        }
    }
}
