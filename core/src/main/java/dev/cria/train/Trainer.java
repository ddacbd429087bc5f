package dev.cria.train;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.optim.Optimizer;
import dev.cria.run.Event;
import dev.cria.run.Line;
import dev.cria.run.MetricSink;
import dev.cria.run.RunFiles;
import dev.cria.train.StepClock.Part;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The loop: step after step until the last one or an interruption. Between steps the model is evaluated and the
 * checkpoint is written; after each step the guard looks at its numbers.
 */
public final class Trainer implements AutoCloseable {
    private final Training training;
    private final Optimizer optimizer;
    private final SessionPlan plan;
    private final RunContext context;
    private final Progress progress;
    private final MetricSink sink;
    private final Utilisation utilisation;
    private final Guard guard;
    private final Optional<CheckpointWriter> checkpoints;
    private final Optional<CheckpointFollower> follower;
    private final StepClock clock = new StepClock();
    private final TrainingStep step;
    private TrainerState state;

    /** How a training ended. */
    public enum Outcome {
        FINISHED,
        INTERRUPTED
    }

    /**
     * @param checkpoints none for the ranks that leave files to the first
     * @param follower of a rank that is not the first and has a part of the parameters
     */
    Trainer(
            Training training,
            Optimizer optimizer,
            RunContext context,
            MetricSink sink,
            Utilisation utilisation,
            Optional<CheckpointWriter> checkpoints,
            Optional<CheckpointFollower> follower,
            TrainerState state) {
        this.training = training;
        this.optimizer = optimizer;
        this.plan = training.plan();
        this.context = context;
        this.progress = context.progress();
        this.sink = sink;
        this.utilisation = utilisation;
        this.checkpoints = checkpoints;
        this.follower = follower;
        this.state = state;
        this.guard = new Guard(plan.guard(), state.guard());
        this.step = new TrainingStep(training.objective(), optimizer, plan, context.ranks(), state.lossScale(), clock);
    }

    /**
     * Trains to the last step, or until somebody interrupts; either way the last state is in a checkpoint. The boundary
     * that a resumed training begins at is behind it: its evaluations are in the log.
     */
    Outcome run(Origin origin) {
        long behind = origin.saved().map(TrainerState::step).orElse(-1L);
        if (behind >= 0 && !isThere()) {
            save();
        }
        while (true) {
            boolean last = state.step() >= plan.end();
            boolean stop = context.interruption().isRequested(context.ranks());
            if (state.step() != behind) {
                boundary(last || stop);
            }
            if (last || stop) {
                checkpoints.ifPresent(c -> c.finishLast(guard.memory()));
                return last ? Outcome.FINISHED : Outcome.INTERRUPTED;
            }
            StepResult result = step.run(state.step(), state.tokens());
            guard(result);
            advance(result);
            sink.take(line(result));
        }
    }

    /** Whether the first rank has a checkpoint of this state. */
    private boolean isThere() {
        return Boolean.parseBoolean(context.ranks()
                .fromFirst(() -> String.valueOf(checkpoints.orElseThrow().has(state.step()))));
    }

    private void save() {
        checkpoints.ifPresent(c -> c.write(state));
        follower.ifPresent(CheckpointFollower::write);
    }

    private void boundary(boolean ending) {
        long at = state.step();
        for (Evaluator evaluator : training.evaluators()) {
            if (evaluator.isDue(at, plan.steps())) {
                evaluator.evaluate(at, sink::take);
            }
        }
        if (ending || plan.checkpoint().isDue(at)) {
            clock.enter(Part.CHECKPOINT);
            save();
            clock.pause();
        }
    }

    private void guard(StepResult result) {
        switch (result.outcome()) {
            case MOVED -> {
                lookForSpike(result);
                training.average().ifPresent(average -> average.update(result.step()));
                checkpoints.ifPresent(c -> c.isGood(result.step()));
            }
            case OVERFLOWED -> tellOverflow(result);
            case NOT_FINITE -> skip(result);
        }
    }

