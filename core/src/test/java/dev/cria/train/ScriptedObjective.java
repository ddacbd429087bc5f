package dev.cria.train;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.nn.Parameter;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.Parameters;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Tape;
import dev.cria.parallel.Ranks;
import dev.cria.run.RunDirectory;
import dev.cria.run.RunDirectory.Leftover;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.train.Trainer.Outcome;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.function.LongToDoubleFunction;

/** An objective of five weights whose loss, gradient and trouble with writing follow a script. */
final class ScriptedObjective implements Objective {
    private static final double LARGEST_FLOAT16 = 65504;

    private final Parameters parameters = Parameters.allocate(
            List.of(ParameterSpec.vector("w", 5, 0)), Device.CPU, Storage.training(DType.FLOAT32, DType.FLOAT32));
    private final LongToDoubleFunction loss;
    private final LongToDoubleFunction gradient;
    private final LongPredicate unwritable;
    private double flopsPerToken = 7;
    private long lastStep;

    /**
     * @param gradient of each weight, which overflows where the loss' scale takes it out of float16
     * @param unwritable steps after which a checkpoint's weights cannot be written
     */
    ScriptedObjective(LongToDoubleFunction loss, LongToDoubleFunction gradient, LongPredicate unwritable) {
        this.loss = loss;
        this.gradient = gradient;
        this.unwritable = unwritable;
    }

    ScriptedObjective costing(double operationsPerToken) {
        flopsPerToken = operationsPerToken;
        return this;
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public long targets(long step) {
        return 2;
    }

    @Override
    public long tokens(long step) {
        return 10;
    }

    @Override
    public int microBatches(long step) {
        return 1;
    }

    @Override
    public void await(long step, int microBatch) {}

    @Override
    public double loss(Tape tape, Scope batch, long step, int microBatch, double scale) {
        lastStep = step;
        float[] numbers = new float[5];
        Arrays.fill(numbers, scaled(gradient.applyAsDouble(step), scale * targets(step)));
        try (Tensor made = Tensor.of(numbers, 5)) {
            parameters.list().getFirst().gradient().orElseThrow().copyFrom(made.segment());
        }
        return loss.applyAsDouble(step) * targets(step);
    }

    private static float scaled(double gradient, double factor) {
        return Math.abs(gradient * factor) > LARGEST_FLOAT16 ? Float.POSITIVE_INFINITY : (float) (gradient * factor);
    }

    @Override
    public double rounds(long step) {
        return 0;
    }

    @Override
    public double flopsPerToken() {
        return flopsPerToken;
    }

    @Override
    public List<Path> write(Path directory, Function<Parameter, Tensor> weights) {
        Path file = directory.resolve("weights");
        AtomicFiles.write(
                file,
                Arrays.toString(weights.apply(parameters.list().getFirst()).toFloats()));
        if (unwritable.test(lastStep)) {
            throw new WorkException("no space left on device", "df -h");
        }
        return List.of(file);
    }

    /** Trains it as a new run. */
    static Outcome train(ScriptedObjective objective, SessionPlan plan, Path run, Progress progress) {
        var training =
                new Training("pretrain", objective, plan, List.of(), Optional.empty(), List.of(), "./cria eval run");
        var context = new RunContext(progress, Ranks.solo(), Interruption.never());
        return new TrainingSession(context)
                .run(
                        training,
                        new Origin.Beginning(Optional.empty()),
                        Provenance.UNKNOWN,
                        () -> RunDirectory.claim(run, "pretrain", Leftover.REFUSED));
    }

    @Override
    public void close() {
        parameters.close();
    }
}
