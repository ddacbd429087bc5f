package dev.cria.optim;

import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.TensorSource;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.Parameters;
import dev.cria.tensor.DType;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Moves the parameters by their gradients, those that have a master: others are moved by another rank, which also has their
 * state. That is written and read by the parameters' names.
 */
public sealed interface Optimizer extends AutoCloseable permits AdamW, Muon {

    /**
     * The optimizer of a configuration, with nothing in its state.
     *
     * @param highestRate of the schedule that {@link #step} will be given the rates of
     */
    static Optimizer of(Kernels kernels, Parameters parameters, OptimizerSection settings, double highestRate) {
        return switch (settings.kind()) {
            case ADAMW -> new AdamW(kernels, parameters, settings);
            case MUON -> new Muon(kernels, parameters, settings, settings.adamwShare(highestRate));
        };
    }

    /**
     * The bytes that {@link #bytes()} will be.
     *
     * @param master the type of the weights that are moved
     */
    static long plannedBytes(OptimizerSection settings, List<ParameterSpec> specs, DType master) {
        return switch (settings.kind()) {
            case ADAMW -> AdamW.plannedBytes(settings, specs, master);
            case MUON -> Muon.plannedBytes(settings, specs, master);
        };
    }

    /**
     * The bytes that {@link #scratchBytes()} will be at most.
     *
     * @param compute the model's type
     * @param threads that a device's kernels have
     */
    static long plannedScratch(
            OptimizerSection settings, List<ParameterSpec> specs, DType compute, DType master, int threads) {
        return switch (settings.kind()) {
            case ADAMW -> 0;
            case MUON -> Muon.plannedScratch(specs, compute, master, threads);
        };
    }

    /**
     * Moves the weights, and brings the copies that are computed with up to date.
     *
     * @param gradientScale the clipping factor
     */
    void step(double learningRate, double gradientScale);

    /** How often the weights were moved since the state was empty: t of Adam's bias corrections. */
    long steps();

    /** The tensors of the state on all ranks, to be written with the numbers that {@code held} has of this rank's. */
    List<TensorSource> sources(UnaryOperator<Tensor> held);

    /** Takes over what {@link #sources} wrote after a number of steps. */
    void read(SafetensorsDirectory files, long stepsTaken);

    /** What the state takes of the device's memory. */
    long bytes();

    /** What it keeps of the device's memory from step to step besides. */
    default long scratchBytes() {
        return 0;
    }

    @Override
    void close();
}
