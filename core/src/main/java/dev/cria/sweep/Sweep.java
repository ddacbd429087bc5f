package dev.cria.sweep;

import dev.cria.Problems;
import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.format.ConfigFile;
import dev.cria.page.Numbers;
import dev.cria.parallel.Ranks;
import dev.cria.sweep.SweepDirectory.Contents;
import dev.cria.sweep.TrialRun.State;
import dev.cria.train.Interruption;
import dev.cria.train.Origin;
import dev.cria.train.Pretraining;
import dev.cria.train.Recipe;
import dev.cria.train.RunContext;
import dev.cria.train.Training;
import dev.cria.train.TrainingKind.Fit;
import dev.cria.train.TrainingKind.Ready;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private final Map<Trial, Recipe> recipes = new HashMap<>();
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
        Sweep sweep = new Sweep(out, plan, anywhere, trainings, progress);
        boolean begun = SweepDirectory.isBegun(out);
        if (begun) {
            SweepDirectory.requireSame(out, plan, anywhere);
        }
        sweep.readRecipes();
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

    /** All that is wrong with any of the trials, told at once. */
    private void readRecipes() {
        Problems problems = new Problems();
        Set<RequestException.Problem> told = new LinkedHashSet<>();
        for (Trial trial : trials) {
            try {
                recipes.put(trial, read(base, trial, out));
            } catch (RequestException e) {
                e.problems().forEach(p -> told.add(new RequestException.Problem(ofVary(p.error()), p.hint())));
            }
        }
        problems.addAll(List.copyOf(told));
        problems.refuse();
        checkValidation(problems);
        checkHalving(problems);
        problems.refuse();
    }

    private static String ofVary(String error) {
        return error.replaceFirst("^--set(?= )", "--vary");
    }

    private static Recipe read(Recipe base, Trial trial, Path out) {
        List<String> overrides = new ArrayList<>(trial.overrides());
        overrides.add(ConfigFile.setting("out", SweepDirectory.run(out, trial).toString()));
        return ConfigFile.defaults(base, overrides);
    }

    private Recipe recipe(Trial trial) {
        return Objects.requireNonNull(recipes.get(trial));
    }

    private void checkValidation(Problems problems) {
        problems.unless(
                recipes.values().stream().allMatch(recipe -> recipe.validation().every() > 0),
                "validation.every is 0, and trials are compared by their validation loss",
                "--set validation.every=" + Math.max(1, base.schedule().steps() / 10));
    }

    private void checkHalving(Problems problems) {
        if (plan.halvingIfAny().isEmpty()) {
            return;
        }
        problems.unless(
                recipes.values().stream()
                                .map(recipe -> List.of(recipe.schedule().steps(), (long)
                                        recipe.validation().every()))
                                .distinct()
                                .count()
                        < 2,
                "--halving compares trials at the same steps, and schedule.steps or validation.every is varied",
                "leave --halving out, or --vary other keys");
    }

    /**
     * Trains what is still to be trained, and writes {@code sweep.csv}, figures and {@code index.html} after each trial.
     *
     * @throws WorkException at the end, if a trial failed for another reason than its numbers
     */
    public Outcome run(Interruption interruption) {
        Map<String, String> inputs = checkedInputs();
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

    /** Checks what can be checked before a weight is allocated, once for the trials that only learn otherwise. */
    private Map<String, String> checkedInputs() {
        var silent = new RunContext(Progress.silent(), Ranks.solo(), Interruption.never());
        Problems problems = new Problems();
        Set<RequestException.Problem> told = new LinkedHashSet<>();
        Map<String, String> inputs = new HashMap<>();
        Set<Map<String, String>> seen = new HashSet<>();
        for (Trial trial : trials) {
            Recipe recipe = recipe(trial);
            if (seen.add(whatIsChecked(recipe))) {
                try (Ready ready =
                        new Pretraining().check(recipe, new Origin.Beginning(Optional.empty()), silent, Fit.REQUIRED)) {
                    inputs.putAll(ready.inputs());
                    requireValidation(recipe);
                } catch (RequestException e) {
                    told.addAll(e.problems());
                }
            }
        }
        problems.addAll(List.copyOf(told));
        problems.refuse();
        return inputs;
    }

    private static void requireValidation(Recipe recipe) {
        try (Shards shards = Shards.open(Path.of(recipe.data().path()))) {
            if (shards.of(Split.VALIDATION).isEmpty()) {
                throw new RequestException(
                        recipe.data().path() + " has no validation shard, and trials are compared by their validation"
                                + " loss",
                        "./cria prepare writes one: its name has _val_ in it");
            }
        }
    }

    private static Map<String, String> whatIsChecked(Recipe recipe) {
        Map<String, String> keys = new HashMap<>(ConfigFile.flat(recipe));
        keys.keySet().removeIf(key -> key.equals("out") || key.equals("seed") || key.startsWith("schedule."));
        return keys;
    }

    private void announce() {
        List<Long> rungs = rungs(trials.size());
        String steps = String.join(", ", rungs.stream().map(Numbers::count).toList());
        progress.say("sweep      %s trials, to %s steps".formatted(Numbers.count(trials.size()), steps));
    }

    private List<Long> rungs(int count) {
        Recipe any = recipe(trials.getFirst());
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
                long target = last ? recipe(trial).schedule().steps() : rungs.get(i);
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
        if (target < recipe(trial).schedule().steps()) {
            arguments.addAll(List.of("--until", String.valueOf(target)));
        }
        return List.copyOf(arguments);
    }

    private TrialRun read(Trial trial) {
        return TrialRun.read(trial, SweepDirectory.run(out, trial));
    }

    private boolean hasDiverged(TrialRun run, long target) {
        return run.hasDiverged(recipe(run.trial()).guard().skipNonfinite(), target);
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
        long steps = recipe(run.trial()).schedule().steps();
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
        return results().stream()
                .filter(result -> result.state() == State.FINISHED)
                .min(TrialResult.BEST_FIRST)
                .map(Sweep::words);
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
