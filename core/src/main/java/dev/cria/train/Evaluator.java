package dev.cria.train;

import dev.cria.run.Line;
import java.util.function.Consumer;

/** Measures a model between two steps of its training, and changes nothing of it. */
public interface Evaluator {

    /** Steps from one evaluation to the next; there is one more when the training is over. */
    int every();

    /** @param results takes each line as it is known */
    void evaluate(long step, Consumer<Line> results);

    /** Whether an evaluation is due before a step of so many. */
    default boolean isDue(long step, long steps) {
        return every() > 0 && (step % every() == 0 || step == steps);
    }
}
