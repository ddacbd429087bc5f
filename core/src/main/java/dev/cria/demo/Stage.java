package dev.cria.demo;

import dev.cria.train.Trainer.Outcome;
import java.util.function.Supplier;

/**
 * A part of the demo.
 *
 * @param words the command that does the same, and what comes out
 * @param cost about what it takes
 */
record Stage(String words, Cost cost, Supplier<Outcome> work) {

    /** A stage that always comes to its end. */
    static Stage of(String words, Cost cost, Runnable work) {
        return new Stage(words, cost, () -> {
            work.run();
            return Outcome.FINISHED;
        });
    }
}
