package dev.cria.train;

import dev.cria.Progress;
import dev.cria.data.Windows;
import dev.cria.eval.ValidationLoss;
import dev.cria.model.LanguageModel;
import dev.cria.tensor.Kernels;
import java.util.List;
import java.util.Optional;

/** The mean loss over the validation shard, or its first windows, every so many steps. */
final class ValidationListener implements Listener {
    private final ValidationLoss validation;
    private final Windows windows;
    private final Recipe.Validation settings;
    private final int rows;
    private final List<Evaluations> outputs;
    private final Progress progress;
    private final long steps;

    ValidationListener(
            LanguageModel model,
            Kernels kernels,
            Windows windows,
            Recipe.Validation settings,
            int microBatch,
            List<Evaluations> outputs,
            Progress progress,
            long steps) {
        this.validation = new ValidationLoss(model, kernels, Optional.empty());
        this.windows = windows;
        this.settings = settings;
        this.rows = microBatch;
        this.outputs = outputs;
        this.progress = progress;
        this.steps = steps;
    }

    @Override
    public void atBoundary(long step, TrainerState state) {
        if (Every.isDue(settings.every(), step, steps)) {
            double loss = loss();
            outputs.forEach(o -> o.validation(step, loss));
            progress.say("step %d/%d  val loss %.4f".formatted(step, steps, loss));
        }
    }

    private double loss() {
        long limit = (long) settings.batches() * rows;
        return validation.over(windows, limit, rows, Progress.silent()).loss();
    }
}
