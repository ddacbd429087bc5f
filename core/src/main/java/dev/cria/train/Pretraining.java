package dev.cria.train;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.data.Windows;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.model.Models;
import dev.cria.model.Presets;
import dev.cria.nn.Parameters.Storage;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.Trainer.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Pretraining from a configuration, or from a checkpoint of a run; the parts are made, joined and taken apart here. */
public final class Pretraining {
    private final Progress progress;
    private final Ranks ranks;
    private final Interruption interruption;

    public Pretraining(Progress progress, Ranks ranks, Interruption interruption) {
        this.progress = progress;
        this.ranks = ranks;
        this.interruption = interruption;
    }

    /**
     * Where a training goes on.
     *
     * @param at the step of the checkpoint; the newest whole one if none is given
     * @param state whether the moments are taken over
     * @param out a new run to fork into; the run itself if none is given
     * @param until the step to stop before, with a checkpoint, though the schedule goes on; its end if none is given
     * @param overrides {@code key.path=value} over the run's own configuration
     */
    public record Resume(
            Path run,
            OptionalLong at,
            OptimizerState state,
            Optional<Path> out,
            OptionalLong until,
            List<String> overrides) {

        /** One that goes on to the schedule's end. */
        public Resume(Path run, OptionalLong at, OptimizerState state, Optional<Path> out, List<String> overrides) {
            this(run, at, state, out, OptionalLong.empty(), overrides);
        }
    }

    /** Whether a resumed run gets its optimizer's moments back. */
    public enum OptimizerState {
        RESTORED,
        /** Zero moments and t = 1, as the paper's restarts had: to show what that costs. */
        FORGOTTEN
    }

    /** Begins a run. */
    public Outcome start(Recipe recipe, Optional<Path> init) {
        Device device = Device.named(recipe.device(), ranks.localRank());
        int seq = recipe.batch().sequenceLength();
        ModelConfig config = init.map(Models::readConfig).orElseGet(() -> Presets.resolve(recipe.model(), seq));
        Optional<Tokenizer> tokenizer = tokenizer(recipe.tokenizer());
        check(recipe, config, tokenizer);
        try (Shards shards = Shards.open(Path.of(recipe.data().path()))) {
            Windows windows = PretrainingParts.windows(shards, recipe, config, Split.TRAIN);
            TokenCheck.check(shards, config.vocabSize());
            Storage storage = storage(recipe, device);
            LanguageModel model = init.map(dir -> Models.load(dir, device, storage))
                    .orElseGet(() -> Models.create(config, device, storage, recipe.seed()));
            var objective = new LanguageModelling(model, windows, recipe.batch(), ranks, tokenizer, 0);
            try (objective;
                    RunDirectory run = newRun(Path.of(recipe.out()), recipe)) {
                var parts = new PretrainingParts(recipe, device, model, objective, shards, tokenizer);
                return train(parts, run, new Origin.Beginning(), OptionalLong.empty());
            }
        }
    }

    /** The directory of a new run: the first rank makes it, the others know where it lies. */
    private RunDirectory newRun(Path path, Recipe recipe) {
        if (!ranks.isFirst()) {
            return RunDirectory.heldByAnotherRank(path);
        }
        RunDirectory made = RunDirectory.create(path);
        AtomicFiles.write(made.path().resolve("config.yaml"), ConfigFile.toYaml(recipe));
        return made;
    }

    /** Goes on from a checkpoint. */
    public Outcome resume(Resume request) {
        if (request.at().isPresent() && request.out().isEmpty()) {
            throw new RequestException(
                    "--at " + request.at().getAsLong() + " would drop what " + request.run() + " did after it",
                    "add --out NEW_RUN to fork the run there");
        }
        Recipe recipe = recipeOf(request);
        try (RunDirectory source = ranks.isFirst()
                ? RunDirectory.existing(request.run())
                : RunDirectory.heldByAnotherRank(request.run())) {
            Path checkpoint = Path.of(ranks.fromFirst(() ->
                    Checkpoints.find(request.run(), request.at(), progress).toString()));
            TrainerState state = TrainerState.read(checkpoint);
            if (state.step() >= recipe.schedule().steps()) {
                progress.say(request.run() + " is finished: it has taken all " + state.step() + " steps");
                return Outcome.FINISHED;
            }
            checkUntil(request, checkpoint, state.step());
            Origin origin =
                    switch (request.state()) {
                        case RESTORED -> new Origin.Checkpoint(checkpoint, state);
                        case FORGOTTEN -> new Origin.WithoutMoments(checkpoint, state);
                    };
            if (request.out().isEmpty()) {
                if (ranks.isFirst()) {
                    RunLog.rewind(source.path(), state.step());
                    AtomicFiles.write(source.path().resolve("config.yaml"), ConfigFile.toYaml(recipe));
                }
                return goOn(recipe, source, origin, request.until());
            }
            try (RunDirectory fork = newFork(request.out().get(), source, recipe, state.step())) {
                return goOn(recipe, fork, origin, request.until());
            }
        }
    }

