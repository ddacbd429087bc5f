package dev.cria.train;

import dev.cria.RequestException;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.data.Windows;
import dev.cria.eval.Evaluation;
import dev.cria.eval.ModelScorer;
import dev.cria.model.EndOfText;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.model.Presets;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Sharing;
import dev.cria.optim.Schedule;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.TrainingKind.Fit;
import dev.cria.train.TrainingKind.Ready;
import dev.cria.weights.Models;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** A pretraining that was checked against its data, its model and the machine. */
final class PreparedPretraining implements Ready {
    /** Epochs after which repeated data are worth less and less (Muennighoff et al. 2023, Data-Constrained Scaling). */
    private static final double WORTHWHILE_EPOCHS = 4;

    private final Recipe recipe;
    private final Origin origin;
    private final RunContext context;
    private final ModelConfig config;
    private final Optional<Tokenizer> tokenizer;
    private final Device device;
    private final Shards shards;
    private final Windows training;
    private final Optional<Windows> validation;
    private final Optional<Evaluation> benchmarks;

    private PreparedPretraining(
            Recipe recipe,
            Origin origin,
            RunContext context,
            ModelConfig config,
            Optional<Tokenizer> tokenizer,
            Device device,
            Shards shards) {
        this.recipe = recipe;
        this.origin = origin;
        this.context = context;
        this.config = config;
        this.tokenizer = tokenizer;
        this.device = device;
        this.shards = shards;
        this.training = windows(Split.TRAIN);
        this.validation = validationWindows();
        this.benchmarks = loadBenchmarks();
    }

    /** Checks all that can be checked before a weight is allocated. */
    static PreparedPretraining of(Recipe recipe, Origin origin, RunContext context, Fit fit) {
        Device device = Device.named(recipe.device(), context.ranks().localRank());
        Optional<Tokenizer> tokenizer = recipe.tokenizer().equals("none")
                ? Optional.empty()
                : Optional.of(Tokenizers.named(recipe.tokenizer()));
        ModelConfig config = origin.weights().map(Models::readConfig).orElseGet(() -> newModel(recipe, tokenizer));
        recipe.check(config);
        recipe.batch().accumulation(context.ranks().size());
        recipe.parallel().check(recipe.batch().microBatches(), context.ranks().size());
        tokenizer.ifPresent(t -> requireFit(t, config));
        Path data = Path.of(recipe.data().path());
        tokenizer.ifPresent(t -> DataTokenizer.require(data, t, recipe.tokenizer(), "--set tokenizer="));
        if (fit == Fit.REQUIRED) {
            MemoryPlan.of(config, recipe, device, context.ranks().size())
                    .requireFit(recipe, device, context.ranks().localSize());
        }
        Shards shards = Shards.open(data);
        try {
            TokenCheck.check(shards, config.vocabSize());
            return new PreparedPretraining(recipe, origin, context, config, tokenizer, device, shards);
        } catch (RuntimeException e) {
            shards.close();
            throw e;
        }
    }

    /** A new model's texts end as its tokenizer ends them, unless the configuration says otherwise. */
    private static ModelConfig newModel(Recipe recipe, Optional<Tokenizer> tokenizer) {
        ModelConfig config = Presets.resolve(recipe.model(), recipe.batch().sequenceLength());
        if (recipe.model().containsKey("eos_token_id") || recipe.model().containsKey("bos_token_id")) {
            return config;
        }
        OptionalInt end = tokenizer.map(Tokenizer::endOfText).orElseGet(config::endOfText);
        return end.isPresent() && end.getAsInt() < config.vocabSize()
                ? config.withEndOfText(end)
                : config.withEndOfText(OptionalInt.empty());
    }

    private static void requireFit(Tokenizer tokenizer, ModelConfig config) {
        if (tokenizer.vocabularySize() > config.vocabSize()) {
            throw new RequestException(
                    "the tokenizer has " + tokenizer.vocabularySize() + " ids and the model's vocab_size is "
                            + config.vocabSize(),
                    "--set model.vocab_size=" + tokenizer.vocabularySize());
        }
    }

    /** The windows of a split, in the order that the recipe asks for. */
    private Windows windows(Split split) {
        return shards.windows(split, recipe.batch().sequenceLength(), config.vocabSize(), recipe.windowOrder(split));
    }

    private Optional<Windows> validationWindows() {
        if (recipe.validation().every() == 0) {
            return Optional.empty();
        }
        if (shards.of(Split.VALIDATION).isEmpty()) {
            context.progress()
                    .say("warning: " + recipe.data().path() + " has no validation shard; no validation loss is shown");
            return Optional.empty();
        }
        return Optional.of(windows(Split.VALIDATION));
    }

