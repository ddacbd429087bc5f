package dev.cria.parallel;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.tensor.Kernels;
import java.util.function.Consumer;

/** Makes of each rank's gradients of a step their sum over all micro-batches of all ranks. */
public sealed interface GradientSync extends AutoCloseable permits OverlappedSums, OrderedSums, OwnedSums {

    /** What a configuration asks for, of parameters that are trained. */
    static GradientSync of(Parameters parameters, Ranks ranks, Kernels kernels, ParallelSection section) {
        if (!section.isOrdered()) {
            return new OverlappedSums(parameters, ranks, kernels);
        }
        return parameters.storage().sharing().isShared()
                ? new OwnedSums(parameters, ranks, kernels)
                : new OrderedSums(parameters, ranks, kernels);
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
