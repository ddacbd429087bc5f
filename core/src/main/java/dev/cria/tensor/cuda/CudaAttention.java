package dev.cria.tensor.cuda;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Kernels.Choice;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.library.Libtorch;
import dev.cria.tensor.library.Raw;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.global.torch;

/**
 * Causal attention on CUDA: libtorch's flash attention for bfloat16 and float16, and for what that does not cover
 * (float32, several documents in a row, a cache and more than one query) the reference, a few rows of the batch at a
 * time.
 *
 * <p>Flash attention's backward sums the queries' gradients in the order in which blocks come along, unless it is asked
 * for a fixed order, which takes somewhat longer and more memory.
 *
 * @see "Dao 2023, FlashAttention-2: Faster Attention with Better Parallelism and Work Partitioning"
 */
final class CudaAttention {
    private static final int MOST_HEAD_DIM = 256;
    private static final int HEAD_DIM_UNIT = 8;
    private static final int ALIGNMENT = 16;

    /** Bytes of one matrix of scores in the reference, of which it has a few at a time. */
    private static final long SCORES_BYTES = 256L << 20;

    private final OperatorHandle forward = Libtorch.operator("aten::_flash_attention_forward", "");
    private final OperatorHandle backward = Libtorch.operator("aten::_flash_attention_backward", "");
    private final Kernels reference;
    private final Choice choice;

    /** @param choice {@code AUTO} sums in a fixed order, {@code FASTEST} in any */
    CudaAttention(Kernels reference, Choice choice) {
        this.reference = reference;
        this.choice = choice;
    }

    private static boolean isFlash(AttentionShape shape, Optional<Tensor> starts, Tensor... tensors) {
        boolean sizes = shape.headDim() % HEAD_DIM_UNIT == 0 && shape.headDim() <= MOST_HEAD_DIM;
        // A single query sees every key, so nothing has to be masked; several behind a cache would need it.
        boolean aligned = shape.queries() == shape.keys() || shape.queries() == 1;
        return sizes && aligned && starts.isEmpty() && Stream.of(tensors).allMatch(CudaAttention::isReadable);
    }

    private static boolean isReadable(Tensor x) {
        boolean type = x.dtype() == DType.BFLOAT16 || x.dtype() == DType.FLOAT16;
        boolean rows = x.stride(x.dimensions() - 1) == 1
                && x.stride(x.dimensions() - 2) * x.dtype().bytes() % ALIGNMENT == 0;
        return type && rows && !x.device().isCpu() && x.address() % ALIGNMENT == 0;
    }

    void forward(DotProductAttention.Forward c) {
        AttentionShape shape = c.shape();
        if (!isFlash(shape, c.starts(), c.q(), c.k(), c.v())) {
            sliced(c);
            return;
        }
        try (var _ = new PointerScope()) {
            var results = Libtorch.call(
                    forward,
                    queries(shape, c.q()),
                    keys(shape, c.k()),
                    keys(shape, c.v()),
                    none(), // cum_seq_q and cum_seq_k: of packed rows
                    none(),
                    new IValue((long) shape.queries()),
                    new IValue((long) shape.keys()),
                    new IValue(0.0), // dropout_p
                    new IValue(shape.queries() > 1), // is_causal
                    new IValue(false), // return_debug_mask
                    new IValue(shape.scale()),
                    none(), // window_size_left and _right
                    none(),
                    none(), // seqused_k
                    none()); // alibi_slopes
            queries(shape, c.out()).toTensor().copy_(results.get(0).toTensor());
            c.lse().raw().copy_(results.get(1).toTensor());
        }
    }

