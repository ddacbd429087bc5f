package dev.cria.tensor.cpu;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.Into;
import dev.cria.tensor.Tensor;
import java.util.Optional;

/**
 * {@link DotProductAttention.Forward} in blocks of 64 queries, a head a task: the block's scores on the keys that it sees, their
 * softmax, and its product with the values, all in the L2 cache. Keys later than the block's last query are never
 * multiplied. At most [64, keys] scores exist for a thread.
 *
 * @see "Dao et al. 2022, FlashAttention; here a row of scores fits the cache, so no running maximum is needed"
 */
final class CpuAttention {
    static final int BLOCK = 64;

    /** Floats between rows that are a power of two long, which would share a few lines of the first cache. */
    static final int GAP = 32;

    private final Brgemm blocks;
    private final Workers workers;

    CpuAttention(Brgemm blocks, Workers workers) {
        this.blocks = blocks;
        this.workers = workers;
    }

    /** True if the blocks cover this attention: whole vectors in a head, rows dense, float32 or bfloat16 throughout. */
    static boolean fits(AttentionShape shape, Tensor... tensors) {
        for (Tensor t : tensors) {
            boolean type =
                    t.dtype() == tensors[0].dtype() && (t.dtype() == DType.FLOAT32 || t.dtype() == DType.BFLOAT16);
            if (!type || t.stride(t.dimensions() - 1) != 1) {
                return false;
            }
        }
        return shape.headDim() % 16 == 0;
    }

    void forward(DotProductAttention.Forward call) {
        AttentionShape shape = call.shape();
        long lse = call.lse().address();
        workers.run(shape.batch() * shape.heads(), (task, scratch) -> {
            int batch = task / shape.heads();
            int head = task % shape.heads();
            int dim = shape.headDim();
            var queries = HeadRows.of(call.q(), shape.queries(), dim, batch, head);
            var keys = HeadRows.of(call.k(), shape.keys(), dim, batch, head / shape.group());
            var values = HeadRows.of(call.v(), shape.keys(), dim, batch, head / shape.group());
            var results = HeadRows.of(call.out(), shape.queries(), dim, batch, head);
            new Head(shape, queries, keys, values, results, Visible.of(shape, call.starts(), batch))
                    .forward(lse + 4L * task * shape.queries(), scratch);
            blocks.release();
        });
    }

    /**
     * Which keys a query sees.
     *
     * @param starts address of the first visible position of each position, or 0 where that is always 0
     */
    record Visible(long offset, long starts) {
        static Visible of(AttentionShape shape, Optional<Tensor> starts, int batch) {
            long address =
                    starts.map(s -> s.address() + 8L * batch * shape.keys()).orElse(0L);
            return new Visible(shape.keys() - shape.queries(), address);
        }

        /** The first key that a query sees. */
        int from(long query) {
            return starts == 0 ? 0 : (int) Lanes.getLong(starts + 8 * (offset + query));
        }

        /** The first key that it no longer sees. */
        int to(long query) {
            return (int) (offset + query + 1);
        }
    }

    /** One head of one sequence. */
    private final class Head {
        private final HeadRows q;
        private final HeadRows out;
        private final HeadRows k;
        private final HeadRows v;
        private final Visible visible;
        private final float scale;
        private final DType dtype;
        private final long dim;

        Head(AttentionShape shape, HeadRows q, HeadRows k, HeadRows v, HeadRows out, Visible visible) {
            this.q = q;
            this.k = k;
            this.v = v;
            this.out = out;
            this.visible = visible;
            this.scale = (float) shape.scale();
            this.dtype = q.dtype();
            this.dim = shape.headDim();
        }

        void forward(long lse, Scratch scratch) {
            var queries = q.whole(scratch);
            long keys = k.transposedPanels(scratch);
            long values = v.summedPanel(scratch);
            long width = k.padded() + GAP;
            long scores = scratch.floats(BLOCK * width);
            long weights = dtype == DType.FLOAT32 ? scores : scratch.take(BLOCK * width * 2);
            long sums = scratch.floats(BLOCK);
            long result = scratch.floats(BLOCK * dim);
            for (int first = 0; first < q.positions(); first += BLOCK) {
                int rows = Math.min(BLOCK, q.positions() - first);
                int seen = (int) CpuGemm.divideUp(visible.to(first + rows - 1), BLOCK) * BLOCK;
                for (long key = 0; key < seen; key += BLOCK) {
                    blocks.multiply(
                            dtype,
                            BLOCK,
                            BLOCK,
                            dim,
                            queries.at(first),
                            queries.strideElements(),
                            keys + key * k.bytes(),
                            BLOCK,
                            scores + 4 * key,
                            width,
                            Into.OVERWRITE);
                }
                for (int row = 0; row < rows; row++) {
                    CausalSoftmax.weights(
                            scores + 4 * row * width,
                            dtype,
                            weights + dtype.bytes() * row * width,
                            visible.from(first + row),
                            visible.to(first + row),
                            seen,
                            scale,
                            sums + 4L * row,
                            lse + 4L * (first + row));
                }
                blocks.multiply(dtype, BLOCK, dim, seen, weights, width, values, dim, result, dim, Into.OVERWRITE);
                for (int row = 0; row < rows; row++) {
                    out.put(first + row, result + 4 * row * dim, 1 / Lanes.get(sums + 4L * row));
                }
            }
        }
    }
}
