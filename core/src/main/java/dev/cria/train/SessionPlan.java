package dev.cria.train;

import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import java.util.OptionalLong;

/**
 * How a {@link TrainingSession} trains.
 *
 * @param steps the schedule's horizon
 * @param until the step to stop before, if that is earlier
 */
public record SessionPlan(
        Recipe.Optimizer optimizer,
        Schedule schedule,
        long steps,
        OptionalLong until,
        Recipe.Recompute recompute,
        Recipe.Checkpoint checkpoint,
        Recipe.Log log,
        Recipe.Guard guard,
        int microBatch,
        Storage storage,
        Device device,
        Kernels kernels) {

    /** The step before which the session ends. */
    long end() {
        return Math.min(steps, until.orElse(steps));
    }
}
