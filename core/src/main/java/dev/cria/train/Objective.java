package dev.cria.train;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.nn.Tape;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * What a {@link Trainer} optimizes: which parameters, on which batches, by which loss, and how the result is
 * written. Pretraining and instruction tuning differ in this alone.
 */
public interface Objective extends AutoCloseable {

    /** The parameters that the optimizer moves. */
    Parameters parameters();

    /** Tokens that have a loss in a step, over all ranks: what its loss is the mean of. */
    long targets(long step);

    /** Tokens read in a step, over all ranks: what throughput counts. */
    long tokens(long step);

    /** Micro-batches of a step on this rank. */
    int microBatches(long step);

    /** Returns when a micro-batch can be read without waiting; called once before its {@link #loss}. */
    void await(long step, int microBatch);

    /**
     * Runs one micro-batch forward.
     *
     * @param batch owns the micro-batch's tensors, which the backward needs as well
     * @param scale multiplies the sum of the losses before the gradient: 1 / targets
     * @return the sum of the losses
     */
    double loss(Tape tape, Scope batch, long step, int microBatch, double scale);

    /** How often all of the data have been gone over before a step; 0 where that is unknown. */
    double rounds(long step);

    /** Operations a token, for the model's FLOPs utilisation. */
    double flopsPerToken();

    /**
     * Writes what a checkpoint holds besides optimizer and trainer state; where ranks share the parameters, with room for
     * what each of them is to {@link #fill}.
     *
     * @param weights gives the numbers of each parameter, which may be a snapshot
     * @return the files written
     */
    List<Path> write(Path directory, Function<Parameter, Tensor> weights);

    /** Writes this rank's share of the parameters into the files that {@link #write} has made on the first one. */
    default void fill(Path directory, Function<Parameter, Tensor> weights) {
        throw new IllegalStateException("these parameters are not shared by ranks");
    }

    @Override
    void close();
}
