package dev.cria.tune;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.model.LlamaConfig;
import dev.cria.model.ModelPlace;
import dev.cria.model.Models;
import dev.cria.nn.Parameters.Storage;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.Checkpoints;
import dev.cria.train.Interruption;
import dev.cria.train.Origin;
import dev.cria.train.RunDirectory;
import dev.cria.train.RunLog;
import dev.cria.train.SessionPlan;
import dev.cria.train.Trainer.Outcome;
import dev.cria.train.TrainingSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Instruction tuning from a configuration, or from a checkpoint of a run; the parts are made and joined here. */
public final class Tuning {
    private static final String CONFIG = "config.yaml";
    private static final String ADAPTER = "adapter";

    private final Progress progress;
    private final Ranks ranks;
    private final Interruption interruption;

    public Tuning(Progress progress, Ranks ranks, Interruption interruption) {
        this.progress = progress;
        this.ranks = ranks;
        this.interruption = interruption;
    }

    /**
     * Begins a run, whose last adapter goes into {@code RUN/adapter}.
     *
     * @param initAdapter adapters to begin from, instead of new ones
     */
    public Outcome start(TuningRecipe recipe, Optional<Path> initAdapter) {
        try (Prepared prepared = prepare(recipe, initAdapter)) {
            try (RunDirectory run = newRun(Path.of(recipe.out()), recipe)) {
                return train(recipe, prepared, run, new Origin.Beginning());
            }
        }
    }

    /** The directory of a new run: the first rank makes it, the others know where it lies. */
    private RunDirectory newRun(Path path, TuningRecipe recipe) {
        if (!ranks.isFirst()) {
            return RunDirectory.heldByAnotherRank(path);
        }
        RunDirectory made = RunDirectory.create(path, "tune");
        AtomicFiles.write(made.path().resolve(CONFIG), ConfigFile.toYaml(recipe));
        return made;
    }

    /** Goes on from the newest whole checkpoint of a run. */
    public Outcome resume(Path runPath, List<String> overrides) {
        Path config = runPath.resolve(CONFIG);
        if (!Files.isRegularFile(config)) {
            throw new RequestException(
                    runPath + " is no run: it has no " + CONFIG, "name a directory that tune has written");
        }
        TuningRecipe recipe = ConfigFile.read(config, TuningRecipe.defaults(), overrides);
        try (RunDirectory run =
                ranks.isFirst() ? RunDirectory.existing(runPath) : RunDirectory.heldByAnotherRank(runPath)) {
            Path checkpoint = Path.of(ranks.fromFirst(() ->
                    Checkpoints.find(runPath, OptionalLong.empty(), progress).toString()));
            Origin origin = Origin.Checkpoint.in(checkpoint);
            long step = origin.saved().orElseThrow().step();
            if (step >= recipe.schedule().steps()) {
                progress.say(runPath + " is finished: it has taken all " + step + " steps");
                if (ranks.isFirst()) {
                    // It may have been killed between its last checkpoint and this.
                    PeftFiles.copy(checkpoint, runPath.resolve(ADAPTER));
                }
                return Outcome.FINISHED;
            }
            if (ranks.isFirst()) {
                RunLog.rewind(runPath, step);
            }
            try (Prepared prepared = prepare(recipe, Optional.of(checkpoint))) {
                return train(recipe, prepared, run, origin);
            }
        }
    }

    /** What a tuning is made of. */
    private record Prepared(InstructionTuning objective, Device device, Kernels kernels, Storage storage)
            implements AutoCloseable {
        @Override
        public void close() {
            objective.close();
        }
    }

    private Prepared prepare(TuningRecipe recipe, Optional<Path> adapterFiles) {
        if (recipe.batch().accumulation() % ranks.size() != 0) {
            throw new RequestException(
                    "batch.accumulation is " + recipe.batch().accumulation() + ", not a multiple of " + ranks.size()
                            + " ranks",
                    "--set batch.accumulation=" + ranks.size());
        }
        Path directory = ModelPlace.of(Path.of(recipe.model()));
        LlamaConfig config = TunedModel.config(directory);
        int maxLength = maxLength(recipe, config);
        InstructionData data = data(recipe, directory, config, maxLength);
        Device device = Device.named(recipe.device(), ranks.localRank());
        DType compute = recipe.precision().compute(device);
        var storage = Storage.training(compute, DType.FLOAT32);
        Adapters adapters = adapters(recipe, config, adapterFiles, device, storage);
        TunedModel model =
                TunedModel.load(directory, adapters, recipe.precision().kept(device), device);
        announce(recipe, directory, config, adapters, data);
        var objective = new InstructionTuning(model, recipe, data, maxLength, ranks);
        return new Prepared(objective, device, Kernels.of(device, recipe.kernels()), storage);
    }

    private int maxLength(TuningRecipe recipe, LlamaConfig config) {
        int wanted = recipe.data().maxLength();
        if (wanted > config.positions()) {
            progress.say(
                    "data.max_length %d is lowered to the model's %d positions".formatted(wanted, config.positions()));
        }
        return Math.min(wanted, config.positions());
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

    private void announce(
            TuningRecipe recipe, Path directory, LlamaConfig config, Adapters adapters, InstructionData data) {
        if (!ranks.isFirst()) {
            return;
        }
        long trained = adapters.parameters().elements();
        progress.say("model      %s: %,d frozen parameters, %,d trained in adapters of rank %d (%.2f%%)"
                .formatted(
                        directory,
                        config.parameterCount(),
                        trained,
                        recipe.lora().rank(),
                        100.0 * trained / config.parameterCount()));
        progress.say("data       " + data.describe());
        progress.say("batch      %d rows a step = %d × %d, %s, %.1f rounds over the rows in %d steps"
                .formatted(
                        recipe.batch().rows(),
                        recipe.batch().microBatch(),
                        recipe.batch().accumulation(),
                        recipe.data().packing() ? "packed" : "padded",
                        (double) recipe.batch().rows()
                                * recipe.schedule().steps()
                                / data.rows().size(),
                        recipe.schedule().steps()));
    }

    private Outcome train(TuningRecipe recipe, Prepared prepared, RunDirectory run, Origin origin) {
        var plan = new SessionPlan(
                recipe.optimizer(),
                recipe.rates(),
                recipe.schedule().steps(),
                OptionalLong.empty(),
                recipe.precision().recompute(),
                recipe.checkpoint(),
                recipe.log(),
                recipe.guard(),
                recipe.batch().microBatch(),
                prepared.storage(),
                prepared.device(),
                prepared.kernels());
        Outcome outcome =
                new TrainingSession(progress, ranks, interruption).run(prepared.objective(), plan, run, origin);
        if (outcome == Outcome.FINISHED && ranks.isFirst()) {
            Path adapter = run.path().resolve(ADAPTER);
            prepared.objective().write(adapter, Models::weights);
            progress.say("adapter    " + adapter);
        }
        return outcome;
    }
}
