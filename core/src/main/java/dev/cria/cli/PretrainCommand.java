package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.parallel.Launched;
import dev.cria.parallel.Ranks;
import dev.cria.train.Interruption;
import dev.cria.train.Pretraining;
import dev.cria.train.Pretraining.OptimizerState;
import dev.cria.train.Recipe;
import dev.cria.train.RunDirectory;
import dev.cria.train.Trainer.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Pretraining: a new run, or one that goes on. */
@Command(
        name = "pretrain",
        description = "Trains a model from a configuration, or continues a run exactly where a checkpoint left it.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria pretrain --config examples/llama-124m.yaml --data data/fineweb-edu --out runs/a",
            "  ./cria pretrain --resume runs/a",
            "  ./cria pretrain --resume runs/a --at 2000 --without-optimizer-state --out runs/b"
        })
final class PretrainCommand implements Callable<Integer> {
    static final int INTERRUPTED = 130;

    @Option(names = "--config", paramLabel = "FILE", description = "The configuration of a new run (YAML).")
    private @Nullable Path config;

    @Option(names = "--init", paramLabel = "DIR", description = "A model directory to begin from.")
    private @Nullable Path init;

    @Option(names = "--data", paramLabel = "DIR", description = "Directory of token shards; overrides data.path.")
    private @Nullable Path data;

    @Option(names = "--out", paramLabel = "RUN", description = "The run's directory; with --resume, a fork.")
    private @Nullable Path out;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a key, such as optimizer.eps=1e-6.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--resume", paramLabel = "RUN", description = "The run to continue.")
    private @Nullable Path resume;

    @Option(names = "--at", paramLabel = "STEP", description = "With --resume and --out: the checkpoint to fork at.")
    private @Nullable Long at;

    @Option(
            names = "--until",
            paramLabel = "STEP",
            description = "With --resume: stop before this step, with a checkpoint. The schedule doesn't move.")
    private @Nullable Long until;

    @Option(
            names = "--without-optimizer-state",
            description = "With --resume: zero moments, to show what such a restart costs.")
    private boolean withoutOptimizerState;

    @Option(names = "--device", paramLabel = "auto|cpu|cuda|cuda:N", description = "Overrides device.")
    private @Nullable String device;

    @Mixin
    private ProgressOptions display = new ProgressOptions();

    @Override
    public Integer call() {
        try (Ranks ranks = Ranks.fromEnvironment(System.getenv(), Main::endAtOnce)) {
            Progress progress = ranks.isFirst() ? display.progress() : Progress.silent();
            Launched launched = Launched.from(System.getenv());
            var training = new Pretraining(progress, ranks, Interruption.bySignals(progress, launched.parent()));
            // An earlier attempt at this very command may have begun the run, and left a checkpoint to go on from.
            Predicate<Path> leftBehind =
                    run -> launched.restarts() > 0 && RunDirectory.isLeftBehind(run, ranks, progress);
            Outcome outcome = ranks.together(
                    () -> resume == null ? start(training, leftBehind) : goOn(training, resume, leftBehind));
            return outcome == Outcome.INTERRUPTED ? INTERRUPTED : 0;
        }
    }

    private Outcome start(Pretraining training, Predicate<Path> leftBehind) {
        if (config == null) {
            throw new RequestException("pretrain needs --config FILE or --resume RUN", "./cria pretrain --help");
        }
        if (at != null || until != null || withoutOptimizerState) {
            throw new RequestException(
                    "--at, --until and --without-optimizer-state go with --resume", "./cria pretrain --help");
        }
        List<String> overrides = overrides();
        Optional.ofNullable(out).ifPresent(path -> overrides.add("out=" + quoted(path)));
        Recipe recipe = ConfigFile.read(config, Recipe.defaults(), overrides);
        Path run = Path.of(recipe.out());
        return leftBehind.test(run) ? training.resume(rest(run)) : training.start(recipe, Optional.ofNullable(init));
    }

    private Outcome goOn(Pretraining training, Path run, Predicate<Path> leftBehind) {
        Pretraining.Resume request = request(run);
        return out != null && leftBehind.test(out) ? training.resume(rest(out)) : training.resume(request);
    }

    private Pretraining.Resume rest(Path run) {
        return new Pretraining.Resume(
                run, OptionalLong.empty(), OptimizerState.RESTORED, Optional.empty(), step(until), overrides());
    }

    private Pretraining.Resume request(Path run) {
        if (config != null || init != null) {
            throw new RequestException(
                    "--resume takes the configuration and weights of the run itself",
                    "leave --config and --init away; --set KEY=VALUE changes single keys");
        }
        return new Pretraining.Resume(
                run,
                step(at),
                withoutOptimizerState ? OptimizerState.FORGOTTEN : OptimizerState.RESTORED,
                Optional.ofNullable(out),
                step(until),
                overrides());
    }

    private static OptionalLong step(@Nullable Long given) {
        return given == null ? OptionalLong.empty() : OptionalLong.of(given);
    }

    private List<String> overrides() {
        List<String> overrides = new ArrayList<>(settings);
        Optional.ofNullable(data).ifPresent(path -> overrides.add("data.path=" + quoted(path)));
        Optional.ofNullable(device).ifPresent(name -> overrides.add("device=" + name));
        return overrides;
    }

    private static String quoted(Path path) {
        return '"' + path.toString().replace('\\', '/') + '"';
    }
}
