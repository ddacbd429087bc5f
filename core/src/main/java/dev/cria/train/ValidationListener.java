package dev.cria.train;

import dev.cria.Progress;
import dev.cria.data.Batch;
import dev.cria.data.Windows;
import dev.cria.model.LanguageModel;
import dev.cria.nn.Tape;
import dev.cria.tensor.Kernels;
import java.lang.foreign.Arena;
import java.util.List;

/** The mean loss over the validation shard, or its first windows, every so many steps. */
final class ValidationListener implements Listener {
    private final LanguageModel model;
    private final Kernels kernels;
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
        this.model = model;
        this.kernels = kernels;
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
        long wanted = settings.batches() == 0 ? windows.count() : (long) settings.batches() * rows;
        long count = Math.min(wanted, windows.count());
        double sum = 0;
        for (long at = 0; at < count; at += rows) {
            int here = (int) Math.min(rows, count - at);
            try (var arena = Arena.ofConfined();
                    var tape = new Tape(kernels, Tape.Mode.INFERENCE)) {
                Batch batch = Batch.allocate(arena, here, windows.sequenceLength());
                windows.read(at, batch);
                sum += LanguageModelling.losses(tape, model, batch);
            }
        }
        return sum / (count * windows.sequenceLength());
    }
}
