package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.source.Reading;
import dev.cria.data.source.Sources;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.format.hub.Hub;
import dev.cria.tensor.Device;
import dev.cria.train.MachineMemory;
import dev.cria.train.Recipe;
import dev.cria.train.SuggestedFile;
import dev.cria.train.Suggestion;
import dev.cria.train.Suggestion.Machine;
import dev.cria.train.TextSize;
import dev.cria.train.TrainingPlan;
import dev.cria.train.TrainingPlan.Speed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria init}: a configuration for what is at hand. */
@Command(
        name = "init",
        description = {
            "Writes a commented configuration for your texts, this machine and the time that you give.",
            "Asks nothing and never overwrites; prints what a training by it will need, and what to type next."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  ./cria init my-texts --hours 8"})
final class InitCommand implements Callable<Integer> {
    /** Of the measured peak, what a training reaches where nobody has measured it: plan's assumption too. */
    private static final double UTILISATION = 0.3;

    /** Others use the machine as well. */
    private static final double SHARE_OF_MEMORY = 0.8;

    @Parameters(
            paramLabel = "INPUT",
            arity = "1..*",
            description = "Text files, JSON Lines, Parquet; or directories or globs of these.")
    private List<String> inputs = List.of();

    @Option(
            names = "--hours",
            paramLabel = "N",
            defaultValue = "1",
            description = "How long the training may take (default: ${DEFAULT-VALUE}).")
    private double hours;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Configuration to write (default: the first input's name, with .yaml, in this directory).")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "auto",
            description = "auto, cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
    private String device = "auto";

    @Mixin
    private TextFieldOption textField = new TextFieldOption();

    @Mixin
    private ProgressOptions display = new ProgressOptions();

    @Override
    public Integer call() {
        if (!(hours > 0 && hours <= 1e5)) {
            throw new RequestException("--hours is " + hours + ", not above 0 and at most 100000", "--hours 8");
        }
        Path file = out.orElseGet(() -> Path.of(name() + ".yaml"));
        requireFree(file);
        Progress progress = display.progress();
        Sources sources = Sources.find(inputs, Reading.of(textField.name()), Hub.ofEnvironment(progress));
        TrainingPlan any = TrainingPlan.of(ConfigFile.defaults(
                Recipe.defaults(),
                List.of("model.preset=nano", "batch.sequence_length=256", ConfigFile.setting("device", device))));
        Speed speed = measured(any);
        Machine machine = new Machine(any.flops(speed), room(any.device()));
        TextSize text = TextSize.of(sources, Suggestion.mostVocabulary(machine, hours));
        Suggestion suggestion = Suggestion.of(text, machine, hours);
        SuggestedFile suggested = new SuggestedFile(
                suggestion, inputs, file.toString(), name(), machine, device, any.device() + ", " + speed.source());
        AtomicFiles.write(file, suggested.yaml());
        tell(file, suggested, machine, speed.source());
        return 0;
    }

    /** Memory for a training, besides what a JVM with its libraries takes: about as much as this one. */
    private static double room(Device device) {
        double ofProcess = device.isCpu() ? MachineMemory.process() : 0;
        return SHARE_OF_MEMORY * MachineMemory.available(device) - ofProcess;
    }

    /** The first look at a machine is at code that is not compiled yet. */
    private static Speed measured(TrainingPlan plan) {
        Speed cold = plan.measured(UTILISATION);
        Speed warm = plan.measured(UTILISATION);
        return warm.tokensPerSecond() > cold.tokensPerSecond() ? warm : cold;
    }

    private static void requireFree(Path file) {
        if (Files.exists(file)) {
            throw new RequestException(
                    file + " is there already", "give --out another-name.yaml, or remove it: init overwrites nothing");
        }
    }

    /** A file's or directory's own name, as far as every shell and YAML leave it as it is. */
    private String name() {
        String last = String.valueOf(
                Path.of(inputs.getFirst()).toAbsolutePath().normalize().getFileName());
        String plain = last.replaceFirst("\\.[A-Za-z0-9.]+$", "")
                .replaceAll("[^A-Za-z0-9_-]+", "-")
                .replaceAll("^-+|-+$", "");
        return plain.isEmpty() ? "texts" : plain;
    }

    /** The plan of what was written, as plan itself tells it. */
    private void tell(Path file, SuggestedFile suggested, Machine machine, String speed) {
        TrainingPlan plan = TrainingPlan.of(
                ConfigFile.read(file, Recipe.defaults(), List.of(ConfigFile.setting("device", device))));
        System.out.print(plan.toText(
                plan.at(machine.flops(), speed), MachineMemory.available(plan.device()), MachineMemory.process()));
        System.out.printf("%nwrote %s; next:%n", file);
        suggested.commands().forEach(command -> System.out.println("  " + command));
    }
}
