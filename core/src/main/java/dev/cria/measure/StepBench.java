package dev.cria.measure;

import dev.cria.Progress;
import dev.cria.measure.StepTrial.Phase;
import dev.cria.measure.StepTrial.Watched;
import dev.cria.model.ModelConfig;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Memory;
import dev.cria.train.Recipe;
import java.util.List;

/** Measures what the machine does at best, then a recipe's training step, and compares the two. */
public final class StepBench {
    /** The recipe that is measured where none is given, as overrides: the preset nano, 16 rows of 256 tokens. */
    public static final List<String> NANO = List.of(
            "model.preset=nano", "batch.sequence_length=256", "batch.micro_batch=16", "batch.tokens_per_step=4096");

    private static final Phase WARM_UP = new Phase(1, 12, 8);
    private static final Phase UNWATCHED = new Phase(2, 40, 10);
    private static final Phase BY_KIND = new Phase(1, 10, 6);
    private static final Phase SHORT_WARM_UP = new Phase(20, 400, 3);
    private static final Phase SHORT = new Phase(8, 100, 1.5);

    private final Recipe recipe;
    private final Progress progress;
    private final double room;

    /** @param room bytes of memory that are free on the recipe's device */
    public StepBench(Recipe recipe, Progress progress, double room) {
        this.recipe = recipe;
        this.progress = progress;
        this.room = room;
    }

    /** Measures on the recipe's device. */
    public StepReport run() {
        Device device = Device.named(recipe.device(), 0);
        Kernels kernels = Kernels.of(device, recipe.kernels());
        ModelConfig config = StepTrial.config(recipe);
        recipe.batch().accumulation(1); // Refuses a batch that cannot be cut before anything is measured.
        progress.say("measuring memory on " + device);
        var memory = Roof.Memory.measure(device, room);
        Measured step = measure(device, kernels, memory);
        Roof roof = step.roof().with(memory.or(Roof.Memory.measure(device, room)));
        return new StepReport(
                device,
                kernels.name(),
                config.parameterCount(),
                step.speed(),
                roof,
                step.watched().roofline(roof.flops(step.speed().compute()), roof.bytesPerSecond()),
                step.watched().products());
    }

    /** Measures the step alone, on the recipe's device: a comparison with other programs needs no more. */
    public StepSpeed speed() {
        return speed(recipe, progress, WARM_UP, UNWATCHED);
    }

    /** The same within a few seconds, to plan with: somewhat slow, as long as the code is not quite warm. */
    public static StepSpeed shortLook(Recipe recipe, Progress progress) {
        return speed(recipe, progress, SHORT_WARM_UP, SHORT);
    }

    private static StepSpeed speed(Recipe recipe, Progress progress, Phase warmUp, Phase measured) {
        Device device = Device.named(recipe.device(), 0);
        try (var trial = new StepTrial(recipe, device, Kernels.of(device, recipe.kernels()))) {
            progress.say("measuring the training step");
            trial.time(warmUp);
            return speed(trial, recipe, measured);
        }
    }

    private static StepSpeed speed(StepTrial trial, Recipe recipe, Phase measured) {
        double flops = StepTrial.config(recipe).flopsPerToken(recipe.batch().sequenceLength());
        return new StepSpeed(recipe.batch(), trial.compute(), flops, trial.time(measured));
    }

    private record Measured(StepSpeed speed, Roof roof, Watched watched) {}

    private Measured measure(Device device, Kernels kernels, Roof.Memory memory) {
        try (var trial = new StepTrial(recipe, device, kernels)) {
            progress.say("warming up, " + kernels.name());
            var products = trial.watch(WARM_UP).products().keySet();
            progress.say("measuring matrix products");
            Roof roof = Roof.measure(kernels, trial.compute(), device, products, memory);
            Memory.of(device).trim();
            progress.say("measuring the training step");
            StepSpeed speed = speed(trial, recipe, UNWATCHED);
            var watched = trial.watch(BY_KIND);
            return new Measured(speed, roof.again(kernels, trial.compute(), device), watched);
        }
    }
}
