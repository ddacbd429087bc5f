package dev.cria.train;

import dev.cria.RequestException;
import dev.cria.model.ModelConfig;
import dev.cria.model.Presets;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.GemmPeak;
import dev.cria.tensor.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** What a pretraining will need, before anything of it is allocated: parameters, operations, memory, time. */
public record TrainingPlan(Recipe recipe, ModelConfig config, Device device, DType compute, MemoryPlan memory) {
    /** Tokens of the paper's run. */
    private static final double PAPER_TOKENS = 20e9;

    /** Looks at a recipe, and refuses what a training of it would refuse. */
    public static TrainingPlan of(Recipe recipe) {
        Device device = Device.named(recipe.device(), 0);
        int seq = recipe.batch().sequenceLength();
        ModelConfig config = Presets.resolve(recipe.model(), seq);
        if (seq > config.positions()) {
            throw new RequestException(
                    "batch.sequence_length is " + seq + " and the model has " + config.positions() + " positions",
                    "--set batch.sequence_length=" + config.positions());
        }
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
        double peak = GemmPeak.measure(Kernels.of(device, recipe.kernels()), compute, device);
        double speed = peak * utilisation / flopsPerToken();
        return new Speed(
                speed,
                "%.0f%% of %,.0f GFLOP/s measured in %s"
                        .formatted(100 * utilisation, peak / 1e9, ComputeType.word(compute)));
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
     * @param room bytes that the device has free; none where that is unknown
     * @param process bytes of the JVM and its libraries
     */
    public String toText(Speed speed, OptionalDouble room, long process) {
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
        line(text, "speed        %,.0f tokens/s (%s)", speed.tokensPerSecond(), speed.source());
        line(text, "time         %s for this training", duration(tokens() / speed.tokensPerSecond()));
        line(text, "             %s for 20B tokens", duration(PAPER_TOKENS / speed.tokensPerSecond()));
        return text.toString();
    }

    private void memory(StringBuilder text, OptionalDouble room, long process) {
        line(text, "memory on %s", device);
        for (MemoryPlan.Part part : memory.parts()) {
            row(text, part.name(), part.bytes(), part.why());
        }
        long host = process + memory.snapshot();
        if (device.isCpu()) {
            row(text, "JVM and libraries", process, "measured");
            row(text, "snapshot", memory.snapshot(), "while a checkpoint is written (checkpoint.async)");
        }
        long need = memory.total() + (device.isCpu() ? host : 0);
        row(text, "together", need, verdict(need, room));
        if (!device.isCpu()) {
            row(text, "on the host", host, "JVM, libraries and a checkpoint's snapshot");
        }
        line(text, "");
        line(
                text,
                "activations  %s kept whole, %s with precision.recompute=blocks",
                size(memory.activationsKept()),
                size(memory.activationsRecomputed()));
        line(text, "checkpoint   %s each; checkpoint.keep and keep_every say how many stay", size(memory.checkpoint()));
    }

    private String verdict(long need, OptionalDouble room) {
        if (room.isEmpty()) {
            return "how much is free here is unknown";
        }
        double free = room.getAsDouble();
        return need <= free
                ? "fits: %s are free".formatted(size((long) free))
                : "does not fit: %s are free; %s".formatted(size((long) free), remedy(free));
    }

    /** The changes that save memory, those that cost nothing but time first. */
    private String remedy(double free) {
        List<String> changes = new ArrayList<>();
        long saved = memory.activationsKept() - memory.activationsRecomputed();
        if (recipe.precision().recompute() == Recipe.Recompute.NONE) {
            changes.add("precision.recompute=blocks");
        } else {
            saved = 0;
        }
        boolean stillShort = memory.total() - saved > free;
        if (stillShort && recipe.optimizer().state() == Recipe.State.FP32) {
            changes.add("optimizer.state=int8");
        }
        if (stillShort && recipe.precision().gradients() == Recipe.Gradients.FP32) {
            changes.add("precision.gradients=bf16");
        }
        String sets = changes.stream().map(change -> "--set " + change).collect(Collectors.joining(" "));
        return (sets.isEmpty() ? "" : sets + ", or ") + "a smaller batch.micro_batch or model";
    }

    private static void row(StringBuilder text, String name, long bytes, String why) {
        line(text, "  %-18s %10s   %s", name, size(bytes), why);
    }

    private static String size(long bytes) {
        return bytes >= 1e9 ? "%.1f GB".formatted(bytes / 1e9) : "%.1f MB".formatted(bytes / 1e6);
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
