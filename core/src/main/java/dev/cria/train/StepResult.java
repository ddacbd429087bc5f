package dev.cria.train;

import dev.cria.train.StepClock.Part;
import java.util.List;
import java.util.Map;

/**
 * What a finished step is known by.
 *
 * @param loss mean cross-entropy over every target of the step, before the update
 * @param gradientNorm over all parameters, before clipping
 * @param tokens seen since the run began, this step's included
 * @param seconds that the step took
 * @param parts seconds of each part, and of the checkpoint before the step
 * @param rankSeconds that each rank spent on its own forward and backward
 * @param skipped true where the gradient was not finite and the weights were left alone
 */
public record StepResult(
        long step,
        double loss,
        double learningRate,
        double gradientNorm,
        long tokens,
        long stepTokens,
        double seconds,
        Map<Part, Double> parts,
        List<Double> rankSeconds,
        boolean skipped) {

    public double tokensPerSecond() {
        return stepTokens / seconds;
    }
}
