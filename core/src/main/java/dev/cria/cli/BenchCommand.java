package dev.cria.cli;

import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.tensor.Device;
import dev.cria.train.Recipe;
import dev.cria.train.StepBench;
import dev.cria.train.StepReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code cria bench}: how fast this machine trains, and where the time goes. */
@Command(
        name = "bench",
        description = {
            "Measures the peak of matrix products here and a configuration's training step on random tokens:",
            "tokens a second, the share of the peak that the model's operations reach, and time by operation."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria bench",
            "  ./cria bench --config examples/llama-124m.yaml --set batch.micro_batch=4 --json speed.json"
        })
final class BenchCommand implements Callable<Integer> {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "A pretraining configuration (default: preset nano, 16 rows of 256 tokens).")
    private Optional<Path> config = Optional.empty();

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a key, such as precision.compute=fp32.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--device", paramLabel = "auto|cpu|cuda|cuda:N", description = "Overrides device.")
    private Optional<String> device = Optional.empty();

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes the result there.")
    private Optional<Path> json = Optional.empty();

    @Mixin
    private ProgressOptions display = new ProgressOptions();

    @Override
    public Integer call() {
        List<String> overrides = new ArrayList<>(config.isEmpty() ? StepBench.NANO : List.of());
        overrides.addAll(settings);
        device.ifPresent(name -> overrides.add("device=" + name));
        Recipe recipe = config.map(file -> ConfigFile.read(file, Recipe.defaults(), overrides))
                .orElseGet(() -> ConfigFile.defaults(Recipe.defaults(), overrides));
        StepReport report = new StepBench(recipe, display.progress(), room(recipe)).run();
        System.out.print(report.toText());
        json.ifPresent(file -> AtomicFiles.write(
                file,
                JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(report.toJson())));
        return 0;
    }

    private static double room(Recipe recipe) {
        return Machine.room(Device.named(recipe.device(), 0)).orElse(0);
    }
}
