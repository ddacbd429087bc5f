package dev.cria.nn;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Runs a model's forward, remembers its operations, and walks back over them once, adding into the parameters'
 * gradients and freeing each activation after its last use.
 *
 * <p>Operations are coarse, about a dozen, because each is one place to fuse. Some write their output over an input
 * that nothing else needs: {@link #rope} over its argument, {@link #add} over its second; such a value may not be used
 * again, and using it throws.
 */
public final class Tape implements AutoCloseable {
    private final Kernels kernels;
    private final Mode mode;
    private final Consumer<Parameter> finished;
    private final Map<Parameter, Integer> uses = new IdentityHashMap<>();
    private final List<Operation> operations = new ArrayList<>();
    private final List<Value> values = new ArrayList<>();
    private final List<Tensor> tensors = new ArrayList<>();

    /** What a tape keeps of the forward. */
    public enum Mode {
        /** Nothing: a block's activations are freed when it ends. */
        INFERENCE,
        /** All that the backward needs. */
        TRAINING,
        /** Each block's input only; the backward runs its forward again (Chen et al. 2016, sublinear memory). */
        TRAINING_RECOMPUTING_BLOCKS
    }

    /** A part of a model that the tape may run again: all that it does, it does on the tape that it is given. */
    @FunctionalInterface
    public interface Block {
        Value run(Tape tape, Value x);
    }

    public Tape(Kernels kernels, Mode mode) {
        this(kernels, mode, _ -> {});
    }

    /**
     * A tape that says during its backward which gradients it is done with.
     *
     * @param finished is given each parameter once, when the last operation that adds to its gradient has
     */
    public Tape(Kernels kernels, Mode mode, Consumer<Parameter> finished) {
        this.kernels = kernels;
        this.mode = mode;
        this.finished = finished;
    }

    Kernels kernels() {
        return kernels;
    }

    boolean isRecording() {
        return mode != Mode.INFERENCE;
    }

    /** Rows of an embedding table in the type of the table. {@code ids [rows] int64} */
    public Value embedding(Parameter table, Tensor ids) {
        return Embedding.forward(this, table, ids);
    }

    /** y = x·wᵀ + b, or with low-rank corrections. */
    public Value linear(Value x, Projection projection) {
        return switch (projection) {
            case Projection.Dense dense -> Linear.forward(this, x, dense);
            case Projection.Quantized quantized -> quantized(x, quantized);
            case Projection.LowRank lowRank -> LowRank.forward(this, x, lowRank);
        };
    }

    /** The logits of hidden states, valid until the tape closes. {@code hidden [rows, hidden]} */
    public Tensor logits(Tensor hidden, Projection head) {
        return linear(keep(Value.of(hidden.retain(), false)), head).data();
    }

    private Value quantized(Value x, Projection.Quantized layer) {
        if (isRecording()) {
            throw new IllegalStateException("a quantized matrix alone has no backward");
        }
        Value y = output(x.data(), false, x.rows(), layer.outputs());
        kernels.run(new MatrixProduct.Quantized(x.data(), layer.quantized(), y.data()));
        layer.bias().ifPresent(b -> kernels.run(new Elementwise.AddBias(y.data(), b.value())));
        return y;
    }

    public Value rmsNorm(Value x, Parameter w, double eps) {
        return RmsNorm.forward(this, x, w, eps);
    }

    /** The same on each head of x by itself. {@code x [rows, heads·headDim], w [headDim]} */
    public Value headNorm(Value x, Parameter w, double eps) {
        return HeadNorm.forward(this, x, w, eps);
    }

    public Value layerNorm(Value x, Parameter w, Parameter b, double eps) {
        return LayerNorm.forward(this, x, w, b, eps);
    }

    /** Turns each head by its position, over x. {@code table [positions, 2, headDim/2], positions [rows] int64} */
    public Value rope(Value x, Tensor table, Tensor positions) {
        return Rope.forward(this, x, table, positions);
    }

    /**
     * Causal attention of queries on the keys and values of the same rows.
     *
     * @param window positions that a query sees, the last ones, itself included
     */
    public Value causalAttention(AttentionShape shape, int window, Value q, Value k, Value v, Optional<Tensor> starts) {
        return CausalAttention.forward(
                this, shape, q, k, v, SlidingWindow.starts(this, shape, window, q.data(), starts));
    }

    /** Causal attention of queries on keys and values that a cache holds; in inference only. */
    public Value cachedAttention(
            AttentionShape shape, int window, Value q, Tensor k, Tensor v, Optional<Tensor> starts) {
        return CausalAttention.cached(
                this, shape, q, k, v, SlidingWindow.starts(this, shape, window, q.data(), starts));
    }

    /** Causal attention of several cached sequences, each to itself; their queries follow each other. In inference only. */
    public Value cachedAttention(List<CachedSequence> sequences, int window, Value q) {
        return CausalAttention.ofSequences(this, sequences, window, q);
    }

    /**
     * Causal attention of rows whose tokens stand in a list of their own, each once; in inference only.
     *
     * @param q [tokens, heads·headDim]; k and v alike
     * @param tokenAt [batch·queries] int64: the token at each place of the rows
     * @param placeOf [tokens] int64: a place of each token
     */
    public Value gatheredAttention(
            AttentionShape shape, int window, Value q, Value k, Value v, Tensor tokenAt, Tensor placeOf) {
        Optional<Tensor> starts = SlidingWindow.starts(this, shape, window, q.data(), Optional.empty());
        return GatheredAttention.forward(this, shape, q, k, v, starts, tokenAt, placeOf);
    }

    /** silu(gate)·up, gate and up being the two halves of the columns. */
    public Value swiGlu(Value gateUp) {
        return SwiGlu.forward(this, gateUp);
    }

    public Value gelu(Value x) {
        return Gelu.forward(this, x);
    }

    /** x + y, over y. */
    public Value add(Value x, Value y) {
        return Add.forward(this, x, y);
    }

    /** The columns of x in parts of these widths, as views. */
    public List<Value> split(Value x, long... widths) {
        return Split.forward(this, x, widths);
    }

    /**
     * Runs a block of the model, which takes over its argument. In inference the block's activations are freed when it
     * ends; with recomputation only its argument is kept for the backward.
     */
    public Value block(Value x, Block body) {
        return switch (mode) {
            case TRAINING -> body.run(this, x);
            case TRAINING_RECOMPUTING_BLOCKS -> Recompute.forward(this, x, body);
            case INFERENCE -> {
                Value y = evaluate(x, body, new ArrayList<>());
                release(x);
                yield y;
            }
        };
    }

    /**
     * Runs the body without remembering anything of it but its result.
     *
     * @param parameters the parameters that it used are added to these
     */
    Value evaluate(Value x, Block body, Collection<Parameter> parameters) {
        try (Tape inner = new Tape(kernels, Mode.INFERENCE)) {
            Value y = body.run(inner, inner.keep(Value.of(x.data().retain(), false)));
            parameters.addAll(inner.uses.keySet());
            return keep(Value.of(y.saved().retain(), isRecording()));
        }
    }

    /**
     * The cross-entropy of each row, [rows] in the accumulation type, valid until the tape closes. When recording, the
     * gradients of {@code scale · Σ losses} are formed at once and wait for {@link #backward()}.
     */
    public Tensor linearCrossEntropy(Value x, Projection.Dense head, Tensor targets, double scale) {
        return linearCrossEntropy(x, head, targets, scale, 0);
    }

    /** The same with gradients of {@code scale · Σ (losses + zLoss · logΣexp²)}; the losses are without it. */
    public Tensor linearCrossEntropy(Value x, Projection.Dense head, Tensor targets, double scale, double zLoss) {
        return LinearCrossEntropy.forward(this, x, head, targets, scale, zLoss);
    }

    /** Goes back over the operations, last first. Each is forgotten and its outputs freed when it is done. */
    public void backward() {
        while (!operations.isEmpty()) {
            Operation operation = operations.removeLast();
            if (operation.outputs().stream().anyMatch(Value::hasGradient)) {
                operation.backward(kernels);
            }
            operation.outputs().forEach(Value::release);
            operation.parameters().forEach(this::countDown);
        }
    }

    private void countDown(Parameter parameter) {
        if (uses.merge(parameter, -1, Integer::sum) == 0) {
            parameter.gradient(); // Zeroes one that no operation has reached after all.
            finished.accept(parameter);
        }
    }

    /** Frees what is still there. */
    @Override
    public void close() {
        operations.clear();
        values.reversed().forEach(Value::release);
        values.clear();
        tensors.forEach(Tensor::close);
        tensors.clear();
    }

    /** Makes the tape the owner of a value. */
    Value keep(Value value) {
        values.add(value);
        return value;
    }

    /** Makes the tape the owner of a tensor that lives until it closes. */
    Tensor keep(Tensor tensor) {
        tensors.add(tensor);
        return tensor;
    }

    /** An undefined activation of the same type and device as another tensor, owned by the tape. */
    Value output(Tensor like, boolean differentiable, long... shape) {
        return keep(Value.of(Tensor.empty(like.dtype(), like.device(), shape), differentiable && isRecording()));
    }

    /** Remembers an operation, if its outputs are differentiable. */
    void record(Operation operation) {
        operation.parameters().forEach(parameter -> uses.merge(parameter, 1, Integer::sum));
        if (isRecording() && operation.outputs().getFirst().isDifferentiable()) {
            operations.add(operation);
        }
    }

    void release(Value value) {
        value.release();
    }
}
