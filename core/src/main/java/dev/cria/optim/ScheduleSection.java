package dev.cria.optim;

import dev.cria.Problems;
import java.util.List;

/**
 * The schedule as configurations have it.
 *
 * @param kind form of the decay after the warm-up
 * @param learningRate highest learning rate; 0 or more
 * @param minLearningRate learning rate at the end of the decay; 0 or more and at most learning_rate
 * @param warmupSteps steps of linear warm-up; 0 or more
 * @param steps length of the training and horizon of the schedule; at least 1
 * @param decaySteps last steps, over which {@code wsd} falls to min_learning_rate; 0 (a fifth of steps) or more
 */
public record ScheduleSection(
        Kind kind, double learningRate, double minLearningRate, int warmupSteps, long steps, long decaySteps) {
    private static final int USUAL_SHARE = 5;

    /** The form of the decay. */
    public enum Kind {
        COSINE,
        LINEAR,
        CONSTANT,
        /** Warm-up, stable, decay. */
        WSD
    }

    public ScheduleSection {
        boolean rates = learningRate >= 0 && minLearningRate >= 0;
        new Problems()
                .unless(steps >= 1, "steps is " + steps + ", not at least 1", "--set schedule.steps=1000")
                .unless(
                        warmupSteps >= 0,
                        "warmup_steps is " + warmupSteps + ", not 0 or more",
                        "--set schedule.warmup_steps=0")
                .unless(
                        decaySteps >= 0,
                        "decay_steps is " + decaySteps + ", not 0 or more",
                        "--set schedule.decay_steps=0")
                .unless(
                        kind != Kind.WSD || decaySteps < 1 || warmupSteps < 0 || warmupSteps + decaySteps <= steps,
                        "warmup_steps + decay_steps is " + warmupSteps + " + " + decaySteps
                                + ", more than the steps, of which there are " + steps,
                        "--set schedule.decay_steps=0, for a fifth of them")
                .unless(
                        learningRate >= 0,
                        "learning_rate is " + learningRate + ", not 0 or more",
                        "--set schedule.learning_rate=6e-4")
                .unless(
                        minLearningRate >= 0,
                        "min_learning_rate is " + minLearningRate + ", not 0 or more",
                        "--set schedule.min_learning_rate=0")
                .unless(
                        !rates || minLearningRate <= learningRate,
                        "learning_rate is " + learningRate + " and min_learning_rate " + minLearningRate
                                + "; they must be 0 ≤ min ≤ learning_rate",
                        "--set schedule.min_learning_rate=" + learningRate / 10)
                .refuse();
    }

    /** Steps of the decay of {@code wsd}. */
    long decay() {
        return decaySteps > 0 ? decaySteps : Math.min(steps / USUAL_SHARE, Math.max(0, steps - warmupSteps));
    }

    /** What is allowed, and hardly meant. */
    public List<String> warnings() {
        if (warmupSteps < steps) {
            return List.of();
        }
        String never = warmupSteps > steps
                ? "the learning rate never reaches %s".formatted(learningRate)
                : "min_learning_rate %s is never reached".formatted(minLearningRate);
        return List.of("warning: schedule.warmup_steps is %d of %d steps: %s".formatted(warmupSteps, steps, never));
    }
}
