package dev.cria.parallel;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.nn.Shard;
import dev.cria.parallel.PartialSums.Order;
import dev.cria.tensor.Kernels;
import java.util.function.Consumer;

/** Makes of each rank's gradients of a step their sum over all micro-batches of all ranks. */
public sealed interface GradientSync extends AutoCloseable permits OverlappedSums, OrderedSums, OwnedSums {

    /** What a configuration asks for, of parameters that are trained. */
    static GradientSync of(Parameters parameters, Ranks ranks, Kernels kernels, ParallelSection section) {
        Shard shard = parameters.storage().sharing().shard();
        if (!section.reproducible() && shard != Shard.GRADIENTS) {
            return new OverlappedSums(parameters, ranks, kernels);
        }
        return shard == Shard.NONE
                ? new OrderedSums(parameters, ranks, kernels)
                : new OwnedSums(parameters, ranks, kernels, section.reproducible() ? Order.TREE : Order.SEQUENCE);
    }

    /** The most that is on its way between ranks at one time, besides the gradients themselves. */
    static long plannedExchange(ParallelSection section, int ranks) {
        if (!section.isAddedHere() || ranks == 1) {
            return 0;
        }
        return section.shard() == Shard.NONE
                ? (OrderedSums.MOST_UNDER_WAY + 1) * BucketProgress.MOST_BYTES
                : (OwnedSums.MOST_UNDER_WAY + 1) * OwnedPieces.mostBytes(ranks) * (1 + ranks);
    }

    /** Takes each parameter whose gradient is done with in the backward of a micro-batch. */
    Consumer<Parameter> during(int microBatch, int microBatches);

    /** The backward of a micro-batch is over. */
    void after(int microBatch, int microBatches);

    /** Returns when every gradient that this rank needs is the sum; those that nothing has reached are zero. */
    void await();

    /** Σ x² over the sums of all gradients: the same number on every rank. */
    double sumOfSquares();

    /** What it takes of the device's memory, besides the gradients. */
    long bytes();

    @Override
    void close();
}
