package dev.cria.train;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.parallel.Ranks;
import dev.cria.train.StepClock.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The loop: step after step until the last one or an interruption. Between steps the listeners see the state and the
 * checkpoint is written; after each step the guard looks at its numbers.
 */
public final class Trainer implements AutoCloseable {
    private final AdamW optimizer;
    private final SessionPlan plan;
    private final Ranks ranks;
    private final List<Listener> listeners = new ArrayList<>();
    private final Guard guard;
    private final Optional<CheckpointWriter> checkpoints;
    private final RunLog log;
    private final Progress progress;
    private final Interruption interruption;
    private final StepClock clock = new StepClock();
    private final TrainingStep training;
    private TrainerState state;

    /** How a training ended. */
    public enum Outcome {
        FINISHED,
        INTERRUPTED
    }

    /** What surrounds a training: the processes, the files, the display, and who may stop it. */
    record Surroundings(Ranks ranks, RunDirectory run, RunLog log, Progress progress, Interruption interruption) {}

    Trainer(Objective objective, AdamW optimizer, SessionPlan plan, Surroundings around, TrainerState state) {
        this.optimizer = optimizer;
        this.plan = plan;
        this.ranks = around.ranks();
        this.log = around.log();
        this.progress = around.progress();
        this.interruption = around.interruption();
        this.state = state;
        this.guard = new Guard(plan.guard(), state.guard());
        this.training = new TrainingStep(objective, optimizer, plan, ranks, state.lossScale(), clock);
        this.checkpoints = ranks.isFirst()
                ? Optional.of(new CheckpointWriter(
                        new Checkpoints(around.run().checkpoints(), plan.checkpoint()),
                        plan.checkpoint(),
                        objective,
                        optimizer,
                        log,
                        progress))
                : Optional.empty();
    }

    void add(Listener listener) {
        listeners.add(listener);
    }

    /**
     * Trains to the last step, or until somebody interrupts; either way the last state is in a checkpoint. The boundary
     * that a resumed training begins at is behind it: its evaluations are in the log.
     */
    Outcome run(Origin origin) {
        long behind = origin.saved().map(TrainerState::step).orElse(-1L);
        if (behind >= 0) {
            checkpoints.ifPresent(c -> c.writeUnlessThere(state));
        }
        while (true) {
            boolean last = state.step() >= plan.end();
            boolean stop = interruption.isRequested(ranks);
            if (state.step() != behind) {
                boundary(last || stop);
            }
            if (last || stop) {
                checkpoints.ifPresent(CheckpointWriter::finishLast);
                return last ? Outcome.FINISHED : Outcome.INTERRUPTED;
            }
            StepResult result = training.run(state.step(), state.tokens());
            guard(result);
            advance(result);
            listeners.forEach(l -> l.afterStep(result));
        }
    }

    private void boundary(boolean ending) {
        long step = state.step();
        listeners.forEach(l -> l.atBoundary(step, state));
        int every = plan.checkpoint().every();
        if (ending || every > 0 && step > 0 && step % every == 0) {
            clock.enter(Part.CHECKPOINT);
            checkpoints.ifPresent(c -> c.write(state));
            clock.pause();
        }
    }

    private void guard(StepResult result) {
        switch (result.outcome()) {
            case MOVED -> lookForSpike(result);
            case OVERFLOWED -> tellOverflow(result);
            case NOT_FINITE -> skip(result);
        }
    }

    private void lookForSpike(StepResult result) {
        double sigmas = guard.observe(result.loss());
        if (sigmas > 0 && ranks.isFirst()) {
            log.event("spike", result.step(), "loss", result.loss(), "sigmas", sigmas);
            progress.say("step %d: loss %.4f is %.1f standard deviations above the recent mean"
                    .formatted(result.step(), result.loss(), sigmas));
        }
    }

    /** An overflow in float16 is how a loss scale that is too large shows: no fault of the training. */
    private void tellOverflow(StepResult result) {
        double factor = training.lossScale().factor();
        if (ranks.isFirst()) {
            log.event("skipped", result.step(), "loss", String.valueOf(result.loss()), "loss_scale", factor);
        }
        progress.say("step %d: the gradient overflows in fp16; the step is skipped, the loss scaled by %.0f from now on"
                .formatted(result.step(), factor));
    }

    private void skip(StepResult result) {
        if (ranks.isFirst()) {
            log.event("skipped", result.step(), "loss", String.valueOf(result.loss()));
        }
        progress.say("step " + result.step() + ": the gradient is not finite; the step is skipped");
        if (guard.skipped()) {
            throw givenUp(result.step());
        }
    }

    private WorkException givenUp(long step) {
        checkpoints.ifPresent(CheckpointWriter::finish);
        String last = checkpoints
                .flatMap(CheckpointWriter::newest)
                .map(path -> "the last good checkpoint is " + path)
                .orElse("there is no checkpoint yet");
        return new WorkException(
                "the gradient was not finite " + guard.memory().skippedInARow() + " steps in a row, up to step " + step
                        + "; " + last,
                "resume with a lower --set schedule.learning_rate="
                        + plan.schedule().at(step) / 2);
    }

    private void advance(StepResult result) {
        state = new TrainerState(
                result.step() + 1,
                result.tokens(),
                optimizer.steps(),
                state.elapsedSeconds() + result.seconds(),
                guard.memory(),
                training.lossScale(),
                state.horizon(),
                state.environment());
    }

    TrainerState state() {
        return state;
    }

    @Override
    public void close() {
        checkpoints.ifPresent(CheckpointWriter::close);
        training.close();
    }
}
