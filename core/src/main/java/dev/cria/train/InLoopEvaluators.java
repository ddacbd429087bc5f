package dev.cria.train;

import dev.cria.Progress;
import dev.cria.data.Windows;
import dev.cria.eval.Evaluation;
import dev.cria.eval.ValidationLoss;
import dev.cria.eval.series.ScoreLog;
import dev.cria.model.LanguageModel;
import dev.cria.parallel.OwnedNumbers;
import dev.cria.parallel.Ranks;
import dev.cria.run.Line;
import dev.cria.tensor.DType;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.weights.Models;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What measures a pretraining between two of its steps, in the order in which it runs: validation, benchmarks, samples. The
 * first rank measures. Where ranks share the parameters the others hand it what it lacks, in the same order.
 *
 * @param validation windows, where there are any
 * @param benchmarks with their rows, on the first rank
 */
record InLoopEvaluators(
        Recipe recipe,
        LanguageModel model,
        Kernels kernels,
        Optional<WeightAverage> average,
        Optional<Tokenizer> tokenizer,
        Optional<Windows> validation,
        Optional<Evaluation> benchmarks,
        Ranks ranks,
        Progress progress) {

    /** A rank's part in what the first measures. */
    private record Help(int every, Runnable part) implements Evaluator {
        @Override
        public void evaluate(long step, Consumer<Line> results) {
            part.run();
        }
    }

    List<Evaluator> list() {
        return ranks.isFirst() ? ofFirst() : ofAnother();
    }

    private List<Evaluator> ofFirst() {
        List<Evaluator> evaluators = new ArrayList<>();
        validation
                .map(windows -> new InLoopValidation(
                        new ValidationLoss(model, kernels, Optional.empty()),
                        windows,
                        recipe.validation(),
                        recipe.batch().microBatch()))
                .ifPresent(v -> {
                    evaluators.add(v);
                    average.ifPresent(a -> evaluators.add(new InLoopAverage(v, a)));
                });
        benchmarks.ifPresent(evaluation -> {
            evaluators.add(scores(evaluation, Optional.of(new ScoreLog(Path.of(recipe.out())))));
            average.ifPresent(a -> evaluators.add(new InLoopAverage(scores(evaluation, Optional.empty()), a)));
        });
        tokenizer.ifPresent(t -> evaluators.add(new InLoopSamples(model, kernels, t, recipe.samples(), recipe.seed())));
        return evaluators;
    }

    private InLoopBenchmarks scores(Evaluation evaluation, Optional<ScoreLog> log) {
        return new InLoopBenchmarks(
                model, kernels, evaluation, recipe.benchmarks(), log, this::weightsSha256, progress);
    }

    /** Each in the place of the first rank's that cannot do without it. */
    private List<Evaluator> ofAnother() {
        List<Evaluator> helps = new ArrayList<>();
        if (!model.parameters().storage().sharing().isShared()) {
            return helps;
        }
        Optional<Runnable> averaged = average.map(a -> () -> a.during(() -> {}));
        if (validation.isPresent()) {
            averaged.ifPresent(help -> helps.add(new Help(recipe.validation().every(), help)));
        }
        if (tokenizer.isPresent() && recipe.benchmarks().areOn()) {
            helps.add(new Help(recipe.benchmarks().every(), this::weightsSha256));
            averaged.ifPresent(help -> helps.add(new Help(recipe.benchmarks().every(), help)));
        }
        return helps;
    }

    /** That of a checkpoint of these weights, whether one is written or not. All ranks make it together. */
    private String weightsSha256() {
        try (var masters = new OwnedNumbers(model.parameters(), ranks, Models::weights)) {
            return Models.weightsSha256(model, DType.FLOAT32, masters::of);
        }
    }
}