    void backward(DotProductAttention.Gradient g) {
        AttentionShape shape = g.shape();
        if (!isFlash(shape, g.starts(), g.dout(), g.q(), g.k(), g.v(), g.out()) || shape.queries() != shape.keys()) {
            sliced(g);
            return;
        }
        try (var _ = new PointerScope()) {
            // Only dropout reads the state of the random numbers.
            var unread = torch.empty(new long[] {2}, Raw.options(DType.INT64, g.q().device()), null);
            var results = inOrder(() -> Libtorch.call(
                    backward,
                    queries(shape, g.dout()),
                    queries(shape, g.q()),
                    keys(shape, g.k()),
                    keys(shape, g.v()),
                    queries(shape, g.out()),
                    new IValue(g.lse().raw()),
                    new IValue(new org.bytedeco.pytorch.Tensor()), // cum_seq_q and cum_seq_k: undefined
                    new IValue(new org.bytedeco.pytorch.Tensor()),
                    new IValue((long) shape.queries()),
                    new IValue((long) shape.keys()),
                    new IValue(0.0), // dropout_p
                    new IValue(true), // is_causal
                    new IValue(unread),
                    new IValue(unread),
                    new IValue(shape.scale()),
                    none(), // window_size_left and _right
                    none()));
            queries(shape, g.dq()).toTensor().copy_(results.get(0).toTensor());
            keys(shape, g.dk()).toTensor().copy_(results.get(1).toTensor());
            keys(shape, g.dv()).toTensor().copy_(results.get(2).toTensor());
        }
    }

    /** libtorch's switch for fixed orders is set around this one call: elsewhere it would also fill new memory. */
    private <R> R inOrder(java.util.function.Supplier<R> call) {
        if (choice == Choice.FASTEST) {
            return call.get();
        }
        var context = torch.globalContext();
        context.setDeterministicFillUninitializedMemory(false);
        context.setDeterministicAlgorithms(true, false);
        try {
            return call.get();
        } finally {
            context.setDeterministicAlgorithms(false, false);
        }
    }

    private static IValue none() {
        return new IValue();
    }

    private static IValue queries(AttentionShape shape, Tensor x) {
        return new IValue(x.raw().view(shape.batch(), shape.queries(), shape.heads(), shape.headDim()));
    }

    private static IValue keys(AttentionShape shape, Tensor x) {
        return new IValue(x.raw().view(shape.batch(), shape.keys(), shape.kvHeads(), shape.headDim()));
    }

    /** Rows of the batch whose scores fit into memory together. */
    private static int slice(AttentionShape shape) {
        long row = (long) shape.heads() * shape.queries() * shape.keys() * Float.BYTES;
        return (int) Math.clamp(SCORES_BYTES / row, 1, shape.batch());
    }

    private static AttentionShape of(AttentionShape shape, int batch) {
        return new AttentionShape(
                batch, shape.queries(), shape.keys(), shape.heads(), shape.kvHeads(), shape.headDim());
    }

    private void sliced(DotProductAttention.Forward c) {
        int slice = slice(c.shape());
        for (int first = 0; first < c.shape().batch(); first += slice) {
            int count = Math.min(slice, c.shape().batch() - first);
            try (var part = new Slice(c.shape().batch(), first, count)) {
                reference.run(new DotProductAttention.Forward(
                        of(c.shape(), count),
                        part.of(c.q()),
                        part.of(c.k()),
                        part.of(c.v()),
                        c.starts().map(part::of),
                        part.of(c.out()),
                        part.of(c.lse())));
            }
        }
    }

    private void sliced(DotProductAttention.Gradient g) {
        int slice = slice(g.shape());
        for (int first = 0; first < g.shape().batch(); first += slice) {
            int count = Math.min(slice, g.shape().batch() - first);
            try (var part = new Slice(g.shape().batch(), first, count)) {
                reference.run(new DotProductAttention.Gradient(
                        of(g.shape(), count),
                        part.of(g.dout()),
                        part.of(g.q()),
                        part.of(g.k()),
                        part.of(g.v()),
                        g.starts().map(part::of),
                        part.of(g.out()),
                        part.of(g.lse()),
                        part.of(g.dq()),
                        part.of(g.dk()),
                        part.of(g.dv())));
            }
        }
    }

    /** Some rows of the batch of every tensor, whatever a row of the batch is in its first dimension. */
    private record Slice(Scope scope, int batch, int first, int count) implements AutoCloseable {
        Slice(int batch, int first, int count) {
            this(new Scope(), batch, first, count);
        }

        Tensor of(Tensor x) {
            long each = x.size(0) / batch;
            return scope.own(x.rows(first * each, count * each));
        }

        @Override
        public void close() {
            scope.close();
        }
    }
}
