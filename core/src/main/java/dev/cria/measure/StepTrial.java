package dev.cria.measure;

import dev.cria.data.Batch;
import dev.cria.measure.TimedKernels.Spent;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.model.Presets;
import dev.cria.nn.Parameters.Storage;
import dev.cria.optim.Optimizer;
import dev.cria.optim.Schedule;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.Call.Kind;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Memory;
import dev.cria.tensor.Product;
import dev.cria.tensor.Work;
import dev.cria.train.ComputeType;
import dev.cria.train.LanguageModelling;
import dev.cria.train.LossScale;
import dev.cria.train.Recipe;
import dev.cria.train.SessionPlan;
import dev.cria.train.StepClock;
import dev.cria.train.TrainingStep;
import dev.cria.weights.Models;
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
 * A recipe's training step on random tokens, run again and again: forward, backward, clipping and the optimizer as a
 * training does them, without data, log or checkpoints. Where a step accumulates over several micro-batches, one is run and
 * counted as often as the step has them, so that a step of many minutes is measured in less.
 */
final class StepTrial implements AutoCloseable {
    private static final Schedule RATE = new Schedule.Constant(1e-4, 0);

    private final Recipe recipe;
    private final Device device;
    private final int accumulation;
    private final LanguageModel model;
    private final TimedKernels timed;
    private final Optimizer optimizer;
    private final TrainingStep training;
    private final Arena arena = Arena.ofConfined();
    private long steps;

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
        this.optimizer = Optimizer.of(timed, model.parameters(), recipe.optimizer(), RATE.rate());
        Batch batch = randomTokens(arena, config.vocabSize());
        var objective = new LanguageModelling(model, recipe, () -> zeroed(batch));
        var plan = SessionPlan.of(recipe, RATE, storage, device, timed).profiled();
        this.training = new TrainingStep(objective, optimizer, plan, Ranks.solo(), LossScale.NONE, new StepClock());
    }

    /** Of several micro-batches most add to what is there: zeros, written before the clock of the forward starts. */
    private Batch zeroed(Batch batch) {
        if (accumulation > 1) {
            model.parameters().gradients();
        }
        return batch;
    }

    /** The model of a recipe, if its rows fit it. */
    static ModelConfig config(Recipe recipe) {
        int seq = recipe.batch().sequenceLength();
        ModelConfig config = Presets.resolve(recipe.model(), seq);
        recipe.check(config);
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
        Map<StepClock.Part, Double> parts = training.run(steps++, 0).parts();
        return new StepTime(
                seconds(parts, StepClock.Part.FORWARD, StepClock.Part.BACKWARD),
                seconds(parts, StepClock.Part.SYNC, StepClock.Part.OPTIMIZER));
    }

    private static double seconds(Map<StepClock.Part, Double> parts, StepClock.Part first, StepClock.Part second) {
        return parts.getOrDefault(first, 0.0) + parts.getOrDefault(second, 0.0);
    }

    /** Gives all memory back, that kept for reuse too. */
    @Override
    public void close() {
        arena.close();
        training.close();
        optimizer.close();
        timed.close();
        model.close();
        Memory.of(device).trim();
    }
}
