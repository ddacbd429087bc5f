package dev.cria.train;

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
import dev.cria.tensor.Memory;
import dev.cria.tensor.Product;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.TimedKernels;
import dev.cria.tensor.TimedKernels.Kind;
import dev.cria.tensor.TimedKernels.Spent;
import dev.cria.tensor.Work;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * A recipe's training step on random tokens, run again and again: forward, backward, clipping and AdamW as a training
 * does them, without data, log or checkpoints. Where a step accumulates over several micro-batches, one is run and
 * counted as often as the step has them, so that a step of many minutes is measured in less.
 */
final class StepTrial implements AutoCloseable {
    private static final double LEARNING_RATE = 1e-4;

    private final Recipe recipe;
    private final Device device;
    private final int accumulation;
    private final LanguageModel model;
    private final TimedKernels timed;
    private final AdamW optimizer;
    private final Arena arena = Arena.ofConfined();
    private final Batch batch;

    /** Makes the model and its optimizer on a device. */
    StepTrial(Recipe recipe, Device device, Kernels kernels) {
        this.recipe = recipe;
        this.device = device;
        ModelConfig config = config(recipe);
        this.accumulation = recipe.batch().accumulation(1);
        var storage =
                Storage.training(compute(), ComputeType.of(recipe.precision().gradients()));
        this.model = Models.create(config, device, storage, recipe.seed());
        this.timed = new TimedKernels(kernels, device);
        this.optimizer = new AdamW(timed, model.parameters(), recipe.optimizer());
        this.batch = randomTokens(arena, config.vocabSize());
    }

    /** The model of a recipe, if its rows fit it. */
    static ModelConfig config(Recipe recipe) {
        int seq = recipe.batch().sequenceLength();
        ModelConfig config = Presets.resolve(recipe.model(), seq);
        if (seq > config.positions()) {
            throw new RequestException(
                    "batch.sequence_length is " + seq + " and the model has " + config.positions() + " positions",
                    "--set batch.sequence_length=" + config.positions());
        }
        return config;
    }

    private Batch randomTokens(Arena arena, int vocabulary) {
        Batch made = Batch.allocate(
                arena, recipe.batch().microBatch(), recipe.batch().sequenceLength());
        var random = new SplittableRandom(recipe.seed());
        fill(made.inputs(), random, vocabulary);
        fill(made.targets(), random, vocabulary);
        return made;
    }

    private static void fill(MemorySegment ids, SplittableRandom random, int vocabulary) {
        for (long i = 0; i < ids.byteSize() / Long.BYTES; i++) {
            ids.setAtIndex(ValueLayout.JAVA_LONG, i, random.nextInt(vocabulary));
        }
    }

    DType compute() {
        return ComputeType.of(recipe.precision().compute(), device);
    }

    /** How long a phase lasts: at least so many steps, then more until the seconds are over or the most are done. */
    record Phase(int least, int most, double seconds) {}

    /** The seconds of one micro-batch and of what follows the last one. */
    private record StepTime(double microBatch, double update) {
        double whole(int accumulation) {
            return accumulation * microBatch + update;
        }
    }

    /** Seconds of each step of a phase, ascending. */
    List<Double> time(Phase phase) {
        return repeat(phase, this::step).stream()
                .map(s -> s.whole(accumulation))
                .sorted()
                .toList();
    }

    /**
     * A step by kind of operation.
     *
     * @param parts by the kind's name; what no kernel accounts for is {@code other}
     * @param products those of one micro-batch, the head's without a time of their own
     */
    record Watched(double seconds, Map<String, Roofline.Part> parts, Map<Product, Spent> products) {

        /** The step beside a roof, which is raised where a product of the step went above it. */
        Roofline roofline(double flops, double bytesPerSecond) {
            double fastest = products.values().stream()
                    .filter(spent -> spent.seconds() > 0)
                    .mapToDouble(spent -> spent.work().operations() / spent.seconds())
                    .reduce(flops, Math::max);
            return Roofline.of(fastest, bytesPerSecond, parts);
        }
    }

    /** The fastest of a phase's steps, which run with a clock around each operation. */
    Watched watch(Phase phase) {
        List<Watched> steps = new ArrayList<>();
        repeat(phase, () -> {
            timed.watch();
            StepTime time = step();
            timed.rest();
            steps.add(watched(time.whole(accumulation)));
            return time;
        });
        return steps.stream().min(Comparator.comparingDouble(Watched::seconds)).orElseThrow();
    }

    private Watched watched(double seconds) {
        Map<String, Roofline.Part> parts = new LinkedHashMap<>();
        double rest = seconds;
        for (var entry : timed.kinds().entrySet()) {
            int times = entry.getKey() == Kind.OPTIMIZER ? 1 : accumulation;
            Spent spent = entry.getValue();
            parts.put(
                    entry.getKey().key(),
                    new Roofline.Part(times * spent.seconds(), spent.work().times(times)));
            rest -= times * spent.seconds();
        }
        parts.put("other", new Roofline.Part(Math.max(0, rest), Work.NONE));
        return new Watched(seconds, parts, timed.products());
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

    private StepTime step() {
        model.parameters().clearGradients();
        if (accumulation > 1) {
            // Most micro-batches add to what is there: zeros, written before the clock starts.
            model.parameters().gradients();
        }
        long begun = System.nanoTime();
        try (Tape tape = new Tape(timed, mode())) {
            LanguageModelling.run(tape, model, batch, 1.0 / recipe.batch().tokensPerStep(), tape::backward);
        }
        await();
        long computed = System.nanoTime();
        double norm =
                Math.sqrt(timed.sumOfSquares(model.parameters().gradients().orElseThrow()));
        optimizer.step(LEARNING_RATE, 1 / (1 + norm));
        await();
        return new StepTime((computed - begun) / 1e9, (System.nanoTime() - computed) / 1e9);
    }

    /** Returns when the device has done all that it was asked for. */
    private void await() {
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

    /** Gives all memory back, that kept for reuse too. */
    @Override
    public void close() {
        arena.close();
        optimizer.close();
        timed.close();
        model.close();
        Memory.of(device).trim();
    }
}
