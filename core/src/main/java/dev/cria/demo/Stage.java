package dev.cria.demo;

import dev.cria.train.Trainer.Outcome;
import java.util.function.Supplier;

/**
 * A part of the demo.
 *
 * @param words the command that does the same, and what comes out
 * @param seconds about how long it takes on two cores with nothing beside it
 */
record Stage(String words, double seconds, Supplier<Outcome> work) {

    /** A stage that always comes to its end. */
    static Stage of(String words, double seconds, Runnable work) {
        return new Stage(words, seconds, () -> {
            work.run();
            return Outcome.FINISHED;
        });
    }
}
