package dev.cria.train;

import dev.cria.nn.Tape;
import dev.cria.optim.Optimizer;
import dev.cria.parallel.GradientSync;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.train.StepClock.Part;
import dev.cria.train.StepResult.Outcome;
import java.util.Arrays;

/**
 * One step: all micro-batches forward and backward, the gradients summed over the ranks, clipped, and the optimizer
 * moved. Where loss or gradient is not finite the weights stay as they are.
 */
public final class TrainingStep implements AutoCloseable {
    private final Objective objective;
    private final Optimizer optimizer;
    private final SessionPlan plan;
    private final Kernels kernels;
    private final Ranks ranks;
    private final GradientSync sync;
    private final Tensor gradients;
    private final StepClock clock;
    private LossScale lossScale;

    public TrainingStep(
            Objective objective,
            Optimizer optimizer,
            SessionPlan plan,
            Ranks ranks,
            LossScale lossScale,
            StepClock clock) {
        this.lossScale = lossScale;
        this.objective = objective;
        this.optimizer = optimizer;
        this.plan = plan;
        this.kernels = plan.kernels();
        this.ranks = ranks;
        this.sync = new GradientSync(objective.parameters(), ranks);
        this.gradients = objective.parameters().gradients().orElseThrow();
        this.clock = clock;
    }

    /** @param tokensBefore that the training has seen */
    public StepResult run(long step, long tokensBefore) {
        long begun = System.nanoTime();
        double scale = 1.0 / objective.targets(step);
        double sum = forwardBackward(step, scale * lossScale.factor());
        double ownSeconds = secondsSince(begun);
        clock.enter(Part.SYNC);
        sync.await();
        double[][] byRank = ranks.gather(sum, ownSeconds);
        double loss = Arrays.stream(byRank).mapToDouble(r -> r[0]).sum() * scale;
        clock.enter(Part.OPTIMIZER);
        double norm = Math.sqrt(kernels.sumOfSquares(gradients)) / lossScale.factor();
        Outcome outcome = outcome(loss, norm);
        double rate = plan.schedule().at(step);
        switch (outcome) {
            case MOVED -> {
                optimizer.step(rate, clipping(norm) / lossScale.factor());
                awaitDevice();
                lossScale = lossScale.quiet();
            }
            case OVERFLOWED -> lossScale = lossScale.overflowed();
            case NOT_FINITE -> {}
        }
        var parts = clock.take();
        long tokens = objective.tokens(step);
        return new StepResult(
                step,
                loss,
                rate,
                norm,
                tokensBefore + tokens,
                tokens,
                secondsSince(begun),
                parts,
                Arrays.stream(byRank).map(r -> r[1]).toList(),
                outcome);
    }

    /** A loss that is not finite has nothing to do with its scale. */
    private Outcome outcome(double loss, double norm) {
        if (Double.isFinite(norm) && Double.isFinite(loss)) {
            return Outcome.MOVED;
        }
        return Double.isFinite(loss) && lossScale.canShrink() ? Outcome.OVERFLOWED : Outcome.NOT_FINITE;
    }

    /** The scale of the loss for the next step. */
    LossScale lossScale() {
        return lossScale;
    }

    /** This rank's gradients, and the sum of its losses. */
    private double forwardBackward(long step, double scale) {
        clock.enter(Part.BACKWARD);
        objective.parameters().clearGradients();
        double sum = 0;
        int microBatches = objective.microBatches(step);
        for (int i = 0; i < microBatches; i++) {
            boolean last = i == microBatches - 1;
            clock.enter(Part.DATA);
            objective.await(step, i);
            try (Tape tape = last ? new Tape(kernels, mode(), sync::finished) : new Tape(kernels, mode());
                    var batch = new Scope()) {
                clock.enter(Part.FORWARD);
                sum += objective.loss(tape, batch, step, i, scale);
                clock.enter(Part.BACKWARD);
                tape.backward();
            }
            awaitDevice();
        }
        objective.parameters().gradients(); // Zeroes those that no operation has reached.
        return sum;
    }

    private Tape.Mode mode() {
        return switch (plan.recompute()) {
            case NONE -> Tape.Mode.TRAINING;
            case BLOCKS -> Tape.Mode.TRAINING_RECOMPUTING_BLOCKS;
        };
    }

    /** Where each part's time is asked for, a device that computes on its own time is waited for. */
    private void awaitDevice() {
        if (plan.log().profile() && !plan.device().isCpu()) {
            try (Tensor row = gradients.rows(0, 1)) {
                row.toFloats();
            }
        }
    }

    private double clipping(double norm) {
        double clip = plan.optimizer().gradClip();
        return clip == 0 ? 1 : Math.min(1, clip / (norm + 1e-6));
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }

    @Override
    public void close() {
        sync.close();
    }
}
