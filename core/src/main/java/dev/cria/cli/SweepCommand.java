package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.parallel.Launched;
import dev.cria.parallel.OwnProcess;
import dev.cria.sweep.Sweep;
import dev.cria.sweep.Sweep.Outcome;
import dev.cria.sweep.SweepPlan;
import dev.cria.train.Interruption;
import dev.cria.train.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cria sweep}: which values of a configuration's keys learn best. */
@Command(
        name = "sweep",
        description = {
            "Trains one configuration with many values of some keys, one run directory a trial, and compares them.",
            "The same command, or --resume, goes on where an earlier one was stopped; nothing is overwritten."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria sweep --config examples/nano.yaml --vary optimizer.kind=adamw,muon"
                    + " --vary schedule.learning_rate=1.2e-3,2.4e-3 --out sweeps/a",
            "  ./cria sweep --config examples/nano.yaml --vary schedule.learning_rate=1e-4..1e-2 --random 9 --halving 3"
                    + " --out sweeps/b",
            "  ./cria sweep --resume sweeps/b"
        })
final class SweepCommand implements Callable<Integer> {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration of all trials, in YAML; docs/keys.md lists every key.")
    private @Nullable Path config;

    @Option(
            names = "--vary",
            paramLabel = "KEY=A,B,…",
            description = {
                "Values of a key to try; several --vary make a grid.",
                "LOW..HIGH draws from all magnitudes alike, with --random; KEY1/KEY2=A1/A2,B1/B2 move together."
            })
    private List<String> vary = new ArrayList<>();

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Override a key for all trials.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--data", paramLabel = "DIR", description = "Directory of token shards; overrides data.path.")
    private @Nullable Path data;

    @Option(names = "--random", paramLabel = "N", description = "Try N random draws instead of the whole grid.")
    private @Nullable Integer random;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1337",
            description = "Seed of the draws; trials have the key seed (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--halving",
            paramLabel = "ETA",
            description = "Stop trials early: of those at a rung, the best 1/ETA go on to the next, ETA times as far.")
    private @Nullable Integer halving;

    @Option(
            names = "--first-rung",
            paramLabel = "STEPS",
            description = "With --halving: steps of the first rung (default: so few that about one trial is left).")
    private @Nullable Long firstRung;

    @Option(names = "--out", paramLabel = "DIR", description = "Directory of the sweep.")
    private @Nullable Path out;

    @Option(names = "--resume", paramLabel = "DIR", description = "Sweep to go on with.")
    private @Nullable Path resume;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    @Mixin
    private ProgressOptions display = new ProgressOptions();

    @Override
    public Integer call() {
        Progress progress = display.progress();
        OwnProcess process = new OwnProcess(Main.class, System.err);
        Sweep.Trainings trainings = arguments -> process.run(display.passedOn(arguments));
        Sweep sweep = resume == null ? begun(trainings, progress) : resumed(resume, trainings, progress);
        Outcome outcome = sweep.run(
                Interruption.bySignals(progress, Launched.from(System.getenv()).parent()));
        if (outcome == Outcome.INTERRUPTED) {
            progress.say("stopped; ./cria sweep --resume " + sweep.out() + " goes on");
            return TrainingOptions.INTERRUPTED;
        }
        sweep.best().ifPresent(System.out::println);
        System.out.println(sweep.report());
        return 0;
    }

    private Sweep begun(Sweep.Trainings trainings, Progress progress) {
        if (config == null || out == null) {
            throw new RequestException(
                    "sweep needs --config FILE, --vary KEY=A,B,… and --out DIR; or --resume DIR",
                    "./cria sweep --help");
        }
        List<String> overrides = new ArrayList<>(settings);
        Optional.ofNullable(data).ifPresent(path -> overrides.add(ConfigFile.setting("data.path", path.toString())));
        return Sweep.of(
                new SweepPlan(vary, random, seed, halving, firstRung),
                ConfigFile.read(config, Recipe.defaults(), overrides),
                out,
                trainings,
                progress);
    }

    private Sweep resumed(Path directory, Sweep.Trainings trainings, Progress progress) {
        boolean more = config != null
                || out != null
                || data != null
                || random != null
                || halving != null
                || firstRung != null
                || !vary.isEmpty()
                || !settings.isEmpty();
        if (more) {
            throw new RequestException(
                    "--resume takes all that it needs from " + directory, "./cria sweep --resume " + directory);
        }
        return Sweep.resumed(directory, trainings, progress);
    }
}
