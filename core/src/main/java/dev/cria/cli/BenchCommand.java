package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.measure.ScalingBench;
import dev.cria.measure.ScalingReport;
import dev.cria.measure.ScalingReport.Axis;
import dev.cria.measure.StepBench;
import dev.cria.measure.StepReport;
import dev.cria.measure.StepSpeed;
import dev.cria.tensor.Device;
import dev.cria.train.MachineMemory;
import dev.cria.train.Recipe;
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
            "Measures this machine's peak speed and a configuration's training step on random tokens.",
            "Prints tokens per second, the share of the peak that the model's operations reach, and for each kind of"
                    + " operation its time beside the least this machine needs for it; docs/benchmarks.md explains how"
                    + " to read that."
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
            description = "Pretraining configuration (default: preset nano, 16 rows of 256 tokens).")
    private Optional<Path> config = Optional.empty();

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Override a key, such as precision.compute=fp32.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "auto, cpu, cuda or cuda:N; overrides the key device.")
    private Optional<String> device = Optional.empty();

    @Option(
            names = "--scaling",
            arity = "0..1",
            split = ",",
            paramLabel = "AXIS",
            fallbackValue = "sequence_length,micro_batch,layers",
            description =
                    "Also measure steps of other sizes, changing one at a time: sequence_length, micro_batch, layers,"
                            + " or all three; takes a few minutes.")
    private List<Axis> scaling = List.of();

    @Option(names = "--step-only", description = "Measure only the speed of a step, in about twenty seconds.")
    private boolean stepOnly;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the results to FILE.")
    private Optional<Path> json = Optional.empty();

    @Mixin
    private ThreadOption threads = new ThreadOption();

    @Mixin
    private ProgressOptions display = new ProgressOptions();

    @Override
    public Integer call() {
        List<String> overrides = new ArrayList<>(config.isEmpty() ? StepBench.NANO : List.of());
        overrides.addAll(settings);
        device.ifPresent(name -> overrides.add("device=" + name));
        Recipe recipe = config.map(file -> ConfigFile.read(file, Recipe.defaults(), overrides))
                .orElseGet(() -> ConfigFile.defaults(Recipe.defaults(), overrides));
        write(stepOnly ? measureStep(recipe) : measureAll(recipe));
        return 0;
    }

    private Map<String, Object> measureStep(Recipe recipe) {
        if (!scaling.isEmpty()) {
            throw new RequestException("--step-only measures steps of one size", "remove --scaling");
        }
        StepSpeed speed = new StepBench(recipe, display.progress(), 0).speed();
        System.out.print(speed.toText());
        return speed.toJson();
    }

    private Map<String, Object> measureAll(Recipe recipe) {
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
        return result;
    }

    private void write(Map<String, Object> result) {
        json.ifPresent(file -> AtomicFiles.write(
                file,
                JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(result)));
    }

    private static double room(Recipe recipe) {
        return MachineMemory.available(Device.named(recipe.device(), 0));
    }
}
