package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.train.MachineMemory;
import dev.cria.train.Recipe;
import dev.cria.train.TrainingPlan;
import dev.cria.train.TrainingPlan.Speed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cria plan}: what a training will need. */
@Command(
        name = "plan",
        description = {
            "Computes what a training will need, without allocating anything.",
            "Prints parameters, operations, memory by part, whether that fits on this machine, and the time it takes."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria plan --config examples/dmas-1.7b.yaml",
            "  ./cria plan --config examples/dmas-1.7b.yaml --tokens-per-second 20000"
        })
final class PlanCommand implements Callable<Integer> {
    @Option(names = "--config", required = true, paramLabel = "FILE", description = "Pretraining configuration.")
    private Path config = Path.of("");

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Override a key, such as batch.micro_batch=4.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "auto, cpu, cuda or cuda:N; overrides the key device.")
    private Optional<String> device = Optional.empty();

    @Option(
            names = "--tokens-per-second",
            paramLabel = "X",
            description = "Speed to assume, as measured by bench or an earlier run.")
    private Optional<Double> tokensPerSecond = Optional.empty();

    @Option(
            names = "--utilisation",
            paramLabel = "X",
            defaultValue = "0.3",
            description = "Share of the measured peak that training reaches, where no speed is given"
                    + " (default: ${DEFAULT-VALUE}; bench measures it).")
    private double utilisation;

    @Override
    public Integer call() {
        require("--tokens-per-second", tokensPerSecond.orElse(1.0), Double.MAX_VALUE);
        require("--utilisation", utilisation, 1);
        List<String> overrides = new ArrayList<>(settings);
        device.ifPresent(name -> overrides.add("device=" + name));
        TrainingPlan plan = TrainingPlan.of(ConfigFile.read(config, Recipe.defaults(), overrides));
        Speed speed = tokensPerSecond.map(TrainingPlan::stated).orElseGet(() -> plan.measured(utilisation));
        System.out.print(plan.toText(speed, MachineMemory.available(plan.device()), MachineMemory.process()));
        return 0;
    }

    private static void require(String option, double value, double most) {
        if (!(value > 0 && value <= most)) {
            throw new RequestException(
                    option + " is " + value + ", not above 0" + (most == 1 ? " and at most 1" : ""),
                    "./cria plan --help");
        }
    }
}
