package dev.cria.train;

import dev.cria.nn.Tape;
import dev.cria.optim.Optimizer;
import dev.cria.parallel.GradientSync;
import dev.cria.parallel.OwnedValues;
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
    private final OwnedValues values;
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
        this.sync = GradientSync.of(objective.parameters(), ranks, kernels, plan.parallel());
        this.values = new OwnedValues(objective.parameters(), ranks);
        this.clock = clock;
    }

    /** @param tokensBefore that the training has seen */
    public StepResult run(long step, long tokensBefore) {
        long begun = System.nanoTime();
        double scale = 1.0 / objective.targets(step);
        double[] losses = forwardBackward(step, scale * lossScale.factor());
        double ownSeconds = secondsSince(begun);
        clock.enter(Part.SYNC);
        sync.await();
        double[][] byRank = ranks.gather(Arrays.stream(losses).reduce(0, Double::sum), ownSeconds);
        double loss = sum(losses, byRank) * scale;
        clock.enter(Part.OPTIMIZER);
        double norm = Math.sqrt(sync.sumOfSquares()) / lossScale.factor();
        Outcome outcome = outcome(loss, norm);
        double rate = plan.schedule().at(step);
        switch (outcome) {
            case MOVED -> {
                optimizer.step(rate, clipping(norm) / lossScale.factor());
                values.exchange();
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

    /** Over all ranks; in the order of the step's micro-batches where sums have one. */
    private double sum(double[] losses, double[][] byRank) {
        if (!plan.parallel().reproducible()) {
            return Arrays.stream(byRank).mapToDouble(r -> r[0]).sum();
        }
        double[][] all = ranks.gather(losses);
        double[] placed = new double[ranks.size() * losses.length];
        for (int rank = 0; rank < all.length; rank++) {
            for (int k = 0; k < losses.length; k++) {
                placed[(int) plan.parallel().place(k, losses.length, rank, ranks.size())] = all[rank][k];
            }
        }
        return Arrays.stream(placed).reduce(0, Double::sum);
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

    /** This rank's gradients, and the sum of the losses of each micro-batch. */
    private double[] forwardBackward(long step, double scale) {
        clock.enter(Part.BACKWARD);
        objective.parameters().clearGradients();
        int microBatches = objective.microBatches(step);
        double[] losses = new double[microBatches];
        for (int i = 0; i < microBatches; i++) {
            clock.enter(Part.DATA);
            objective.await(step, i);
            try (Tape tape = new Tape(kernels, mode(), sync.during(i, microBatches));
                    var batch = new Scope()) {
                clock.enter(Part.FORWARD);
                losses[i] = objective.loss(tape, batch, step, i, scale);
                clock.enter(Part.BACKWARD);
                tape.backward();
            }
            sync.after(i, microBatches);
            awaitDevice();
        }
        return losses;
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
            try (Tensor row = objective.parameters().list().getFirst().value().rows(0, 1)) {
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
