package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.tensor.Device;
import dev.cria.train.Recipe;
import dev.cria.train.ScalingBench;
import dev.cria.train.ScalingReport;
import dev.cria.train.ScalingReport.Axis;
import dev.cria.train.StepBench;
import dev.cria.train.StepReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
            "Measures the peak of matrix products and of memory here, then a",
            "configuration's training step on random tokens: tokens a second, the",
            "share of the peak that the model's operations reach, and for each kind",
            "of operation its time beside the least that this machine needs for it",
            "(docs/benchmarks.md tells how to read that)."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria bench",
            "  ./cria bench --config examples/llama-124m.yaml --set batch.micro_batch=4 --json speed.json",
            "  ./cria bench --scaling",
            "  ./cria bench --config examples/llama-124m.yaml --scaling=layers,micro_batch"
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

    @Option(
            names = "--scaling",
            arity = "0..1",
            split = ",",
            paramLabel = "AXIS",
            fallbackValue = "sequence_length,micro_batch,layers",
            description = "Also measures steps of other sizes, one changed at a time: sequence_length, micro_batch,"
                    + " layers, or all three. Takes a few minutes.")
    private List<Axis> scaling = List.of();

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
        double room = room(recipe);
        Progress progress = display.progress();
        StepReport report = new StepBench(recipe, progress, room).run();
        System.out.print(report.toText());
        Map<String, Object> result = report.toJson();
        if (!scaling.isEmpty()) {
            ScalingReport sizes = new ScalingBench(recipe, progress, room).run(report, scaling);
            System.out.print(sizes.toText());
            result.put("scaling", sizes.toJson());
        }
        json.ifPresent(file -> AtomicFiles.write(
                file,
                JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(result)));
        return 0;
    }

    private static double room(Recipe recipe) {
        return Machine.room(Device.named(recipe.device(), 0)).orElse(0);
    }
}
