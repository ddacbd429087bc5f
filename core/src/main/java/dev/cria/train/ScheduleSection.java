package dev.cria.train;

import dev.cria.RequestException;

/**
 * The schedule as configurations have it.
 *
 * @param steps the horizon, which does not move on resume
 */
public record ScheduleSection(Kind kind, double learningRate, double minLearningRate, int warmupSteps, long steps) {

    /** The form of the decay. */
    public enum Kind {
        COSINE,
        LINEAR,
        CONSTANT
    }

    public ScheduleSection {
        if (steps < 1) {
            throw new RequestException("steps is " + steps + ", not at least 1", "--set schedule.steps=1000");
        }
        if (warmupSteps < 0) {
            throw new RequestException(
                    "warmup_steps is " + warmupSteps + ", not 0 or more", "--set schedule.warmup_steps=0");
        }
        if (learningRate < 0 || minLearningRate < 0 || minLearningRate > learningRate) {
            throw new RequestException(
                    "learning_rate is " + learningRate + " and min_learning_rate " + minLearningRate
                            + "; they must be 0 ≤ min ≤ learning_rate",
                    "--set schedule.min_learning_rate=" + learningRate / 10);
        }
    }
}
