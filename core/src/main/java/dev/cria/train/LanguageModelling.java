package dev.cria.train;

import dev.cria.data.Batch;
import dev.cria.data.Prefetch;
import dev.cria.data.Windows;
import dev.cria.model.Attention;
import dev.cria.model.LanguageModel;
import dev.cria.model.Tokens;
import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.nn.Tape;
import dev.cria.parallel.ParallelSection;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.weights.Models;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Pretraining: the next token of every place of every window. */
public final class LanguageModelling implements Objective {
    private final LanguageModel model;
    private final Recipe.Batch batch;
    private final double zLoss;
    private final int accumulation;
    private final double windowCount;
    private final Optional<Tokenizer> tokenizer;
    private final Supplier<Batch> batches;
    private final Runnable closeBatches;
    private @Nullable Batch current;

    /**
     * @param tokenizer goes into every checkpoint, so that it is a whole model directory
     * @param firstStep where the windows begin: a step's data follow from its number
     */
    public LanguageModelling(
            LanguageModel model,
            Windows windows,
            Recipe recipe,
            Ranks ranks,
            Optional<Tokenizer> tokenizer,
            long firstStep) {
        this.model = model;
        this.batch = recipe.batch();
        this.zLoss = recipe.loss().zLoss();
        this.accumulation = batch.accumulation(ranks.size());
        this.windowCount = windows.count();
        this.tokenizer = tokenizer;
        long first = firstStep * accumulation;
        Prefetch prefetch = Prefetch.start(
                windows,
                batch.microBatch(),
                k -> position(batch, recipe.parallel(), first + k, ranks.rank(), ranks.size()));
        this.batches = prefetch::next;
        this.closeBatches = prefetch::close;
    }

    /** Steps of one micro-batch each, whose loss counts as if it were one of many: for measuring. */
    public LanguageModelling(LanguageModel model, Recipe recipe, Supplier<Batch> batches) {
        this.model = model;
        this.batch = recipe.batch();
        this.zLoss = recipe.loss().zLoss();
        this.accumulation = 1;
        this.windowCount = Double.POSITIVE_INFINITY;
        this.tokenizer = Optional.empty();
        this.batches = batches;
        this.closeBatches = () -> {};
    }

    /** The window at which a rank's k-th micro-batch begins. */
    static long position(Recipe.Batch batch, ParallelSection parallel, long k, int rank, int ranks) {
        int accumulation = batch.accumulation(ranks);
        long step = k / accumulation;
        long place = parallel.place(k % accumulation, accumulation, rank, ranks);
        return step * batch.windowsPerStep() + place * batch.microBatch();
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
    public void await(long step, int microBatch) {
        current = batches.get();
    }

    @Override
    public double loss(Tape tape, Scope batch, long step, int microBatch, double scale) {
        return loss(tape, batch, model, Objects.requireNonNull(current), scale, zLoss);
    }

    /** The sum of a batch's losses; the batch's tensors live in the scope. */
    static double loss(Tape tape, Scope scope, LanguageModel model, Batch batch, double scale, double zLoss) {
        Device device = model.device();
        Tensor ids = on(device, batch.inputs(), scope);
        Tensor targets = on(device, batch.targets(), scope);
        Tokens tokens = Tokens.of(scope, device, ids, batch.rows(), batch.sequenceLength());
        var hidden = model.hidden(tape, tokens, Attention.wholeRows());
        double sum = 0;
        for (float loss : tape.linearCrossEntropy(hidden, model.head(), targets, scale, zLoss)
                .toFloats()) {
            sum += loss;
        }
        return sum;
    }

    private static Tensor on(Device device, MemorySegment numbers, Scope scope) {
        Tensor made = scope.empty(DType.INT64, device, numbers.byteSize() / Long.BYTES);
        made.copyFrom(numbers);
        return made;
    }

    @Override
    public double rounds(long step) {
        return (double) step * batch.windowsPerStep() / windowCount;
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
    public void fill(Path directory, Function<Parameter, Tensor> weights) {
        Models.fill(model, directory, DType.FLOAT32, weights);
    }

    @Override
    public void close() {
        closeBatches.run();
        model.close();
    }
}
