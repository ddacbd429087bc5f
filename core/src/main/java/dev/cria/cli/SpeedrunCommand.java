package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.parallel.Launched;
import dev.cria.parallel.OwnProcess;
import dev.cria.speedrun.Speedrun;
import dev.cria.speedrun.SpeedrunPlan;
import dev.cria.sweep.Sweep.Outcome;
import dev.cria.sweep.Sweep.Trainings;
import dev.cria.train.Interruption;
import dev.cria.train.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cria speedrun}: which optimizer reaches a loss sooner. */
@Command(
        name = "speedrun",
        description = {
            "Measures the steps and the seconds that AdamW and Muon take to a validation loss.",
            "Each is tuned over the same learning rates, then trained from several seeds; without --config the nano"
                    + " model on Primer. The same command goes on where an earlier one was stopped."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria speedrun --out speedrun",
            "  ./cria speedrun --config examples/nano.yaml --data data/mine --seeds 10 --out speedruns/mine"
        })
final class SpeedrunCommand implements Callable<Integer> {
    private static final long USUAL_STEPS = 1000;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration of all runs, in YAML (default: nano on Primer, 1,024 tokens a step).")
    private @Nullable Path config;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "With --config: directory of token shards; overrides data.path.")
    private @Nullable Path data;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Override a key for all runs.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Steps of each run, without --config (default: " + USUAL_STEPS + ").")
    private @Nullable Long steps;

    @Option(
            names = "--budget",
            paramLabel = "RATE",
            split = ",",
            defaultValue = "6e-4,1.2e-3,2.4e-3,4.8e-3",
            description = "Learning rates that each optimizer is tuned over (default: ${DEFAULT-VALUE}).")
    private List<String> budget = new ArrayList<>();

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Runs of each optimizer after the tuning (default: ${DEFAULT-VALUE}).")
    private int seeds;

    @Option(
            names = "--target",
            paramLabel = "LOSS",
            description = "Validation loss to reach (default: within 0.001 of AdamW's last, seed by seed).")
    private @Nullable Double target;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Directory for everything.")
    private Path out = Path.of("speedrun");

    @Mixin
    private ThreadOption threads = new ThreadOption();

    @Mixin
    private ProgressOptions display = new ProgressOptions();

    @Override
    public Integer call() {
        Progress progress = display.progress();
        OwnProcess process = new OwnProcess(Main.class, System.err);
        Speedrun speedrun = speedrun(arguments -> process.run(display.passedOn(arguments)), progress);
        Outcome outcome = speedrun.run(
                Interruption.bySignals(progress, Launched.from(System.getenv()).parent()));
        if (outcome == Outcome.INTERRUPTED) {
            progress.say("stopped; the same command goes on");
            return TrainingOptions.INTERRUPTED;
        }
        System.out.println(speedrun.report());
        return 0;
    }

    private Speedrun speedrun(Trainings trainings, Progress progress) {
        var plan = new SpeedrunPlan(budget, seeds, target == null ? OptionalDouble.empty() : OptionalDouble.of(target));
        List<String> overrides = new ArrayList<>(settings);
        if (config == null) {
            if (data != null) {
                throw new RequestException(
                        "--data " + data + " needs --config, which says what is trained on them",
                        "--config examples/nano.yaml; ./cria init writes one for your texts");
            }
            return Speedrun.onPrimer(plan, steps == null ? USUAL_STEPS : steps, overrides, out, trainings, progress);
        }
        if (steps != null) {
            throw new RequestException(
                    "--steps goes without --config, which has its own", "--set schedule.steps=" + steps);
        }
        if (data != null) {
            overrides.add(ConfigFile.setting("data.path", data.toString()));
        }
        return Speedrun.of(plan, ConfigFile.read(config, Recipe.defaults(), overrides), out, trainings, progress);
    }
}
