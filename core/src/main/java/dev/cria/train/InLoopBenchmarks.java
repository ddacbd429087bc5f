package dev.cria.train;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.eval.BenchmarkResult;
import dev.cria.eval.Evaluation;
import dev.cria.eval.ModelScorer;
import dev.cria.eval.series.Measure.Asking;
import dev.cria.eval.series.ScoreLine.Subject;
import dev.cria.eval.series.ScoreLog;
import dev.cria.model.LanguageModel;
import dev.cria.run.Line;
import dev.cria.tensor.DType;
import dev.cria.tensor.Kernels;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Benchmarks within a time budget.
 *
 * @param log takes every document's scores, where {@code eval --all} puts them too
 * @param weightsSha256 what a checkpoint of the weights would be called
 */
record InLoopBenchmarks(
        LanguageModel model,
        Kernels kernels,
        Evaluation evaluation,
        Recipe.Benchmarks settings,
        Optional<ScoreLog> log,
        Supplier<String> weightsSha256,
        Progress progress)
        implements Evaluator {
    @Override
    public int every() {
        return settings.every();
    }

    @Override
    public void evaluate(long step, Consumer<Line> results) {
        Duration budget = Duration.ofMillis(Math.round(1000 * settings.maxSeconds()));
        Map<String, Map<String, Double>> metrics = new LinkedHashMap<>();
        List<BenchmarkResult> measured = evaluation.run(new ModelScorer(model, kernels), budget, Progress.silent());
        for (BenchmarkResult result : measured) {
            Map<String, Double> numbers = result.metrics();
            // A single document has no standard error, and JSON no word for that.
            numbers.values().removeIf(value -> !Double.isFinite(value));
            metrics.put(result.benchmark().id(), numbers);
        }
        log.ifPresent(kept -> keep(kept, step, measured));
        results.accept(new Line.Benchmarks(step, evaluation.convention().id(), metrics));
    }

    /** Under the hash that a checkpoint of this step has, whether one is written or not. */
    private void keep(ScoreLog kept, long step, List<BenchmarkResult> measured) {
        DType compute = model.parameters().storage().compute();
        Asking asking = new Asking(Asking.precision(compute), model.config().positions());
        String weights = weightsSha256.get();
        try {
            measured.forEach(result -> kept.add(new Subject.Checkpoint(step), weights, evaluation, asking, result));
        } catch (WorkException e) {
            progress.say("warning: the scores of step " + step + " are not kept (" + e.getMessage()
                    + "); the run continues");
        }
    }
}
