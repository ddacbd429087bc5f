package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.parallel.Launched;
import dev.cria.parallel.Ranks;
import dev.cria.run.RunDirectory.Leftover;
import dev.cria.run.RunFiles;
import dev.cria.train.Interruption;
import dev.cria.train.RunContext;
import dev.cria.train.Runs;
import dev.cria.train.Runs.OptimizerState;
import dev.cria.train.Trainer.Outcome;
import dev.cria.train.TrainingKind;
import dev.cria.train.TrainingKind.Fit;
import dev.cria.weights.NamedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a training starts, resumes or forks: what {@code pretrain} and {@code tune} share; use it as a picocli mixin. */
final class TrainingOptions {
    static final int INTERRUPTED = 130;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration of a new run, in YAML; docs/keys.md lists every key.")
    private @Nullable Path config;

    @Option(
            names = "--out",
            paramLabel = "RUN",
            description = "Run directory, overrides out; with --resume, the directory of a fork.")
    private @Nullable Path out;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Override a key, such as optimizer.eps=1e-6.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--resume", paramLabel = "RUN", description = "Run to resume.")
    private @Nullable Path resume;

    @Option(
            names = "--at",
            paramLabel = "STEP",
            description = "With --resume and --out: step of the checkpoint to fork at.")
    private @Nullable Long at;

    @Option(
            names = "--until",
            paramLabel = "STEP",
            description = "Stop before this step, with a checkpoint; the schedule stays the same.")
    private @Nullable Long until;

    @Option(
            names = "--without-optimizer-state",
            description = "With --resume: start from zero moments, to show what such a restart costs.")
    private boolean withoutOptimizerState;

    @Option(names = "--force", description = "Start a training that does not fit in this machine's memory.")
    private boolean force;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "auto, cpu, cuda or cuda:N; overrides the key device.")
    private @Nullable String device;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    @Mixin
    private ProgressOptions display = new ProgressOptions();

    /**
     * What a command adds.
     *
     * @param overrides of keys that have an option of their own
     * @param weights a directory to begin from
     * @param newRunsOnly options that were given and go with a new run alone
     * @param recipe the configuration of a new run, refused where something is missing
     */
    record Own<R extends Record>(
            List<String> overrides,
            Optional<Path> weights,
            List<String> newRunsOnly,
            Function<List<String>, R> recipe) {}

    /** Where a model or adapter that is named lies; one of the hub is fetched. */
    Path model(String name) {
        return NamedModel.of(name, display.progress()).path();
    }

    Optional<Path> config() {
        return Optional.ofNullable(config);
    }

    Optional<Path> out() {
        return Optional.ofNullable(out);
    }

    /** A run and the configuration that it would be trained with. */
    record Asked<R extends Record>(Path run, R recipe) {}

    /** What is asked for, looked at without beginning anything. */
    <R extends Record> Asked<R> asked(TrainingKind<R> kind, Own<R> own) {
        if (resume == null) {
            R recipe = own.recipe().apply(overrides(own));
            return new Asked<>(kind.out(recipe), recipe);
        }
        R recipe = ConfigFile.read(new RunFiles(resume).config(), kind.defaults(), withDevice(own));
        Path run = out().filter(fork -> !new RunFiles(fork).checkpoints().isEmpty())
                .orElse(resume);
        return new Asked<>(run, recipe);
    }

    /** Trains, and returns the exit code. */
    <R extends Record> int train(TrainingKind<R> kind, Own<R> own) {
        try (Ranks ranks = Ranks.fromEnvironment(System.getenv(), Main::endAtOnce)) {
            Progress progress = ranks.isFirst() ? display.progress() : Progress.silent();
            Launched launched = Launched.from(System.getenv());
            var context = new RunContext(progress, ranks, Interruption.bySignals(progress, launched.parent()));
            Runs<R> runs = new Runs<>(kind, context);
            Outcome outcome = ranks.together(
                    () -> resume == null ? start(kind, runs, own, launched) : resume(runs, own, launched));
            return outcome == Outcome.INTERRUPTED ? INTERRUPTED : 0;
        }
    }

    private <R extends Record> Outcome start(TrainingKind<R> kind, Runs<R> runs, Own<R> own, Launched launched) {
        if (at != null || withoutOptimizerState) {
            throw new RequestException(
                    "--at and --without-optimizer-state go with --resume", "./cria " + kind.command() + " --help");
        }
        R recipe = own.recipe().apply(overrides(own));
        Path run = kind.out(recipe);
        // An earlier attempt at this very command may have begun the run, and left a checkpoint to resume from.
        return isAgain(launched) && runs.hasCheckpoint(run)
                ? runs.resume(rest(run, own))
                : runs.start(new Runs.Start<>(recipe, own.weights(), step(until), fit(), leftover(launched)));
    }

    private <R extends Record> Outcome resume(Runs<R> runs, Own<R> own, Launched launched) {
        if (config != null || !own.newRunsOnly().isEmpty()) {
            List<String> given = new ArrayList<>(own.newRunsOnly());
            config().ifPresent(_ -> given.addFirst("--config"));
            throw new RequestException(
                    "--resume takes configuration, data and weights of the run itself",
                    "remove " + String.join(", ", given) + "; --set KEY=VALUE changes single keys");
        }
        if (out != null && isAgain(launched) && runs.hasCheckpoint(out)) {
            return runs.resume(rest(out, own));
        }
        return runs.resume(new Runs.Resume(
                Objects.requireNonNull(resume),
                step(at),
                withoutOptimizerState ? OptimizerState.FORGOTTEN : OptimizerState.RESTORED,
                out(),
                step(until),
                withDevice(own),
                fit(),
                leftover(launched)));
    }

    /** What is left of a run that an earlier attempt has begun. */
    private Runs.Resume rest(Path run, Own<?> own) {
        return new Runs.Resume(
                run,
                OptionalLong.empty(),
                OptimizerState.RESTORED,
                Optional.empty(),
                step(until),
                withDevice(own),
                fit(),
                Leftover.REFUSED);
    }

    private static boolean isAgain(Launched launched) {
        return launched.restarts() > 0;
    }

    private static Leftover leftover(Launched launched) {
        return isAgain(launched) ? Leftover.SET_ASIDE : Leftover.REFUSED;
    }

    private Fit fit() {
        return force ? Fit.FORCED : Fit.REQUIRED;
    }

    private static OptionalLong step(@Nullable Long given) {
        return given == null ? OptionalLong.empty() : OptionalLong.of(given);
    }

    /** The settings of a new run, which has its directory among them. */
    List<String> overrides(Own<?> own) {
        List<String> overrides = withDevice(own);
        out().ifPresent(path -> overrides.add(ConfigFile.setting("out", path.toString())));
        return overrides;
    }

    private List<String> withDevice(Own<?> own) {
        List<String> overrides = new ArrayList<>(settings);
        overrides.addAll(own.overrides());
        Optional.ofNullable(device).ifPresent(name -> overrides.add(ConfigFile.setting("device", name)));
        return overrides;
    }
}
