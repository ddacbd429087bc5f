package dev.cria.train;

import dev.cria.Progress;
import dev.cria.data.Windows;
import dev.cria.eval.ValidationLoss;
import dev.cria.run.Line;
import java.util.function.Consumer;

/**
 * The mean loss over the validation shard, or its first windows.
 *
 * @param rows windows in one forward
 */
record InLoopValidation(ValidationLoss validation, Windows windows, Recipe.Validation settings, int rows)
        implements Evaluator {
    @Override
    public int every() {
        return settings.every();
    }

    @Override
    public void evaluate(long step, Consumer<Line> results) {
        long limit = (long) settings.batches() * rows;
        double loss = validation.over(windows, limit, rows, Progress.silent()).loss();
        results.accept(new Line.Validation(step, loss));
    }
}
