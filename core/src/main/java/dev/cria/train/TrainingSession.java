package dev.cria.train;

import dev.cria.Progress;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.optim.Optimizer;
import dev.cria.parallel.Ranks;
import dev.cria.run.CsvLog;
import dev.cria.run.Event;
import dev.cria.run.MetricSink;
import dev.cria.run.RunDirectory;
import dev.cria.run.RunLog;
import dev.cria.run.TensorBoard;
import dev.cria.train.Trainer.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A stretch of training from a beginning or a checkpoint to an end or an interruption, with the log, the guard, the
 * checkpoints and the display that every training has; what is trained is the {@link Objective}'s affair.
 */
final class TrainingSession {
    /** For the peak, once steps have warmed the code. */
    private static final double PEAK_SECONDS = 1.5;

    private final RunContext context;
    private final Progress progress;
    private final Ranks ranks;

    TrainingSession(RunContext context) {
        this.context = context;
        this.progress = context.progress();
        this.ranks = context.ranks();
    }

    /**
     * Trains. Weights are those that the objective has; state and moments are the origin's.
     *
     * @param place makes the run's directory ready, when all else is: before it, nothing is written
     */
    Outcome run(Training training, Origin origin, Provenance provenance, Supplier<RunDirectory> place) {
        SessionPlan plan = training.plan();
        Environment environment = Environment.of(plan, ranks);
        if (plan.parallel().reproducible()) {
            environment.requireAlike(ranks, origin.saved());
        }
        try (Optimizer optimizer = Optimizer.of(
                plan.kernels(),
                training.objective().parameters(),
                plan.optimizer(),
                plan.schedule().rate())) {
            TrainerState state = begin(origin, optimizer, plan, environment, provenance);
            if (!ranks.isFirst()) {
                return follow(training, origin, optimizer, state);
            }
            training.description().forEach(progress::say);
            Peak measured = Peak.atOnce(plan, ranks.size());
            try (RunDirectory run = place.get();
                    RunLog log = RunLog.open(run.path(), progress)) {
                Peak peak = measured.orSeen(
                        run.files().events(), plan.device().toString(), environment.facts(), Environment.record());
                return lead(training, origin, optimizer, state, peak, run, log);
            }
        }
    }

    private Peak peak(Training training, long step) {
        Objective objective = training.objective();
        long rows = objective.tokens(step) / ranks.size() / objective.microBatches(step);
        return Peak.measure(training.plan(), objective.parameters(), Math.max(1, rows), ranks.size(), PEAK_SECONDS);
    }

    /** The part of a rank that leaves files and display to the first. */
    private Outcome follow(Training training, Origin origin, Optimizer optimizer, TrainerState state) {
        var shared = new SharedCheckpoint(training.objective(), optimizer, training.average(), ranks);
        Optional<CheckpointFollower> follower = shared.isShared()
                ? Optional.of(new CheckpointFollower(shared, training.plan().checkpoint()))
                : Optional.empty();
        try (Trainer trainer = new Trainer(
                training,
                optimizer,
                context,
                MetricSink.of(List.of()),
                Utilisation.unknown(progress),
                Optional.empty(),
                follower,
                state)) {
            return trainer.run(origin);
        }
    }

    private Outcome lead(
            Training training,
            Origin origin,
            Optimizer optimizer,
            TrainerState state,
            Peak peak,
            RunDirectory run,
            RunLog log) {
        SessionPlan plan = training.plan();
        RunSummary summary = new RunSummary(run.files());
        List<MetricSink> sinks = new ArrayList<>(List.of(log, summary));
        if (plan.log().tensorboard()) {
            sinks.add(TensorBoard.open(run.path(), progress));
        }
        if (plan.log().csv()) {
            sinks.add(CsvLog.open(run.path(), progress));
        }
        announce(log, origin, training, state, peak);
        sinks.add(context.sink());
        sinks.add(new StepDisplay(progress, state.step(), plan.end(), state.tokens()));
        Checkpoints checkpoints = new Checkpoints(run.files().checkpointDirectory(), plan.checkpoint(), progress);
        try (MetricSink sink = MetricSink.of(sinks.subList(1, sinks.size()))) {
            MetricSink all = MetricSink.of(sinks);
            var utilisation = new Utilisation(peak, () -> peak(training, state.step()), all, progress);
            var writer = new CheckpointWriter(
                    checkpoints,
                    plan.checkpoint(),
                    new SharedCheckpoint(training.objective(), optimizer, training.average(), ranks),
                    log,
                    all,
                    progress,
                    state);
            try (Trainer trainer = new Trainer(
                    training, optimizer, context, all, utilisation, Optional.of(writer), Optional.empty(), state)) {
                Outcome outcome = trainer.run(origin);
                long step = trainer.state().step();
                var memory =
                        MemoryUse.of(training.objective().parameters(), optimizer, training.average(), plan.device());
                progress.say("memory     " + memory.toText());
                all.take(new Event.Memory(step, memory.peak().orElse(0), memory.parts()));
                all.take(step < plan.steps() ? new Event.Interrupted(step) : new Event.Finished(step));
                summary.lines(training, run.path(), step, training.objective().rounds(step), checkpoints.newest())
                        .forEach(progress::say);
                return outcome;
            }
        }
    }

    private TrainerState begin(
            Origin origin, Optimizer optimizer, SessionPlan plan, Environment environment, Provenance provenance) {
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
                        environment.facts(),
                        provenance);
            case Origin.Checkpoint checkpoint -> {
                try (var files = SafetensorsDirectory.open(checkpoint.directory(), "optimizer")) {
                    optimizer.read(files, checkpoint.state().optimizerSteps());
                }
                yield continued(checkpoint.state(), optimizer, plan, environment, provenance);
            }
            case Origin.WithoutMoments without -> continued(without.state(), optimizer, plan, environment, provenance);
        };
    }

    private TrainerState continued(
            TrainerState saved, Optimizer optimizer, SessionPlan plan, Environment environment, Provenance provenance) {
        (plan.parallel().reproducible() ? environment.ofAnyRanks() : environment)
                .differencesFrom(saved.environment())
                .forEach(d -> progress.say("warning: " + d));
        return new TrainerState(
                saved.step(),
                saved.tokens(),
                optimizer.steps(),
                saved.elapsedSeconds(),
                saved.guard(),
                saved.lossScale().under(plan.storage().compute()),
                plan.steps(),
                environment.facts(),
                provenance);
    }

    /** Says with what is computed and where it begins, and writes the event that begins the segment. */
    private void announce(RunLog log, Origin origin, Training training, TrainerState state, Peak peak) {
        SessionPlan plan = training.plan();
        progress.say("compute    %s, %s kernels, %s"
                .formatted(
                        plan.device(),
                        plan.kernels().name(),
                        state.environment().get("compute")));
        progress.say("peak       %s".formatted(peak.source()));
        var segment = new Event.Segment(
                ranks.size(),
                plan.device().toString(),
                training.objective().flopsPerToken(),
                peak.flops(),
                peak.source(),
                Invocation.commandLine(),
                state.environment(),
                Environment.record());
        if (origin.from().isEmpty()) {
            log.take(new Event.Started(segment));
            return;
        }
        boolean with = origin instanceof Origin.Checkpoint;
        String from = origin.from().get().toString();
        progress.say("resumed    from " + from + " at step " + state.step()
                + (with ? "" : ", without the optimizer's state"));
        log.take(new Event.Resumed(
                state.step(), from, with ? Event.OptimizerState.WITH : Event.OptimizerState.WITHOUT, segment));
    }
}
