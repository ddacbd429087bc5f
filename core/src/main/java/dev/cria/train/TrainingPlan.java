package dev.cria.train;

import dev.cria.model.ModelConfig;
import dev.cria.model.Presets;
import dev.cria.nn.Shard;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.GemmPeak;
import dev.cria.tensor.Kernels;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a pretraining will need, before anything of it is allocated: parameters, operations, memory, time. */
public record TrainingPlan(Recipe recipe, ModelConfig config, Device device, DType compute, MemoryPlan memory) {
    /** Tokens of the paper's run. */
    private static final double PAPER_TOKENS = 20e9;

    private static final List<Integer> RANKS = List.of(1, 2, 4, 8);

    /** Looks at a recipe, and refuses what a training of it would refuse. */
    public static TrainingPlan of(Recipe recipe) {
        Device device = Device.named(recipe.device(), 0);
        int seq = recipe.batch().sequenceLength();
        ModelConfig config = Presets.resolve(recipe.model(), seq);
        recipe.check(config);
        recipe.batch().accumulation(1);
        DType compute = ComputeType.of(recipe.precision().compute(), device);
        return new TrainingPlan(recipe, config, device, compute, MemoryPlan.of(config, recipe, device));
    }

    /**
     * How fast the training is taken to be.
     *
     * @param source where the figure comes from, for the reader
     */
    public record Speed(double tokensPerSecond, String source) {}

    /** A speed that the user knows. */
    public static Speed stated(double tokensPerSecond) {
        return new Speed(tokensPerSecond, "as stated");
    }

    /** The speed that a share of this machine's measured peak of matrix products gives. */
    public Speed measured(double utilisation) {
        double peak = GemmPeak.measure(Kernels.of(device, recipe.kernels()), compute, device)
                .best();
        double speed = peak * utilisation / flopsPerToken();
        return new Speed(
                speed,
                "%.0f%% of %,.0f GFLOP/s measured in %s"
                        .formatted(100 * utilisation, peak / 1e9, ComputeType.word(compute)));
    }

    /** The operations a second that a speed is. */
    public double flops(Speed speed) {
        return speed.tokensPerSecond() * flopsPerToken();
    }

    /** The speed that so many operations a second are. */
    public Speed at(double flops, String source) {
        return new Speed(flops / flopsPerToken(), source);
    }

    double flopsPerToken() {
        return config.flopsPerToken(recipe.batch().sequenceLength());
    }

    long tokens() {
        return recipe.schedule().steps() * recipe.batch().tokensPerStep();
    }

    /**
     * The plan for people.
     *
     * @param room bytes that the device has free
     * @param process bytes of the JVM and its libraries
     */
    public String toText(Speed speed, double room, long process) {
        var text = new StringBuilder();
        var batch = recipe.batch();
        line(
                text,
                "model        %.1fM parameters, %d layers, hidden %d, vocabulary %d",
                config.parameterCount() / 1e6,
                config.layers(),
                config.hiddenSize(),
                config.vocabSize());
        line(
                text,
                "compute      %.4g GFLOP a token, in %s on %s",
                flopsPerToken() / 1e9,
                ComputeType.word(compute),
                device);
        line(
                text,
                "step         %,d tokens = %d × %d × %d",
                batch.tokensPerStep(),
                batch.microBatch(),
                batch.sequenceLength(),
                batch.accumulation(1));
        line(
                text,
                "training     %,d steps, %.3g tokens, %.3g FLOP",
                recipe.schedule().steps(),
                (double) tokens(),
                tokens() * flopsPerToken());
        line(text, "");
        memory(text, room, process);
        line(text, "");
        ranks(text);
        line(text, "");
        line(text, "speed        %,.0f tokens/s (%s)", speed.tokensPerSecond(), speed.source());
        line(text, "time         %s for this training", duration(tokens() / speed.tokensPerSecond()));
        line(text, "             %s for 20B tokens", duration(PAPER_TOKENS / speed.tokensPerSecond()));
        return text.toString();
    }

    /** What one of several ranks needs of its device, for each way to share. */
    private void ranks(StringBuilder text) {
        line(text, "memory a rank %s", RANKS.stream().map("%14d"::formatted).collect(Collectors.joining()));
        for (Shard shard : Shard.values()) {
            Recipe shared = recipe.sharing(shard);
            String sizes = RANKS.stream()
                    .map(ranks -> "%14s".formatted(memoryOf(shared, ranks)))
                    .collect(Collectors.joining());
            line(text, "  shard=%-10s%s", shard.name().toLowerCase(Locale.ROOT), sizes.substring(4));
        }
    }

    private String memoryOf(Recipe shared, int ranks) {
        return recipe.batch().microBatches() % ranks == 0
                        && shared.parallel().allows(recipe.batch().microBatches(), ranks)
                ? MemoryPlan.size(MemoryPlan.of(config, shared, device, ranks).total())
                : "-";
    }

    private void memory(StringBuilder text, double room, long process) {
        line(text, "memory on %s", device);
        for (MemoryPlan.Part part : memory.parts()) {
            row(text, part.name(), part.bytes(), part.why());
        }
        long host = memory.onHost(process);
        if (device.isCpu()) {
            row(text, "JVM and libraries", process, "measured");
            row(text, "snapshot", memory.snapshot(), "while a checkpoint is written (checkpoint.async)");
        }
        long need = memory.needed(device, process);
        row(text, "together", need, verdict(need, room));
        if (!device.isCpu()) {
            row(text, "on the host", host, "JVM, libraries and a checkpoint's snapshot");
        }
        line(text, "");
        line(
                text,
                "activations  %s kept whole, %s with precision.recompute=blocks",
                MemoryPlan.size(memory.activationsKept()),
                MemoryPlan.size(memory.activationsRecomputed()));
        disk(text);
    }

    /** What the run will hold when it is over; while it goes on there is one checkpoint more, the one being written. */
    private void disk(StringBuilder text) {
        Recipe.Checkpoint settings = recipe.checkpoint();
        int left = settings.left(recipe.schedule().steps()).size();
        int whole = settings.weightsOnly() ? Math.min(left, settings.keep()) : left;
        long bytes = whole * memory.checkpoint() + (left - whole) * memory.weightsOnDisk();
        line(
                text,
                "checkpoint   %s each with moments, %s of weights only",
                MemoryPlan.size(memory.checkpoint()),
                MemoryPlan.size(memory.weightsOnDisk()));
        line(
                text,
                "disk         %s at the end: %,d checkpoints with moments%s",
                MemoryPlan.size(bytes),
                whole,
                left > whole ? ", %,d of weights only".formatted(left - whole) : "");
    }

    private String verdict(long need, double room) {
        return need <= room
                ? "fits: %s are free".formatted(MemoryPlan.size(room))
                : "does not fit: %s are free; %s".formatted(MemoryPlan.size(room), memory.remedy(recipe, room));
    }

    private static void row(StringBuilder text, String name, long bytes, String why) {
        line(text, "  %-18s %10s   %s", name, MemoryPlan.size(bytes), why);
    }

    static String duration(double seconds) {
        double hours = seconds / 3600;
        if (hours < 1) {
            return "%.1f minutes".formatted(seconds / 60);
        }
        if (hours < 48) {
            return "%.1f hours".formatted(hours);
        }
        double days = hours / 24;
        return days < 730 ? "%.1f days".formatted(days) : "%,.1f years".formatted(days / 365.25);
    }

    private static void line(StringBuilder text, String format, Object... arguments) {
        text.append(format.formatted(arguments).stripTrailing()).append('\n');
    }
}
