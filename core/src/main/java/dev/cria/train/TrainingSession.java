package dev.cria.train;

import dev.cria.Progress;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.nn.Parameters.Storage;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.Device;
import dev.cria.tensor.GemmPeak;
import dev.cria.tensor.Kernels;
import dev.cria.train.Trainer.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

    /** How to train. */
    public record Plan(
            Recipe.Optimizer optimizer,
            Schedule schedule,
            long steps,
            Recipe.Recompute recompute,
            Recipe.Checkpoint checkpoint,
            Recipe.Log log,
            Recipe.Guard guard,
            int microBatch,
            Storage storage,
            Device device,
            Kernels kernels) {}

    /** Trains. Weights are those that the objective has; state and moments are the checkpoint's, if there is one. */
    public Outcome run(Objective objective, Plan plan, RunDirectory run, Optional<Path> checkpoint) {
        Environment environment = Environment.of(
                plan.storage(), plan.optimizer().state(), plan.microBatch(), plan.device(), plan.kernels(), ranks);
        try (RunLog log = ranks.isFirst() ? RunLog.open(run.path()) : RunLog.silent();
                AdamW optimizer = new AdamW(plan.kernels(), objective.parameters(), plan.optimizer())) {
            TrainerState state = checkpoint
                    .map(directory -> restored(directory, optimizer, plan, environment))
                    .orElseGet(
                            () -> new TrainerState(0, 0, 0, 0, Guard.Memory.NONE, plan.steps(), environment.facts()));
            tellBeginning(objective, log, checkpoint, state, plan, environment);
            var settings = new Trainer.Settings(
                    plan.optimizer(), plan.checkpoint(), plan.guard(), plan.recompute(), plan.steps());
            var around = new Trainer.Surroundings(plan.kernels(), ranks, run, log, progress, interruption);
            try (Trainer trainer = new Trainer(objective, optimizer, plan.schedule(), settings, around, state);
                    var listeners = listeners(objective, plan, run, log, trainer)) {
                listeners.all().forEach(trainer::add);
                Outcome outcome = trainer.run();
                log.event(
                        outcome == Outcome.FINISHED ? "finished" : "interrupted",
                        trainer.state().step());
                return outcome;
            }
        }
    }

    private TrainerState restored(Path checkpoint, AdamW optimizer, Plan plan, Environment environment) {
        TrainerState saved = TrainerState.read(checkpoint);
        environment.differencesFrom(saved.environment()).forEach(d -> progress.say("warning: " + d));
        try (var files = SafetensorsDirectory.open(checkpoint, "optimizer")) {
            optimizer.moments().read(files);
        }
        optimizer.resumeAt(saved.optimizerSteps());
        return new TrainerState(
                saved.step(),
                saved.tokens(),
                optimizer.steps(),
                saved.elapsedSeconds(),
                saved.guard(),
                plan.steps(),
                environment.facts());
    }

    private void tellBeginning(
            Objective objective,
            RunLog log,
            Optional<Path> checkpoint,
            TrainerState state,
            Plan plan,
            Environment environment) {
        if (!ranks.isFirst()) {
            return;
        }
        progress.say("compute    %s, %s kernels, %s"
                .formatted(
                        plan.device(),
                        plan.kernels().name(),
                        environment.facts().get("compute")));
        checkpoint.ifPresent(c -> progress.say("resumed    from " + c + " at step " + state.step()));
        log.event(
                checkpoint.isPresent() ? "resumed" : "started",
                state.step(),
                "from",
                checkpoint.map(Path::toString).orElse(""),
                "optimizer_state",
                checkpoint.isPresent(),
                "ranks",
                ranks.size(),
                "device",
                plan.device().toString(),
                "flops_per_token",
                objective.flopsPerToken(),
                "peak_source",
                environment.peakSource(),
                "environment",
                environment.facts(),
                "record",
                Environment.record());
    }

    private Listeners listeners(Objective objective, Plan plan, RunDirectory run, RunLog log, Trainer trainer) {
        if (!ranks.isFirst()) {
            return new Listeners(List.of());
        }
        List<Listener> all = new ArrayList<>();
        double peak = GemmPeak.measure(plan.kernels(), plan.storage().compute(), plan.device()) * ranks.size();
        all.add(new MetricsListener(
                log,
                progress,
                plan.log(),
                trainer.state().step(),
                plan.steps(),
                objective.flopsPerToken(),
                peak,
                () -> trainer.state().elapsedSeconds()));
        if (plan.log().tensorboard()) {
            all.add(TensorBoard.open(run.path(), trainer.state().step()));
        }
        return new Listeners(all);
    }
}
