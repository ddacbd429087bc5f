package dev.cria.train;

/** Takes part in a training without touching it. Listeners run in the order in which they were given. */
public interface Listener extends AutoCloseable {

    /** The state before step {@code step} runs, or after the last step where {@code step} is the number of steps. */
    default void atBoundary(long step, TrainerState state) {}

    /** A step has finished. */
    default void afterStep(StepResult result) {}

    /** The training has ended. */
    @Override
    default void close() {}
}