    private void lookForSpike(StepResult result) {
        double sigmas = guard.observe(result.loss());
        if (sigmas > 0) {
            sink.take(new Event.Spike(result.step(), result.loss(), sigmas));
            progress.say("step %d: loss %.4f is %.1f standard deviations above the recent mean"
                    .formatted(result.step(), result.loss(), sigmas));
        }
    }

    /** An overflow in float16 is how a loss scale that is too large shows: no fault of the training. */
    private void tellOverflow(StepResult result) {
        double factor = step.lossScale().factor();
        sink.take(new Event.Skipped(result.step(), result.loss(), OptionalDouble.of(factor)));
        progress.say("step %d: the gradient overflows in fp16; the step is skipped, the loss scaled by %.0f from now on"
                .formatted(result.step(), factor));
    }

    private void skip(StepResult result) {
        sink.take(new Event.Skipped(result.step(), result.loss(), OptionalDouble.empty()));
        progress.say("step " + result.step() + ": the gradient is not finite; the step is skipped");
        if (guard.skipped()) {
            throw givenUp(result.step());
        }
    }

    /** A checkpoint is good if the step after it was: the weights of one just before the trouble may have caused it. */
    private WorkException givenUp(long at) {
        String what = "the gradient was not finite %d steps in a row, up to step %d; "
                .formatted(guard.memory().skippedInARow(), at);
        String rate = " --set schedule.learning_rate=" + lower(plan.schedule().rate());
        checkpoints.ifPresent(CheckpointWriter::finish);
        Optional<Path> good = checkpoints.flatMap(CheckpointWriter::newestGood);
        if (good.isEmpty()) {
            return new WorkException(
                    what + "no checkpoint is older than the trouble", "start again with another --out and" + rate);
        }
        Path run = good.get().toAbsolutePath().resolve("../..").normalize();
        return new WorkException(
                what + "the last good checkpoint is " + good.get(),
                "./cria %s --resume %s --at %d --out %s%s"
                        .formatted(
                                training.command(),
                                Invocation.quoted(run.toString()),
                                RunFiles.step(good.get()).orElseThrow(),
                                Invocation.quoted(run + "-slower"),
                                rate));
    }

    /** A rate to try instead: a tenth, and none that no model is trained with. */
    private static double lower(double rate) {
        return Math.min(rate / 10, 1e-3);
    }

    private void advance(StepResult result) {
        state = new TrainerState(
                result.step() + 1,
                result.tokens(),
                optimizer.steps(),
                state.elapsedSeconds() + result.seconds(),
                guard.memory(),
                step.lossScale(),
                state.horizon(),
                state.environment(),
                state.provenance());
    }

    private Line.Step line(StepResult result) {
        Map<String, Double> parts = new LinkedHashMap<>();
        if (plan.log().profile()) {
            result.parts().forEach((part, seconds) -> parts.put(part.key(), seconds));
        }
        boolean several = plan.log().profile() && result.rankSeconds().size() > 1;
        return new Line.Step(
                result.step(),
                result.loss(),
                result.learningRate(),
                result.gradientNorm(),
                result.tokens(),
                result.tokensPerSecond(),
                utilisation.share(training.objective().flopsPerToken() * result.tokensPerSecond(), result.step()),
                state.elapsedSeconds(),
                result.skipped() ? Line.Step.Outcome.SKIPPED : Line.Step.Outcome.MOVED,
                parts,
                several ? rankSpeeds(result) : List.of());
    }

    /** How fast each rank's own forward and backward are: a slow one holds all of them up. */
    private static List<Long> rankSpeeds(StepResult result) {
        double tokens = (double) result.stepTokens() / result.rankSeconds().size();
        return result.rankSeconds().stream()
                .map(seconds -> Math.round(tokens / seconds))
                .toList();
    }

    TrainerState state() {
        return state;
    }

    @Override
    public void close() {
        checkpoints.ifPresent(CheckpointWriter::close);
        follower.ifPresent(CheckpointFollower::close);
        step.close();
    }
}
