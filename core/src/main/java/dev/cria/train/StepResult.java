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
 * @param outcome whether the weights were moved
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
        Outcome outcome) {

    /** What became of a step. */
    public enum Outcome {
        MOVED,
        /** The scaled gradient overflowed in float16: the weights were left alone, and the scale was lowered. */
        OVERFLOWED,
        /** Loss or gradient was not finite: the weights were left alone. */
        NOT_FINITE
    }

    /** True where the weights were left alone. */
    public boolean skipped() {
        return outcome != Outcome.MOVED;
    }

    public double tokensPerSecond() {
        return stepTokens / seconds;
    }
}
