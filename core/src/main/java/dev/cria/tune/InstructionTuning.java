package dev.cria.tune;

import dev.cria.model.Attention;
import dev.cria.model.Llama;
import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.nn.Tape;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.train.Objective;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Instruction tuning: adapters around a frozen LLaMA, the loss on the answers. A step takes the next R rows of the
 * order, R = micro_batch · accumulation, whatever the number of ranks and however the rows are laid out in batches; its
 * loss is the mean over all tokens of the step that have one.
 */
final class InstructionTuning implements Objective {
    private final TunedModel model;
    private final TuningRecipe recipe;
    private final InstructionData data;
    private final RowOrder order;
    private final int maxLength;
    private final Ranks ranks;
    private long plannedStep = -1;
    private List<MicroBatch> planned = List.of();

    /** @param maxLength tokens of a packed line */
    InstructionTuning(TunedModel model, TuningRecipe recipe, InstructionData data, int maxLength, Ranks ranks) {
        this.model = model;
        this.recipe = recipe;
        this.data = data;
        this.order = recipe.order(data);
        this.maxLength = maxLength;
        this.ranks = ranks;
    }

    @Override
    public Parameters parameters() {
        return model.adapters().parameters();
    }

    /** Rows {@code [from, to)} of a step. */
    private List<Example> rows(long step, int from, int to) {
        List<Example> rows = new ArrayList<>();
        for (int i = from; i < to; i++) {
            rows.add(data.rows().get(order.at(step * recipe.batch().rows() + i)));
        }
        return rows;
    }

    private List<Example> allRows(long step) {
        return rows(step, 0, recipe.batch().rows());
    }

    @Override
    public long targets(long step) {
        return allRows(step).stream().mapToLong(Example::targets).sum();
    }

    @Override
    public long tokens(long step) {
        return allRows(step).stream().mapToLong(Example::length).sum();
    }

    @Override
    public int microBatches(long step) {
        return plan(step).size();
    }

    /** This rank's part of a step's rows, laid out. */
    private List<MicroBatch> plan(long step) {
        if (step != plannedStep) {
            boolean packedTogether =
                    recipe.data().packing() && !recipe.parallel().isAddedHere();
            planned = packedTogether ? packed(step) : placed(step);
            plannedStep = step;
        }
        return planned;
    }

    /** The ranks split the rows in one piece each, and pack all of it. */
    private List<MicroBatch> packed(long step) {
        int each = recipe.batch().rows() / ranks.size();
        List<Example> mine = rows(step, ranks.rank() * each, (ranks.rank() + 1) * each);
        return MicroBatch.packed(mine, maxLength, recipe.batch().microBatch());
    }

    /**
     * Micro-batches that are the same whatever the number of ranks: each is so many rows of the order, and what is packed is
     * packed within it.
     */
    private List<MicroBatch> placed(long step) {
        int size = recipe.batch().microBatch();
        int each = recipe.batch().accumulation() / ranks.size();
        List<MicroBatch> mine = new ArrayList<>();
        for (int k = 0; k < each; k++) {
            int place = Math.toIntExact(recipe.parallel().place(k, each, ranks.rank(), ranks.size()));
            List<Example> rows = rows(step, place * size, (place + 1) * size);
            mine.addAll(
                    recipe.data().packing() ? MicroBatch.packed(rows, maxLength, size) : MicroBatch.padded(rows, size));
        }
        return mine;
    }

    @Override
    public void await(long step, int microBatch) {
        plan(step);
    }

    @Override
    public double rounds(long step) {
        return (double) step * recipe.batch().rows() / data.rows().size();
    }

    @Override
    public double loss(Tape tape, Scope batch, long step, int microBatch, double scale) {
        Llama llama = model.llama();
        MicroBatch.Tensors tensors = plan(step).get(microBatch).tensors(batch, llama.device());
        var hidden = llama.hidden(tape, tensors.tokens(), Attention.wholeRows());
        Tensor losses = tape.linearCrossEntropy(hidden, llama.head(), tensors.targets(), scale);
        double sum = 0;
        for (float loss : losses.toFloats()) {
            sum += loss;
        }
        return sum;
    }

    /**
     * The base's products run forward and backward to the input, the adapters' also backward to their weights: 4 and 6
     * operations a weight, and those of the attention on rows of mean length.
     */
    @Override
    public double flopsPerToken() {
        var config = model.llama().config();
        double meanLength =
                data.rows().stream().mapToInt(Example::length).average().orElse(0);
        return 4.0 * config.matrixParameterCount()
                + 6.0 * parameters().elements()
                + 12.0 * config.layers() * config.heads().width() * meanLength;
    }

    @Override
    public List<Path> write(Path directory, Function<Parameter, Tensor> weights) {
        return PeftFiles.write(model.adapters(), recipe.lora(), recipe.model(), directory, weights);
    }

    @Override
    public void fill(Path directory, Function<Parameter, Tensor> weights) {
        PeftFiles.fill(model.adapters(), directory, weights);
    }

    @Override
    public void close() {
        model.close();
    }
}
