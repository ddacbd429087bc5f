package dev.cria.train;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.Batch;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.model.Models;
import dev.cria.model.Presets;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Tape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.TimedKernels;
import dev.cria.tensor.TimedKernels.Kind;
import dev.cria.train.StepReport.Peaks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Measures a recipe's training step on random tokens: forward, backward, clipping and AdamW as a training does them,
 * without data, log or checkpoints. Where a step accumulates over several micro-batches, one is run and counted as
 * often as the step has them, so that a step of many minutes is measured in less.
 */
public final class StepBench {
    /** The recipe that is measured where none is given, as overrides: the preset nano, 16 rows of 256 tokens. */
    public static final List<String> NANO = List.of(
            "model.preset=nano", "batch.sequence_length=256", "batch.micro_batch=16", "batch.tokens_per_step=4096");

    private static final double LEARNING_RATE = 1e-4;

    private final Recipe recipe;
    private final Progress progress;

    public StepBench(Recipe recipe, Progress progress) {
        this.recipe = recipe;
        this.progress = progress;
    }

    /** How long a phase lasts: at least so many steps, then more until the seconds are over or the most are done. */
    private record Phase(int least, int most, double seconds) {
        static final Phase WARM_UP = new Phase(2, 12, 8);
        static final Phase UNWATCHED = new Phase(3, 40, 10);
        static final Phase BY_KIND = new Phase(1, 8, 4);
    }

    /** The seconds of one micro-batch and of what follows the last one. */
    private record StepTime(double microBatch, double update) {
        double whole(int accumulation) {
            return accumulation * microBatch + update;
        }
    }

    /** Measures on the recipe's device. */
    public StepReport run() {
        Device device = Device.named(recipe.device(), 0);
        int seq = recipe.batch().sequenceLength();
        ModelConfig config = Presets.resolve(recipe.model(), seq);
        requirePositions(config, seq);
        int accumulation = recipe.batch().accumulation(1);
        DType compute = ComputeType.of(recipe.precision().compute(), device);
        var storage =
                Storage.training(compute, ComputeType.of(recipe.precision().gradients()));
        Kernels kernels = Kernels.of(device, recipe.kernels());
        progress.say("measuring matrix products on " + device + ", " + kernels.name());
        Peaks before = Peaks.measure(kernels, compute, device);
        try (LanguageModel model = Models.create(config, device, storage, recipe.seed());
                TimedKernels timed = new TimedKernels(kernels, device);
                AdamW optimizer = new AdamW(timed, model.parameters(), recipe.optimizer());
                Arena arena = Arena.ofConfined()) {
            Batch batch = randomTokens(arena, config.vocabSize());
            Supplier<StepTime> step = () -> step(model, optimizer, timed, batch);
            progress.say("measuring the training step");
            repeat(Phase.WARM_UP, step);
            List<StepTime> steps = repeat(Phase.UNWATCHED, step);
            timed.watch();
            List<StepTime> watched = repeat(Phase.BY_KIND, step);
            return new StepReport(
                    device,
                    kernels.name(),
                    compute,
                    config.parameterCount(),
                    config.flopsPerToken(seq),
                    recipe.batch(),
                    before.or(Peaks.measure(kernels, compute, device)),
                    steps.stream().map(s -> s.whole(accumulation)).sorted().toList(),
                    parts(timed.seconds(), watched, accumulation));
        }
    }

    private static void requirePositions(ModelConfig config, int seq) {
        if (seq > config.positions()) {
            throw new RequestException(
                    "batch.sequence_length is " + seq + " and the model has " + config.positions() + " positions",
                    "--set batch.sequence_length=" + config.positions());
        }
    }

    private Batch randomTokens(Arena arena, int vocabulary) {
        Batch batch = Batch.allocate(
                arena, recipe.batch().microBatch(), recipe.batch().sequenceLength());
        var random = new SplittableRandom(recipe.seed());
        fill(batch.inputs(), random, vocabulary);
        fill(batch.targets(), random, vocabulary);
        return batch;
    }

    private static void fill(MemorySegment ids, SplittableRandom random, int vocabulary) {
        for (long i = 0; i < ids.byteSize() / Long.BYTES; i++) {
            ids.setAtIndex(ValueLayout.JAVA_LONG, i, random.nextInt(vocabulary));
        }
    }

    private static List<StepTime> repeat(Phase phase, Supplier<StepTime> step) {
        List<StepTime> times = new ArrayList<>();
        long begun = System.nanoTime();
        while (times.size() < phase.least()
                || times.size() < phase.most() && System.nanoTime() - begun < phase.seconds() * 1e9) {
            times.add(step.get());
        }
        return times;
    }

    private StepTime step(LanguageModel model, AdamW optimizer, Kernels kernels, Batch batch) {
        model.parameters().clearGradients();
        if (recipe.batch().accumulation(1) > 1) {
            // Most micro-batches add to what is there: zeros, written before the clock starts.
            model.parameters().gradients();
        }
        long begun = System.nanoTime();
        try (Tape tape = new Tape(kernels, mode())) {
            LanguageModelling.run(tape, model, batch, 1.0 / recipe.batch().tokensPerStep(), tape::backward);
        }
        await(model);
        long computed = System.nanoTime();
        double norm =
                Math.sqrt(kernels.sumOfSquares(model.parameters().gradients().orElseThrow()));
        optimizer.step(LEARNING_RATE, 1 / (1 + norm));
        await(model);
        return new StepTime((computed - begun) / 1e9, (System.nanoTime() - computed) / 1e9);
    }

    /** Returns when the device has done all that it was asked for. */
    private static void await(LanguageModel model) {
        try (Tensor row = model.parameters().list().getFirst().value().rows(0, 1)) {
            row.toFloats();
        }
    }

    private Tape.Mode mode() {
        return switch (recipe.precision().recompute()) {
            case NONE -> Tape.Mode.TRAINING;
            case BLOCKS -> Tape.Mode.TRAINING_RECOMPUTING_BLOCKS;
        };
    }

    /** Seconds of a mean step by kind of operation; what no kernel accounts for is the rest. */
    private static Map<String, Double> parts(Map<Kind, Double> byKind, List<StepTime> steps, int accumulation) {
        Map<String, Double> parts = new LinkedHashMap<>();
        double rest = steps.stream().mapToDouble(s -> s.whole(accumulation)).sum() / steps.size();
        for (var entry : byKind.entrySet()) {
            int times = entry.getKey() == Kind.OPTIMIZER ? 1 : accumulation;
            double seconds = entry.getValue() / steps.size() * times;
            parts.put(entry.getKey().key(), seconds);
            rest -= seconds;
        }
        parts.put("other", Math.max(0, rest));
        return parts;
    }
}
