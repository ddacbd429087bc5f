package dev.cria.train;

import dev.cria.Progress;
import dev.cria.eval.BenchmarkResult;
import dev.cria.eval.Convention;
import dev.cria.eval.Evaluation;
import dev.cria.eval.ModelScorer;
import dev.cria.model.LanguageModel;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Benchmarks every so many steps, within a time budget. Reads the model and nothing else of the training. */
final class BenchmarksListener implements Listener {
    private final Evaluation evaluation;
    private final LanguageModel model;
    private final Kernels kernels;
    private final Recipe.Benchmarks settings;
    private final List<Evaluations> outputs;
    private final Progress progress;
    private final long steps;

    BenchmarksListener(
            LanguageModel model,
            Kernels kernels,
            Tokenizer tokenizer,
            Recipe.Benchmarks settings,
            List<Evaluations> outputs,
            Progress progress,
            long steps) {
        ModelScorer.requireFit(tokenizer, model.config());
        this.evaluation = Evaluation.load(
                Path.of(settings.path().orElseThrow()),
                settings.tasks(),
                settings.limit(),
                Convention.HARNESS,
                tokenizer);
        this.model = model;
        this.kernels = kernels;
        this.settings = settings;
        this.outputs = outputs;
        this.progress = progress;
        this.steps = steps;
    }

    @Override
    public void atBoundary(long step, TrainerState state) {
        if (!Every.isDue(settings.every(), step, steps)) {
            return;
        }
        Duration budget = Duration.ofMillis(Math.round(1000 * settings.maxSeconds()));
        Map<String, Map<String, Double>> metrics = new LinkedHashMap<>();
        StringBuilder words = new StringBuilder();
        for (BenchmarkResult result : evaluation.run(new ModelScorer(model, kernels), budget, Progress.silent())) {
            Map<String, Double> numbers = result.metrics();
            // A single document has no standard error, and JSON no word for that.
            numbers.values().removeIf(value -> !Double.isFinite(value));
            metrics.put(result.benchmark().id(), numbers);
            words.append("  %s %.3f"
                    .formatted(result.benchmark().id(), result.headline().value()));
        }
        outputs.forEach(o -> o.benchmarks(step, metrics));
        progress.say("step %d/%d%s".formatted(step, steps, words));
    }
}
