package dev.cria.speedrun;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.sweep.Sweep;
import dev.cria.sweep.Sweep.Outcome;
import dev.cria.sweep.Sweep.Trainings;
import dev.cria.sweep.TrialResult;
import dev.cria.sweep.TrialRun.State;
import dev.cria.train.Interruption;
import dev.cria.train.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Tunes each optimizer in {@code OUT/tuning}, then trains each at its best rate from every seed in {@code OUT/seeds}; both
 * are sweeps, and whatever was stopped goes on there.
 */
public final class Speedrun {
    private final Path out;
    private final SpeedrunPlan plan;
    private final Recipe base;
    private final Optional<PrimerRecipe> primer;
    private final Trainings trainings;
    private final Progress progress;

    private Speedrun(
            Path out,
            SpeedrunPlan plan,
            Recipe base,
            Optional<PrimerRecipe> primer,
            Trainings trainings,
            Progress progress) {
        this.out = out;
        this.plan = plan;
        this.base = base;
        this.primer = primer;
        this.trainings = trainings;
        this.progress = progress;
    }

    /** On one's own shards. */
    public static Speedrun of(SpeedrunPlan plan, Recipe base, Path out, Trainings trainings, Progress progress) {
        return new Speedrun(out, plan, base, Optional.empty(), trainings, progress);
    }

    /**
     * The nano model on Primer, which is written to {@code OUT/primer}.
     *
     * @param steps the horizon
     * @param overrides {@code key.path=value} over its configuration
     */
    public static Speedrun onPrimer(
            SpeedrunPlan plan, long steps, List<String> overrides, Path out, Trainings trainings, Progress progress) {
        var primer = new PrimerRecipe(out);
        Recipe base = primer.recipe(steps, overrides);
        return new Speedrun(out, plan, base, Optional.of(primer), trainings, progress);
    }

    /** Tunes, races and writes the page, as far as it comes. */
    public Outcome run(Interruption interruption) {
        SpeedrunDirectory.requireFit(out);
        Sweep tuning = tuning();
        primer.ifPresent(p -> p.write(progress));
        progress.say("── tuning: " + plan.rates().size() + " rates for each of "
                + String.join(", ", SpeedrunPlan.OPTIMIZERS));
        if (tuning.run(interruption) == Outcome.INTERRUPTED) {
            return Outcome.INTERRUPTED;
        }
        Map<String, String> best = bestRates(tuning);
        Sweep races = races(best);
        progress.say("── seeds: " + plan.seeds() + " for each, adamw at " + best.get("adamw") + ", muon at "
                + best.get("muon"));
        Outcome outcome = races.run(interruption);
        report();
        return outcome;
    }

    private Sweep tuning() {
        return Sweep.of(plan.tuning(), base, out.resolve("tuning"), trainings, progress);
    }

    private Sweep races(Map<String, String> best) {
        return Sweep.of(plan.races(best), base, out.resolve("seeds"), trainings, progress);
    }

    /** Of each optimizer the rate with which its tuning ended lowest. */
    private static Map<String, String> bestRates(Sweep tuning) {
        Map<String, String> best = new LinkedHashMap<>();
        for (String optimizer : SpeedrunPlan.OPTIMIZERS) {
            TrialResult result = tuning.results().stream()
                    .filter(r ->
                            r.run().trial().settings().get("optimizer.kind").equals(optimizer))
                    .filter(r -> r.state() == State.FINISHED)
                    .min(Comparator.comparingDouble(r -> r.run().lastLoss().orElseThrow()))
                    .orElseThrow(() -> new WorkException(
                            "no rate of the budget trains " + optimizer + ": all of them diverged",
                            "lower rates, with another --out"));
            best.put(optimizer, result.run().trial().settings().get("schedule.learning_rate"));
        }
        return best;
    }

    /** Writes the page of what is finished, and returns its path. */
    public Path report() {
        Map<String, String> best = bestRates(tuning());
        List<TrialResult> results = races(best).results();
        List<Runner> runners = new ArrayList<>();
        SpeedrunPlan.OPTIMIZERS.forEach(optimizer -> runners.add(runner(optimizer, best.get(optimizer), results)));
        runners.addAll(Peers.read(out));
        return new SpeedrunReport(out, plan, base, Standings.of(runners, plan.target())).write();
    }

    private static Runner runner(String optimizer, String rate, List<TrialResult> results) {
        var curves = new TreeMap<Long, Runner.Curve>();
        for (TrialResult result : results) {
            Map<String, String> settings = result.run().trial().settings();
            if (optimizer.equals(settings.get("optimizer.kind")) && result.state() == State.FINISHED) {
                curves.put(
                        Long.parseLong(settings.getOrDefault("seed", "0")),
                        new Runner.Curve(result.run().curve(), result.run().secondsByStep()));
            }
        }
        return new Runner(optimizer, rate, curves);
    }
}
