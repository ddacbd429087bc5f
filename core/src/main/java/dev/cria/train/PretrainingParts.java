package dev.cria.train;

import dev.cria.Progress;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.data.WindowOrder;
import dev.cria.data.Windows;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a pretraining is made of, and the evaluations that its recipe asks for along the way. */
record PretrainingParts(
        Recipe recipe,
        Device device,
        LanguageModel model,
        LanguageModelling objective,
        Shards shards,
        Optional<Tokenizer> tokenizer) {

    /** What is trained, and on what. */
    List<String> describe(int ranks) {
        ModelConfig config = model.config();
        int seq = recipe.batch().sequenceLength();
        return List.of(
                "model      %s parameters, %d layers, hidden %d, vocabulary %d, %.2f GFLOP a token"
                        .formatted(
                                millions(config.parameterCount()),
                                config.layers(),
                                config.hiddenSize(),
                                config.vocabSize(),
                                config.flopsPerToken(seq) / 1e9),
                "data       %s: %d training tokens, %d a step = %d × %d × %d × %d rank(s)"
                        .formatted(
                                recipe.data().path(),
                                shards.tokens(Split.TRAIN),
                                recipe.batch().tokensPerStep(),
                                recipe.batch().microBatch(),
                                seq,
                                objective.microBatches(0),
                                ranks));
    }

    private static String millions(long count) {
        return count >= 1_000_000_000 ? "%.2fB".formatted(count / 1e9) : "%.1fM".formatted(count / 1e6);
    }

    /** Validation, benchmarks and samples, in the order in which they run at a step. */
    List<Listener> evaluations(Kernels kernels, List<Evaluations> outputs, Progress progress) {
        return Stream.of(
                        validation(kernels, outputs, progress),
                        benchmarks(kernels, outputs, progress),
                        samples(kernels, outputs, progress))
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<Listener> validation(Kernels kernels, List<Evaluations> outputs, Progress progress) {
        if (recipe.validation().every() == 0) {
            return Optional.empty();
        }
        if (shards.of(Split.VALIDATION).isEmpty()) {
            progress.say("warning: " + recipe.data().path() + " has no validation shard; no validation loss is shown");
            return Optional.empty();
        }
        return Optional.of(new ValidationListener(
                model,
                kernels,
                windows(shards, recipe, model.config(), Split.VALIDATION),
                recipe.validation(),
                recipe.batch().microBatch(),
                outputs,
                progress,
                recipe.schedule().steps()));
    }

    private Optional<Listener> benchmarks(Kernels kernels, List<Evaluations> outputs, Progress progress) {
        if (recipe.benchmarks().every() == 0) {
            return Optional.empty();
        }
        if (recipe.benchmarks().path().isEmpty()) {
            progress.say("benchmarks off: benchmarks.path names no directory of rows");
            return Optional.empty();
        }
        return tokenizer.map(t -> new BenchmarksListener(
                model,
                kernels,
                t,
                recipe.benchmarks(),
                outputs,
                progress,
                recipe.schedule().steps()));
    }

    private Optional<Listener> samples(Kernels kernels, List<Evaluations> outputs, Progress progress) {
        if (recipe.samples().every() == 0) {
            return Optional.empty();
        }
        return tokenizer.map(t -> new SamplesListener(
                model,
                kernels,
                t,
                recipe.samples(),
                recipe.seed(),
                outputs,
                progress,
                recipe.schedule().steps()));
    }

    /** The windows of a split, in the order that the recipe asks for. */
    static Windows windows(Shards shards, Recipe recipe, ModelConfig config, Split split) {
        WindowOrder order =
                switch (recipe.data().order()) {
                    case SEQUENTIAL -> new WindowOrder.Sequential();
                    case SHUFFLED ->
                        split == Split.TRAIN ? new WindowOrder.Shuffled(recipe.seed()) : new WindowOrder.Sequential();
                };
        return shards.windows(split, recipe.batch().sequenceLength(), config.vocabSize(), order);
    }
}
