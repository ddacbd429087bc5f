package dev.cria.train;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.nn.Tape;
import dev.cria.parallel.GradientSync;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The loop: for each step all micro-batches forward and backward, the gradients summed over the ranks, clipped, and the
 * optimizer moved; between steps the listeners see the state and the checkpoint is written.
 */
public final class Trainer implements AutoCloseable {
    private final Objective objective;
    private final AdamW optimizer;
    private final Schedule schedule;
    private final Settings settings;
    private final Kernels kernels;
    private final Ranks ranks;
    private final List<Listener> listeners = new ArrayList<>();
    private final Guard guard;
    private final Optional<CheckpointWriter> checkpoints;
    private final GradientSync sync;
    private final RunLog log;
    private final Progress progress;
    private final Interruption interruption;
    private TrainerState state;

    /** How a training ended. */
    public enum Outcome {
        FINISHED,
        INTERRUPTED
    }

    /** The sections of a configuration that the loop itself obeys. */
    public record Settings(
            Recipe.Optimizer optimizer,
            Recipe.Checkpoint checkpoint,
            Recipe.Guard guard,
            Recipe.Recompute recompute,
            long steps) {}

    /** What surrounds a training: the processes, the files, the display, and who may stop it. */
    public record Surroundings(
            Kernels kernels, Ranks ranks, RunDirectory run, RunLog log, Progress progress, Interruption interruption) {}

    public Trainer(
            Objective objective,
            AdamW optimizer,
            Schedule schedule,
            Settings settings,
            Surroundings around,
            TrainerState state) {
        this.objective = objective;
        this.optimizer = optimizer;
        this.schedule = schedule;
        this.settings = settings;
        this.kernels = around.kernels();
        this.ranks = around.ranks();
        this.log = around.log();
        this.progress = around.progress();
        this.interruption = around.interruption();
        this.state = state;
        this.guard = new Guard(settings.guard(), state.guard());
        this.sync = new GradientSync(objective.parameters(), ranks);
        this.checkpoints = ranks.isFirst()
                ? Optional.of(new CheckpointWriter(
                        new Checkpoints(around.run().checkpoints(), settings.checkpoint()),
                        settings.checkpoint(),
                        objective,
                        optimizer,
                        log,
                        progress))
                : Optional.empty();
    }

    public void add(Listener listener) {
        listeners.add(listener);
    }

    /** Trains to the last step, or until somebody interrupts; either way the last state is in a checkpoint. */
    public Outcome run() {
        long resumedAt = state.step() > 0 ? state.step() : -1;
        while (true) {
            long step = state.step();
            boolean last = step >= settings.steps();
            boolean stop = interruption.isRequested(ranks);
            if (step != resumedAt) {
                boundary(step, last || stop);
            }
            if (last || stop) {
                checkpoints.ifPresent(CheckpointWriter::finish);
                return last ? Outcome.FINISHED : Outcome.INTERRUPTED;
            }
            StepResult result = step(step);
            listeners.forEach(l -> l.afterStep(result));
        }
    }

    /** Writes a checkpoint of the present state, so that a fork can itself be resumed from its first step on. */
    public void checkpointNow() {
        checkpoints.ifPresent(c -> c.write(state));
    }

    private void boundary(long step, boolean ending) {
        listeners.forEach(l -> l.atBoundary(step, state));
        int every = settings.checkpoint().every();
        if (ending || every > 0 && step > 0 && step % every == 0) {
            checkpoints.ifPresent(c -> c.write(state));
        }
    }

    private StepResult step(long step) {
        long begun = System.nanoTime();
        Tensor gradients = objective.parameters().gradients().orElseThrow();
        gradients.zero();
        double scale = 1.0 / objective.targets(step);
        double sum = 0;
        int microBatches = objective.microBatches(step);
        for (int i = 0; i < microBatches; i++) {
            boolean last = i == microBatches - 1;
            try (Tape tape = last ? new Tape(kernels, mode(), sync::finished) : new Tape(kernels, mode())) {
                sum += objective.forwardBackward(tape, step, i, scale);
            }
        }
        long computed = System.nanoTime();
        sync.await();
        double[][] byRank = ranks.gather(sum, seconds(begun, computed));
        double loss = Arrays.stream(byRank).mapToDouble(r -> r[0]).sum() * scale;
        long synced = System.nanoTime();
        double norm = Math.sqrt(kernels.sumOfSquares(gradients));
        boolean finite = Double.isFinite(norm) && Double.isFinite(loss);
        double rate = schedule.at(step);
        if (finite) {
            optimizer.step(rate, clipping(norm));
        }
        long done = System.nanoTime();
        var times = new StepResult.Times(0, seconds(begun, computed), seconds(computed, synced), seconds(synced, done));
        guard(step, loss, finite);
        advance(step, seconds(begun, done));
        return new StepResult(
                step,
                loss,
                rate,
                norm,
                state.tokens(),
                objective.tokens(step),
                seconds(begun, done),
                times,
                Arrays.stream(byRank).map(r -> r[1]).toList(),
                !finite);
    }

    private Tape.Mode mode() {
        return switch (settings.recompute()) {
            case NONE -> Tape.Mode.TRAINING;
            case BLOCKS -> Tape.Mode.TRAINING_RECOMPUTING_BLOCKS;
        };
    }

    private double clipping(double norm) {
        double clip = settings.optimizer().gradClip();
        return clip == 0 ? 1 : Math.min(1, clip / (norm + 1e-6));
    }

    private void guard(long step, double loss, boolean finite) {
        if (finite) {
            double sigmas = guard.observe(loss);
            if (sigmas > 0 && ranks.isFirst()) {
                log.event("spike", step, "loss", loss, "sigmas", sigmas);
                progress.say("step %d: loss %.4f is %.1f standard deviations above the recent mean"
                        .formatted(step, loss, sigmas));
            }
            return;
        }
        if (ranks.isFirst()) {
            log.event("skipped", step, "loss", String.valueOf(loss));
        }
        progress.say("step " + step + ": the gradient is not finite; the step is skipped");
        if (guard.skipped()) {
            checkpoints.ifPresent(CheckpointWriter::finish);
            throw new WorkException(
                    "the gradient was not finite " + guard.memory().skippedInARow() + " steps in a row, up to step "
                            + step,
                    "the last checkpoint is whole; resume from it with a lower schedule.learning_rate");
        }
    }

    private void advance(long step, double seconds) {
        state = new TrainerState(
                step + 1,
                state.tokens() + objective.tokens(step),
                optimizer.steps(),
                state.elapsedSeconds() + seconds,
                guard.memory(),
                state.horizon(),
                state.environment());
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }

    public TrainerState state() {
        return state;
    }

    @Override
    public void close() {
        checkpoints.ifPresent(CheckpointWriter::close);
        sync.close();
    }
}
