package dev.cria.train;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.data.Windows;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.model.Models;
import dev.cria.model.Presets;
import dev.cria.nn.Parameters.Storage;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.GemmPeak;
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
                return train(parts, run, Segment.begun());
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
            if (request.until().isPresent() && request.until().getAsLong() <= state.step()) {
                throw new RequestException(
                        "--until " + request.until().getAsLong() + " is not after step " + state.step() + ", where "
                                + checkpoint + " goes on",
                        "--until " + Math.min(state.step() + 100, recipe.schedule().steps()));
            }
            if (request.out().isEmpty()) {
                if (ranks.isFirst()) {
                    RunLog.rewind(source.path(), state.step());
                }
                return goOn(recipe, source, checkpoint, state, request);
            }
            try (RunDirectory fork = newFork(request.out().get(), source, recipe, state.step())) {
                return goOn(recipe, fork, checkpoint, state, request);
            }
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

    private Outcome goOn(Recipe recipe, RunDirectory run, Path checkpoint, TrainerState state, Resume request) {
        Device device = Device.named(recipe.device(), ranks.localRank());
        ModelConfig config = Models.readConfig(checkpoint);
        Optional<Tokenizer> tokenizer = tokenizer(recipe.tokenizer());
        check(recipe, config, tokenizer);
        try (Shards shards = Shards.open(Path.of(recipe.data().path()))) {
            Windows windows = PretrainingParts.windows(shards, recipe, config, Split.TRAIN);
            LanguageModel model = Models.load(checkpoint, device, storage(recipe, device));
            var objective = new LanguageModelling(model, windows, recipe.batch(), ranks, tokenizer, state.step());
            try (objective) {
                var parts = new PretrainingParts(recipe, device, model, objective, shards, tokenizer);
                return train(parts, run, Segment.resumed(checkpoint, state, request));
            }
        }
    }

    /** A stretch of training between a start and an end: where its state comes from. */
    private record Segment(
            Optional<Path> checkpoint,
            Optional<TrainerState> state,
            OptimizerState optimizer,
            Optional<Path> fork,
            OptionalLong until) {
        static Segment begun() {
            return new Segment(
                    Optional.empty(), Optional.empty(), OptimizerState.FORGOTTEN, Optional.empty(), OptionalLong.empty());
        }

        static Segment resumed(Path checkpoint, TrainerState state, Resume request) {
            return new Segment(
                    Optional.of(checkpoint), Optional.of(state), request.state(), request.out(), request.until());
        }

        /** The step before which it stops. */
        long end(Recipe recipe) {
            return Math.min(until.orElse(Long.MAX_VALUE), recipe.schedule().steps());
        }
    }

    private Outcome train(PretrainingParts parts, RunDirectory run, Segment segment) {
        Recipe recipe = parts.recipe();
        Kernels kernels = Kernels.of(parts.device(), recipe.kernels());
        Environment environment = Environment.of(recipe, parts.device(), kernels, ranks);
        try (RunLog log = ranks.isFirst() ? RunLog.open(run.path()) : RunLog.silent();
                AdamW optimizer = new AdamW(kernels, parts.model().parameters(), recipe.optimizer())) {
            TrainerState state = restore(segment, optimizer, recipe, environment);
            var settings = new Trainer.Settings(
                    recipe.optimizer(),
                    recipe.checkpoint(),
                    recipe.guard(),
                    recipe.precision().recompute(),
                    segment.end(recipe));
            var around = new Trainer.Surroundings(kernels, ranks, run, log, progress, interruption);
            announce(parts, kernels, log, segment, state, environment);
            try (Trainer trainer = new Trainer(
                            parts.objective(), optimizer, Schedule.of(recipe.schedule()), settings, around, state);
                    var listeners = listeners(parts, kernels, run, log, trainer, segment.end(recipe))) {
                listeners.all().forEach(trainer::add);
                if (segment.fork().isPresent()) {
                    trainer.checkpointNow();
                }
                Outcome outcome = trainer.run();
                log.event(
                        outcome == Outcome.FINISHED ? "finished" : "interrupted",
                        trainer.state().step());
                return outcome;
            }
        }
    }

    private TrainerState restore(Segment segment, AdamW optimizer, Recipe recipe, Environment environment) {
        if (segment.state().isEmpty()) {
            return new TrainerState(
                    0, 0, 0, 0, Guard.Memory.NONE, recipe.schedule().steps(), environment.facts());
        }
        TrainerState saved = segment.state().get();
        environment.differencesFrom(saved.environment()).forEach(d -> progress.say("warning: " + d));
        if (segment.optimizer() == OptimizerState.RESTORED) {
            try (var files = SafetensorsDirectory.open(segment.checkpoint().orElseThrow(), "optimizer")) {
                optimizer.moments().read(files);
            }
            optimizer.resumeAt(saved.optimizerSteps());
        }
        return new TrainerState(
                saved.step(),
                saved.tokens(),
                optimizer.steps(),
                saved.elapsedSeconds(),
                saved.guard(),
                recipe.schedule().steps(),
                environment.facts());
    }

    /** The first screen: what was decided, and the event that begins the segment. */
    private void announce(
            PretrainingParts parts,
            Kernels kernels,
            RunLog log,
            Segment segment,
            TrainerState state,
            Environment environment) {
        if (!ranks.isFirst()) {
            return;
        }
        Recipe recipe = parts.recipe();
        ModelConfig config = parts.model().config();
        int seq = recipe.batch().sequenceLength();
        progress.say("model      %s parameters, %d layers, hidden %d, vocabulary %d, %.2f GFLOP a token"
                .formatted(
                        millions(config.parameterCount()),
                        config.layers(),
                        config.hiddenSize(),
                        config.vocabSize(),
                        config.flopsPerToken(seq) / 1e9));
        progress.say("compute    %s, %s kernels, %s"
                .formatted(parts.device(), kernels.name(), environment.facts().get("compute")));
        progress.say("data       %s: %d training tokens, %d a step = %d × %d × %d × %d rank(s)"
                .formatted(
                        recipe.data().path(),
                        parts.shards().tokens(Split.TRAIN),
                        recipe.batch().tokensPerStep(),
                        recipe.batch().microBatch(),
                        seq,
                        parts.objective().microBatches(0),
                        ranks.size()));
        segment.checkpoint()
                .ifPresent(c -> progress.say("resumed    from " + c + " at step " + state.step()
                        + (segment.optimizer() == OptimizerState.RESTORED ? "" : ", without the optimizer's state")));
        boolean resumed = segment.checkpoint().isPresent();
        log.event(
                resumed ? "resumed" : "started",
                state.step(),
                "from",
                segment.checkpoint().map(Path::toString).orElse(""),
                "optimizer_state",
                resumed && segment.optimizer() == OptimizerState.RESTORED ? "with" : "without",
                "ranks",
                ranks.size(),
                "device",
                parts.device().toString(),
                "flops_per_token",
                parts.objective().flopsPerToken(),
                "peak_source",
                environment.peakSource(),
                "environment",
                environment.facts(),
                "record",
                Environment.record());
    }

    private static String millions(long count) {
        return count >= 1_000_000_000 ? "%.2fB".formatted(count / 1e9) : "%.1fM".formatted(count / 1e6);
    }

    private Listeners listeners(
            PretrainingParts parts, Kernels kernels, RunDirectory run, RunLog log, Trainer trainer, long steps) {
        if (!ranks.isFirst()) {
            return new Listeners(List.of());
        }
        Recipe recipe = parts.recipe();
        List<Listener> all = new ArrayList<>();
        DType compute = parts.model().parameters().storage().compute();
        all.add(new MetricsListener(
                log,
                progress,
                recipe.log(),
                trainer.state().step(),
                steps,
                parts.objective().flopsPerToken(),
                GemmPeak.measure(kernels, compute, parts.device()) * ranks.size(),
                () -> trainer.state().elapsedSeconds()));
        List<Evaluations> outputs = new ArrayList<>(List.of(log));
        if (recipe.log().tensorboard()) {
            TensorBoard board = TensorBoard.open(run.path(), trainer.state().step());
            all.add(board);
            outputs.add(board);
        }
        all.addAll(parts.evaluations(kernels, outputs, progress));
        return new Listeners(all);
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
