package dev.cria.train;

import dev.cria.nn.Parameters.Storage;
import dev.cria.optim.OptimizerSection;
import dev.cria.optim.Schedule;
import dev.cria.parallel.ParallelSection;
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
        OptimizerSection optimizer,
        Schedule schedule,
        long steps,
        OptionalLong until,
        Recipe.Recompute recompute,
        ParallelSection parallel,
        Recipe.Checkpoint checkpoint,
        Recipe.Log log,
        Recipe.Guard guard,
        int microBatch,
        Storage storage,
        Device device,
        Kernels kernels) {

    /** The plan of a recipe's training, to its last step. */
    public static SessionPlan of(Recipe recipe, Schedule schedule, Storage storage, Device device, Kernels kernels) {
        return new SessionPlan(
                recipe.optimizer(),
                schedule,
                recipe.schedule().steps(),
                OptionalLong.empty(),
                recipe.precision().recompute(),
                recipe.parallel(),
                recipe.checkpoint(),
                recipe.log(),
                recipe.guard(),
                recipe.batch().microBatch(),
                storage,
                device,
                kernels);
    }

    /** The same with a clock that waits for the device after each part of a step. */
    public SessionPlan profiled() {
        return new SessionPlan(
                optimizer,
                schedule,
                steps,
                until,
                recompute,
                parallel,
                checkpoint,
                new Recipe.Log(log.tensorboard(), log.csv(), true),
                guard,
                microBatch,
                storage,
                device,
                kernels);
    }

    /** The same up to an earlier step. */
    SessionPlan until(long step) {
        return new SessionPlan(
                optimizer,
                schedule,
                steps,
                OptionalLong.of(step),
                recompute,
                parallel,
                checkpoint,
                log,
                guard,
                microBatch,
                storage,
                device,
                kernels);
    }

    /** The step before which the session ends. */
    long end() {
        return Math.min(steps, until.orElse(steps));
    }
}