    private static void checkUntil(Resume request, Path checkpoint, long step) {
        long until = request.until().orElse(Long.MAX_VALUE);
        if (until <= step) {
            throw new RequestException(
                    "--until " + until + " is not after step " + step + ", where " + checkpoint + " goes on",
                    "--until " + (step + 100));
        }
    }

    private RunDirectory newFork(Path path, RunDirectory source, Recipe recipe, long step) {
        if (!ranks.isFirst()) {
            return RunDirectory.heldByAnotherRank(path);
        }
        RunDirectory fork = RunDirectory.create(path);
        fork.copyRecordsFrom(source.path());
        AtomicFiles.write(fork.path().resolve("config.yaml"), ConfigFile.toYaml(recipe));
        RunLog.rewind(fork.path(), step);
        return fork;
    }

    private static Recipe recipeOf(Resume request) {
        List<String> overrides = new ArrayList<>(request.overrides());
        request.out().ifPresent(out -> overrides.add("out=\"" + out.toString().replace('\\', '/') + "\""));
        Path file = request.run().resolve("config.yaml");
        if (!Files.isRegularFile(file)) {
            throw new RequestException(
                    request.run() + " is no run: it has no config.yaml", "name a directory that pretrain has written");
        }
        return ConfigFile.read(file, Recipe.defaults(), overrides);
    }

    private Outcome goOn(Recipe recipe, RunDirectory run, Origin origin, OptionalLong until) {
        Device device = Device.named(recipe.device(), ranks.localRank());
        Path checkpoint = origin.from().orElseThrow();
        long step = origin.saved().orElseThrow().step();
        ModelConfig config = Models.readConfig(checkpoint);
        Optional<Tokenizer> tokenizer = tokenizer(recipe.tokenizer());
        check(recipe, config, tokenizer);
        try (Shards shards = Shards.open(Path.of(recipe.data().path()))) {
            Windows windows = PretrainingParts.windows(shards, recipe, config, Split.TRAIN);
            LanguageModel model = Models.load(checkpoint, device, storage(recipe, device));
            var objective = new LanguageModelling(model, windows, recipe.batch(), ranks, tokenizer, step);
            try (objective) {
                var parts = new PretrainingParts(recipe, device, model, objective, shards, tokenizer);
                return train(parts, run, origin, until);
            }
        }
    }

    private Outcome train(PretrainingParts parts, RunDirectory run, Origin origin, OptionalLong until) {
        Recipe recipe = parts.recipe();
        Kernels kernels = Kernels.of(parts.device(), recipe.kernels());
        var plan = new SessionPlan(
                recipe.optimizer(),
                Schedule.of(recipe.schedule()),
                recipe.schedule().steps(),
                until,
                recipe.precision().recompute(),
                recipe.checkpoint(),
                recipe.log(),
                recipe.guard(),
                recipe.batch().microBatch(),
                parts.model().parameters().storage(),
                parts.device(),
                kernels);
        parts.describe(ranks.size()).forEach(progress::say);
        return new TrainingSession(progress, ranks, interruption)
                .run(parts.objective(), plan, run, origin, outputs -> parts.evaluations(kernels, outputs, progress));
    }

    private static Storage storage(Recipe recipe, Device device) {
        return Storage.training(
                ComputeType.of(recipe.precision().compute(), device),
                ComputeType.of(recipe.precision().gradients()));
    }

    private static Optional<Tokenizer> tokenizer(String name) {
        return name.equals("none") ? Optional.empty() : Optional.of(Tokenizers.named(name));
    }

    private void check(Recipe recipe, ModelConfig config, Optional<Tokenizer> tokenizer) {
        recipe.batch().accumulation(ranks.size());
        if (recipe.batch().sequenceLength() > config.positions()) {
            throw new RequestException(
                    "batch.sequence_length is " + recipe.batch().sequenceLength() + " and the model has "
                            + config.positions() + " positions",
                    "--set batch.sequence_length=" + config.positions());
        }
        tokenizer.filter(t -> t.vocabularySize() > config.vocabSize()).ifPresent(t -> {
            throw new RequestException(
                    "the tokenizer has " + t.vocabularySize() + " ids and the model's vocab_size is "
                            + config.vocabSize(),
                    "--set model.vocab_size=" + t.vocabularySize());
        });
    }
}
