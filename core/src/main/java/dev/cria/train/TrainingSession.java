package dev.cria.train;

import dev.cria.Progress;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.DType;
import dev.cria.tensor.GemmPeak;
import dev.cria.train.Trainer.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A stretch of training from a beginning or a checkpoint to an end or an interruption, with the log, the guard, the
 * checkpoints and the display that every training has; what is trained is the {@link Objective}'s affair.
 */
public final class TrainingSession {
    private final Progress progress;
    private final Ranks ranks;
    private final Interruption interruption;

    public TrainingSession(Progress progress, Ranks ranks, Interruption interruption) {
        this.progress = progress;
        this.ranks = ranks;
        this.interruption = interruption;
    }

    /** What is measured along the way, by listeners that write their results to these outputs. */
    @FunctionalInterface
    interface Along {
        List<Listener> listeners(List<Evaluations> outputs);
    }

    /** Trains. Weights are those that the objective has; state and moments are the origin's. */
    public Outcome run(Objective objective, SessionPlan plan, RunDirectory run, Origin origin) {
        return run(objective, plan, run, origin, _ -> List.of());
    }

    /** The same, with evaluations along the way. */
    Outcome run(Objective objective, SessionPlan plan, RunDirectory run, Origin origin, Along along) {
        Environment environment = Environment.of(plan, ranks);
        try (RunLog log = ranks.isFirst() ? RunLog.open(run.path(), progress) : RunLog.silent();
                AdamW optimizer = new AdamW(plan.kernels(), objective.parameters(), plan.optimizer())) {
            TrainerState state = begin(origin, optimizer, plan, environment);
            Peak peak = ranks.isFirst() ? Peak.measure(plan, ranks.size()) : Peak.UNKNOWN;
            if (ranks.isFirst()) {
                announce(log, origin, objective, plan, environment, peak);
            }
            var around = new Trainer.Surroundings(ranks, run, log, progress, interruption);
            try (Trainer trainer = new Trainer(objective, optimizer, plan, around, state);
                    Listeners listeners = ranks.isFirst()
                            ? listeners(objective, plan, run, log, trainer, peak, along)
                            : new Listeners(List.of())) {
                listeners.all().forEach(trainer::add);
                Outcome outcome = trainer.run(origin);
                long step = trainer.state().step();
                if (ranks.isFirst()) {
                    var memory = MemoryUse.of(objective.parameters(), optimizer, plan.device());
                    progress.say("memory     " + memory.toText());
                    log.event("memory", step, "peak", memory.peak().orElse(0), "parts", memory.parts());
                }
                log.event(step < plan.steps() ? "interrupted" : "finished", step);
                return outcome;
            }
        }
    }

    private TrainerState begin(Origin origin, AdamW optimizer, SessionPlan plan, Environment environment) {
        return switch (origin) {
            case Origin.Beginning _ ->
                new TrainerState(
                        0,
                        0,
                        0,
                        0,
                        Guard.Memory.NONE,
                        LossScale.of(plan.storage().compute()),
                        plan.steps(),
                        environment.facts());
            case Origin.Checkpoint(Path directory, TrainerState saved) -> {
                try (var files = SafetensorsDirectory.open(directory, "optimizer")) {
                    optimizer.moments().read(files);
                }
                optimizer.resumeAt(saved.optimizerSteps());
                yield goOn(saved, optimizer, plan, environment);
            }
            case Origin.WithoutMoments without -> goOn(without.state(), optimizer, plan, environment);
        };
    }

    private TrainerState goOn(TrainerState saved, AdamW optimizer, SessionPlan plan, Environment environment) {
        environment.differencesFrom(saved.environment()).forEach(d -> progress.say("warning: " + d));
        if (saved.horizon() != plan.steps()) {
            progress.say("warning: schedule.steps was %d and is %d: the learning rate goes on along another curve"
                    .formatted(saved.horizon(), plan.steps()));
        }
        return new TrainerState(
                saved.step(),
                saved.tokens(),
                optimizer.steps(),
                saved.elapsedSeconds(),
                saved.guard(),
                saved.lossScale().under(plan.storage().compute()),
                plan.steps(),
                environment.facts());
    }

    /** Says with what is computed and where it begins, and writes the event that begins the segment. */
    private void announce(
            RunLog log, Origin origin, Objective objective, SessionPlan plan, Environment environment, Peak peak) {
        progress.say("compute    %s, %s kernels, %s"
                .formatted(
                        plan.device(),
                        plan.kernels().name(),
                        environment.facts().get("compute")));
        progress.say("peak       %s".formatted(peak.source()));
        var details = new ArrayList<Object>(List.of(
                "ranks",
                ranks.size(),
                "device",
                plan.device().toString(),
                "flops_per_token",
                objective.flopsPerToken(),
                "peak_flops",
                peak.flops(),
                "peak_source",
                peak.source(),
                "command",
                Invocation.commandLine(),
                "environment",
                environment.facts(),
                "record",
                Environment.record()));
        if (origin.from().isEmpty()) {
            log.event("started", 0, details.toArray());
            return;
        }
        boolean with = origin instanceof Origin.Checkpoint;
        Path from = origin.from().get();
        long step = origin.saved().orElseThrow().step();
        progress.say("resumed    from " + from + " at step " + step + (with ? "" : ", without the optimizer's state"));
        details.addAll(0, List.of("from", from.toString(), "optimizer_state", with ? "with" : "without"));
        log.event("resumed", step, details.toArray());
    }

    private Listeners listeners(
            Objective objective,
            SessionPlan plan,
            RunDirectory run,
            RunLog log,
            Trainer trainer,
            Peak peak,
            Along along) {
        List<Listener> all = new ArrayList<>();
        long first = trainer.state().step();
        all.add(new MetricsListener(
                log, progress, plan, first, objective.flopsPerToken(), peak.flops(), () -> trainer.state()
                        .elapsedSeconds()));
        List<Evaluations> outputs = new ArrayList<>(List.of(log));
        if (plan.log().tensorboard()) {
            TensorBoard board = TensorBoard.open(run.path(), first, progress);
            all.add(board);
            outputs.add(board);
        }
        all.addAll(along.listeners(outputs));
        return new Listeners(all);
    }

    /**
     * What utilisation is a share of.
     *
     * @param flops operations a second of all ranks together
     * @param source how that was found, for the reader
     */
    private record Peak(double flops, String source) {
        static final Peak UNKNOWN = new Peak(Double.NaN, "");

        static Peak measure(SessionPlan plan, int ranks) {
            DType compute = plan.storage().compute();
            double one = GemmPeak.measure(plan.kernels(), compute, plan.device());
            String source = "%,.0f GFLOP/s, the best of %s %s measured here%s"
                    .formatted(
                            ranks * one / 1e9,
                            ComputeType.word(compute),
                            GemmPeak.products(plan.device()),
                            ranks == 1 ? "" : " × " + ranks + " ranks");
            return new Peak(ranks * one, source);
        }
    }
}
