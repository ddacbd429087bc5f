package dev.cria.api;

import dev.cria.run.Line;

/**
 * A step that a training has taken.
 *
 * @param number from 0
 * @param loss mean cross-entropy over the step's targets in nats, before the update
 * @param gradientNorm over all parameters, before clipping
 * @param tokens seen since the run began
 * @param moved false where the weights were left alone since the gradient was not finite
 */
public record Step(
        long number,
        double loss,
        double learningRate,
        double gradientNorm,
        long tokens,
        double tokensPerSecond,
        boolean moved) {

    static Step of(Line.Step line) {
        return new Step(
                line.step(),
                line.loss(),
                line.learningRate(),
                line.gradientNorm(),
                line.tokens(),
                line.tokensPerSecond(),
                line.outcome() == Line.Step.Outcome.MOVED);
    }
}
