package dev.cria.train;

import dev.cria.run.Line;
import java.util.function.Consumer;

/** What an evaluator finds of the average of the weights, under names of its own. */
record InLoopAverage(Evaluator evaluator, WeightAverage average) implements Evaluator {
    @Override
    public int every() {
        return evaluator.every();
    }

    @Override
    public void evaluate(long step, Consumer<Line> results) {
        average.during(
                () -> evaluator.evaluate(step, line -> Line.Averaged.of(line).ifPresent(results)));
    }
}
