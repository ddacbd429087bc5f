package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.model.EndOfText;
import dev.cria.model.LlamaConfig;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Sharing;
import dev.cria.parallel.Ranks;
import dev.cria.run.WeightsId;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.InputChanges;
import dev.cria.train.MachineMemory;
import dev.cria.train.Origin;
import dev.cria.train.RunContext;
import dev.cria.train.SessionPlan;
import dev.cria.train.Training;
import dev.cria.train.TrainingKind.Fit;
import dev.cria.train.TrainingKind.Ready;
import dev.cria.weights.ModelPlace;
import dev.cria.weights.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** A tuning that was checked against its rows, its base model and the machine. */
record PreparedTuning(
        TuningRecipe recipe,
        Origin origin,
        RunContext context,
        Path base,
        LlamaConfig config,
        int maxLength,
        InstructionData data,
        Device device)
        implements Ready {

    /** Checks all that can be checked before a weight is allocated. */
    static PreparedTuning of(TuningRecipe recipe, Origin origin, RunContext context, Fit fit) {
        int ranks = context.ranks().size();
        if (recipe.batch().accumulation() % ranks != 0) {
            throw new RequestException(
                    "batch.accumulation is " + recipe.batch().accumulation() + ", not a multiple of " + ranks
                            + " ranks",
                    "--set batch.accumulation=" + ranks);
        }
        recipe.parallel().check(recipe.batch().accumulation(), ranks);
        recipe.rates();
        Device device = Device.named(recipe.device(), context.ranks().localRank());
        Path base = ModelPlace.of(Path.of(recipe.model()));
        LlamaConfig config = TunedModel.config(base);
        if (fit == Fit.REQUIRED) {
            requireFit(recipe, config, device);
        }
        int wanted = recipe.data().maxLength();
        if (wanted > config.positions()) {
            context.progress()
                    .say("data.max_length %d is lowered to the model's %d positions"
                            .formatted(wanted, config.positions()));
        }
        int maxLength = Math.min(wanted, config.positions());
        InstructionData data = data(recipe, base, config, maxLength);
        return new PreparedTuning(recipe, origin, context, base, config, maxLength, data, device);
    }

    /** The frozen weights alone are a lower bound of what is needed. */
    private static void requireFit(TuningRecipe recipe, LlamaConfig config, Device device) {
        DType kept = recipe.precision().kept(device).orElse(recipe.precision().compute(device));
        double need = (double) config.parameterCount() * kept.bytes();
        double memory = MachineMemory.total(device);
        if (need > memory) {
            throw new RequestException(
                    "the model's weights need %.1f GB of memory and %s has %.1f GB"
                            .formatted(need / 1e9, device.isCpu() ? "this machine" : device, memory / 1e9),
                    "--set precision.base=int8, or --force to start anyway");
        }
    }

    static InstructionData data(TuningRecipe recipe, Path directory, LlamaConfig config, int maxLength) {
        List<Path> files = recipe.data().files().stream().map(Path::of).toList();
        if (files.isEmpty()) {
            throw new RequestException("no rows are given", "--data rows.json");
        }
        Optional<Template> template = tokenizer(recipe, directory)
                .map(t -> Template.named(recipe.data().template(), t));
        return InstructionData.of(
                InstructionFiles.read(files), template, recipe.data().lossOn(), maxLength, config.vocabSize());
    }

    /** The tokenizer that a recipe means; none where {@code auto} finds none beside the model. */
    static Optional<Tokenizer> tokenizer(TuningRecipe recipe, Path directory) {
        if (!recipe.tokenizer().equals("auto")) {
            return Optional.of(Tokenizers.named(recipe.tokenizer()));
        }
        boolean there = Files.isRegularFile(directory.resolve("tokenizer.json"));
        return there ? Optional.of(Tokenizers.load(directory)) : Optional.empty();
    }

    @Override
    public Map<String, String> inputs() {
        if (!context.ranks().isFirst()) {
            return Map.of();
        }
        Map<String, String> inputs = new TreeMap<>();
        recipe.data().files().forEach(f -> inputs.put(f, AtomicFiles.sha256(Path.of(f))));
        tokenizer(recipe, base).ifPresent(t -> inputs.put(InputChanges.TOKENIZER, t.fingerprint()));
        WeightsId.of(base).ifPresent(weights -> inputs.put(InputChanges.BASE, weights.sha256()));
        return inputs;
    }

    @Override
    public Training load() {
        Ranks ranks = context.ranks();
        var storage = Storage.training(recipe.precision().compute(device), DType.FLOAT32)
                .shared(Sharing.of(recipe.parallel().shard(), ranks.rank(), ranks.size()));
        Adapters adapters = adapters(recipe, config, origin.weights(), device, storage);
        TunedModel model = TunedModel.load(base, adapters, recipe.precision().kept(device), device);
        var objective = new InstructionTuning(model, recipe, data, maxLength, ranks);
        var plan = new SessionPlan(
                recipe.optimizer(),
                recipe.rates(),
                recipe.schedule().steps(),
                OptionalLong.empty(),
                recipe.precision().recompute(),
                recipe.parallel(),
                recipe.checkpoint(),
                recipe.log(),
                recipe.guard(),
                recipe.batch().microBatch(),
                storage,
                device,
                Kernels.of(device, recipe.kernels()));
        String afterwards = "./cria chat " + Training.shellWord(recipe.out());
        return new Training(
                "tune", objective, plan, List.of(), Optional.empty(), describe(adapters, objective), afterwards);
    }

    private static Adapters adapters(
            TuningRecipe recipe, LlamaConfig config, Optional<Path> files, Device device, Storage storage) {
        if (files.isPresent()) {
            Adapters loaded = PeftFiles.load(files.get(), config, device, storage);
            requireSame(loaded, recipe.lora(), files.get(), config);
            return loaded;
        }
        Lora lora = recipe.lora();
        var chosen = Adapters.isOneOf(lora.targets());
        Adapters made = Adapters.allocate(config, lora.rank(), lora.alpha() / lora.rank(), chosen, device, storage);
        Models.initialize(made.parameters(), recipe.seed());
        return made;
    }

    /** Adapters of another shape than the configuration's would be written with a wrong adapter_config.json. */
    private static void requireSame(Adapters loaded, Lora lora, Path files, LlamaConfig config) {
        var chosen = Adapters.isOneOf(lora.targets());
        List<Adapters.Module> wanted = Adapters.modules(config).stream()
                .filter(m -> chosen.test(m.name()))
                .toList();
        boolean same = loaded.modules().equals(wanted)
                && loaded.rank() == lora.rank()
                && loaded.scale() == lora.alpha() / lora.rank();
        if (!same) {
            throw new RequestException(
                    files + " has adapters of rank " + loaded.rank() + " and scale " + loaded.scale() + " on "
                            + loaded.modules().size() + " projections; the configuration wants rank " + lora.rank()
                            + ", scale " + lora.alpha() / lora.rank() + ", " + wanted.size() + " projections",
                    "give lora.rank, lora.alpha and lora.targets as the adapter's adapter_config.json has them");
        }
    }

    private List<String> describe(Adapters adapters, InstructionTuning objective) {
        long trained = adapters.parameters().elements();
        List<String> lines = new ArrayList<>();
        lines.add("model      %s: %,d frozen parameters, %,d trained in adapters of rank %d (%.2f%%)"
                .formatted(
                        base,
                        config.parameterCount(),
                        trained,
                        recipe.lora().rank(),
                        100.0 * trained / config.parameterCount()));
        lines.add("data       " + data.describe());
        data.describe(recipe.data().files(), recipe.order(data)).forEach(line -> lines.add("           " + line));
        lines.add("batch      %d rows a step = %d × %d, %s, %.1f rounds over the rows in %d steps"
                .formatted(
                        recipe.batch().rows(),
                        recipe.batch().microBatch(),
                        recipe.batch().accumulation(),
                        recipe.data().packing() ? "packed" : "padded",
                        objective.rounds(recipe.schedule().steps()),
                        recipe.schedule().steps()));
        lines.addAll(recipe.schedule().warnings());
        tokenizer(recipe, base).flatMap(t -> EndOfText.warning(config, t)).ifPresent(lines::add);
        return lines;
    }

    @Override
    public void close() {}
}