    private Optional<Evaluation> loadBenchmarks() {
        Recipe.Benchmarks settings = recipe.benchmarks();
        if (settings.every() > 0 && settings.path().isEmpty()) {
            context.progress().say("benchmarks off: benchmarks.path names no directory of rows");
        }
        if (!settings.areOn() || !context.ranks().isFirst()) {
            return Optional.empty();
        }
        return tokenizer.map(t -> {
            ModelScorer.requireFit(t, config);
            return Evaluation.load(
                    Path.of(settings.path().get()), settings.tasks(), settings.limit(), settings.convention(), t);
        });
    }

    @Override
    public Map<String, String> inputs() {
        if (!context.ranks().isFirst()) {
            return Map.of();
        }
        Map<String, String> inputs = new TreeMap<>(ShardHashes.of(shards));
        tokenizer.ifPresent(t -> inputs.put(InputChanges.TOKENIZER, t.fingerprint()));
        return inputs;
    }

    @Override
    public Training load() {
        Ranks ranks = context.ranks();
        Storage storage = Storage.training(
                        ComputeType.of(recipe.precision().compute(), device),
                        ComputeType.of(recipe.precision().gradients()))
                .shared(Sharing.of(recipe.parallel().shard(), ranks.rank(), ranks.size()));
        Kernels kernels = Kernels.of(device, recipe.kernels());
        LanguageModel model = origin.weights()
                .map(dir -> Models.load(dir, device, storage))
                .orElseGet(() -> Models.create(config, device, storage, recipe.seed()));
        var objective = new LanguageModelling(model, training, recipe, ranks, tokenizer, origin.step());
        Optional<WeightAverage> average = average(model, kernels);
        return new Training(
                "pretrain",
                objective,
                SessionPlan.of(recipe, Schedule.of(recipe.schedule()), storage, device, kernels),
                new InLoopEvaluators(
                                recipe,
                                model,
                                kernels,
                                average,
                                tokenizer,
                                validation,
                                benchmarks,
                                ranks,
                                context.progress())
                        .list(),
                average,
                describe(objective),
                afterwards());
    }

    /** On the first rank alone where all have the same weights; else on each, of the weights that it moves. */
    private Optional<WeightAverage> average(LanguageModel model, Kernels kernels) {
        boolean shared = model.parameters().storage().sharing().isShared();
        if (!recipe.ema().isOn() || !context.ranks().isFirst() && !shared) {
            return Optional.empty();
        }
        var average = new WeightAverage(recipe.ema(), kernels, model.parameters(), context.ranks());
        if (origin.saved().isPresent() && !average.read(origin.from().orElseThrow(), model.config())) {
            context.progress().say("average    begins with the weights of step " + origin.step());
        }
        return Optional.of(average);
    }

    /** What is trained, and on what. */
    private List<String> describe(LanguageModelling objective) {
        int seq = recipe.batch().sequenceLength();
        long steps = recipe.schedule().steps();
        double epochs = objective.rounds(steps);
        List<String> lines = new ArrayList<>();
        lines.add("model      %s parameters, %d layers, hidden %d, vocabulary %d, %.2f GFLOP a token"
                .formatted(
                        millions(config.parameterCount()),
                        config.layers(),
                        config.hiddenSize(),
                        config.vocabSize(),
                        config.flopsPerToken(seq) / 1e9));
        lines.add("data       %s: %,d training tokens, %d a step = %d × %d × %d × %d rank(s); %s epochs in %,d steps"
                .formatted(
                        recipe.data().path(),
                        shards.tokens(Split.TRAIN),
                        recipe.batch().tokensPerStep(),
                        recipe.batch().microBatch(),
                        seq,
                        objective.microBatches(0),
                        context.ranks().size(),
                        epochs < 100 ? "%.2f".formatted(epochs) : "%,.0f".formatted(epochs),
                        steps));
        if (epochs > WORTHWHILE_EPOCHS) {
            lines.add(("warning: the data are gone over %s times; beyond 4 epochs repeated tokens teach less and less"
                            + " (Muennighoff et al. 2023)")
                    .formatted(epochs < 100 ? "%.1f".formatted(epochs) : "%,.0f".formatted(epochs)));
        }
        lines.addAll(recipe.schedule().warnings());
        tokenizer.flatMap(t -> EndOfText.warning(config, t)).ifPresent(lines::add);
        return lines;
    }

    private static String millions(long count) {
        return count >= 1_000_000_000 ? "%.2fB".formatted(count / 1e9) : "%.1fM".formatted(count / 1e6);
    }

    private String afterwards() {
        String run = Invocation.quoted(recipe.out());
        return tokenizer.isPresent()
                ? "./cria generate " + run + " --prompt 'Once upon a time'"
                : "./cria eval " + run + " --data "
                        + Invocation.quoted(recipe.data().path());
    }

    @Override
    public void close() {
        shards.close();
    }
}
