package dev.cria.train;

import dev.cria.data.Batch;
import dev.cria.data.Prefetch;
import dev.cria.data.Windows;
import dev.cria.model.Attention;
import dev.cria.model.LanguageModel;
import dev.cria.model.Models;
import dev.cria.model.Tokens;
import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.nn.Tape;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.StepClock.Part;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Pretraining: the next token of every place of every window. */
public final class LanguageModelling implements Objective {
    private final LanguageModel model;
    private final Recipe.Batch batch;
    private final int accumulation;
    private final Optional<Tokenizer> tokenizer;
    private final Prefetch batches;

    /**
     * @param tokenizer goes into every checkpoint, so that it is a whole model directory
     * @param firstStep where the windows begin: a step's data follow from its number
     */
    public LanguageModelling(
            LanguageModel model,
            Windows windows,
            Recipe.Batch batch,
            Ranks ranks,
            Optional<Tokenizer> tokenizer,
            long firstStep) {
        this.model = model;
        this.batch = batch;
        this.accumulation = batch.accumulation(ranks.size());
        this.tokenizer = tokenizer;
        long first = firstStep * accumulation;
        this.batches = Prefetch.start(
                windows, batch.microBatch(), k -> position(batch, first + k, ranks.rank(), ranks.size()));
    }

    /** The window at which a rank's k-th micro-batch begins: ranks split a step's windows in one piece each. */
    static long position(Recipe.Batch batch, long k, int rank, int ranks) {
        int accumulation = batch.accumulation(ranks);
        long step = k / accumulation;
        long within = k % accumulation;
        long perRank = batch.windowsPerStep() / ranks;
        return step * batch.windowsPerStep() + rank * perRank + within * batch.microBatch();
    }

    @Override
    public Parameters parameters() {
        return model.parameters();
    }

    @Override
    public long targets(long step) {
        return batch.tokensPerStep();
    }

    @Override
    public long tokens(long step) {
        return batch.tokensPerStep();
    }

    @Override
    public int microBatches(long step) {
        return accumulation;
    }

    @Override
    public double forwardBackward(Tape tape, long step, int microBatch, double scale, StepClock clock) {
        clock.enter(Part.DATA);
        Batch next = batches.next();
        clock.enter(Part.FORWARD);
        return run(tape, model, next, scale, () -> {
            clock.enter(Part.BACKWARD);
            tape.backward();
        });
    }

    /** The sum of the losses; {@code after} runs while the batch's tensors are there. */
    static double run(Tape tape, LanguageModel model, Batch batch, double scale, Runnable after) {
        try (var scope = new Scope()) {
            Device device = model.device();
            Tensor ids = on(device, batch.inputs(), scope);
            Tensor targets = on(device, batch.targets(), scope);
            Tokens tokens = Tokens.of(scope, device, ids, batch.rows(), batch.sequenceLength());
            var hidden = model.hidden(tape, tokens, Attention.wholeRows());
            double sum = 0;
            for (float loss : tape.linearCrossEntropy(hidden, model.head(), targets, scale)
                    .toFloats()) {
                sum += loss;
            }
            after.run();
            return sum;
        }
    }

    private static Tensor on(Device device, MemorySegment numbers, Scope scope) {
        Tensor made = scope.empty(DType.INT64, device, numbers.byteSize() / Long.BYTES);
        made.copyFrom(numbers);
        return made;
    }

    @Override
    public double flopsPerToken() {
        return model.config().flopsPerToken(batch.sequenceLength());
    }

    @Override
    public List<Path> write(Path directory, Function<Parameter, Tensor> weights) {
        List<Path> files = new ArrayList<>(Models.save(model, directory, DType.FLOAT32, weights));
        tokenizer.ifPresent(t -> files.addAll(Tokenizers.save(t, directory)));
        return files;
    }

    @Override
    public void read(Path directory) {
        Models.readWeights(model, directory);
    }

    @Override
    public void close() {
        batches.close();
        model.close();
    }
}
