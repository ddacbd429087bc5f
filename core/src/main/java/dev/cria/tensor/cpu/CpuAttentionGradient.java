package dev.cria.tensor.cpu;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.Into;
import dev.cria.tensor.cpu.CpuAttention.Visible;

/**
 * {@link DotProductAttention.Gradient}, a key-value head a task, in blocks of 64 keys by up to 256 queries.
 *
 * <p>Everything is computed transposed, [keys, queries]: with the scores Sᵀ = K·Qᵀ the weights Pᵀ = exp(Sᵀ·scale − lse)
 * and their gradient dSᵀ = Pᵀ·(V·dOᵀ − Σ dO·O)·scale come out as the left operands of dV = Pᵀ·dO and dK = dSᵀ·Q, and as
 * the right operand of dQᵀ = Kᵀ·dSᵀ, so that no [keys, queries] matrix is ever transposed. Queries before a block's
 * first key are left out.
 */
final class CpuAttentionGradient {
    private static final int BLOCK = CpuAttention.BLOCK;

    /** Queries at one time: their scores and dWeights on 64 keys stay in the L2 cache. */
    private static final long CHUNK = 256;

    /** Numbers from key to key of a chunk. */
    private static final long STRIDE = CHUNK + CpuAttention.GAP;

    private final Brgemm blocks;
    private final Workers workers;

    CpuAttentionGradient(Brgemm blocks, Workers workers) {
        this.blocks = blocks;
        this.workers = workers;
    }

    void backward(DotProductAttention.Gradient t) {
        AttentionShape shape = t.shape();
        workers.run(shape.batch() * shape.kvHeads(), (task, scratch) -> {
            int batch = task / shape.kvHeads();
            int kvHead = task % shape.kvHeads();
            int dim = shape.headDim();
            var group = new Group(
                    HeadRows.of(t.k(), shape.keys(), dim, batch, kvHead),
                    HeadRows.of(t.v(), shape.keys(), dim, batch, kvHead),
                    Visible.of(shape, t.starts(), batch),
                    (float) shape.scale(),
                    scratch);
            for (int head = kvHead * shape.group(); head < (kvHead + 1) * shape.group(); head++) {
                var mark = scratch.mark();
                group.add(
                        HeadRows.of(t.q(), shape.queries(), dim, batch, head),
                        HeadRows.of(t.dout(), shape.queries(), dim, batch, head),
                        HeadRows.of(t.out(), shape.queries(), dim, batch, head),
                        t.lse().address() + 4L * (batch * shape.heads() + head) * shape.queries(),
                        HeadRows.of(t.dq(), shape.queries(), dim, batch, head));
                scratch.reset(mark);
            }
            group.finish(
                    HeadRows.of(t.dk(), shape.keys(), dim, batch, kvHead),
                    HeadRows.of(t.dv(), shape.keys(), dim, batch, kvHead));
            blocks.release();
        });
    }

    /** One key-value head of one sequence, and the sums over the query heads that share it. */
    private final class Group {
        private final Visible visible;
        private final float scale;
        private final Scratch scratch;
        private final DType dtype;
        private final int bytes;
        private final long dim;
        private final int keys;
        private final HeadRows k; // [padded keys, dim]
        private final HeadRows v; // [padded keys, dim]
        private final long kTransposed; // [block of keys, dim, 64]
        private final long dk; // [padded keys, dim] float32
        private final long dv; // [padded keys, dim] float32

        Group(HeadRows kRows, HeadRows vRows, Visible visible, float scale, Scratch scratch) {
            this.visible = visible;
            this.scale = scale;
            this.scratch = scratch;
            this.dtype = kRows.dtype();
            this.bytes = dtype.bytes();
            this.dim = kRows.headDim();
            this.keys = kRows.positions();
            this.k = kRows.whole(scratch);
            this.v = vRows.whole(scratch);
            this.dk = scratch.floats(kRows.padded() * dim);
            this.dv = scratch.floats(kRows.padded() * dim);
            Lanes.zero(dk, 4 * kRows.padded() * dim);
            Lanes.zero(dv, 4 * kRows.padded() * dim);
            this.kTransposed = scratch.take(kRows.padded() * dim * bytes);
            for (long key = 0; key < keys; key += BLOCK) {
                turnKeys(key, kTransposed + key * dim * bytes);
            }
        }

        /** A block of keys [64, dim] as [dim, 64]. */
        private void turnKeys(long key, long target) {
            var mark = scratch.mark();
            if (dtype == DType.FLOAT32) {
                Packing.transpose(k.at(key), k.stride(), BLOCK, dim, target, BLOCK * 4, scratch);
            } else {
                Packing.transposeBf16(k.at(key), k.stride(), BLOCK, dim, target, BLOCK * 2, scratch);
            }
            scratch.reset(mark);
        }

        /** Adds a query head's share to dk and dv, and writes its dq. */
        void add(HeadRows q, HeadRows dout, HeadRows out, long lse, HeadRows dq) {
            var queries = new Queries(q, dout, out, lse);
            for (int key = 0; key < keys; key += BLOCK) {
                // The first query that sees the block's first key, down to a whole panel.
                long first = Math.max(0, key - visible.offset()) / BLOCK * BLOCK;
                for (long from = first; from < queries.width; from += CHUNK) {
                    queries.add(key, from, Math.min(CHUNK, queries.width - from));
                }
            }
            queries.finish(dq);
        }

        void finish(HeadRows dkRows, HeadRows dvRows) {
            dkRows.put(dk);
            dvRows.put(dv);
        }

        /** One query head, its operands in the orders that the products read. */
        private final class Queries {
            private final int count;
            private final long width; // count, up to a whole panel
            private final long qTransposed; // [panel, dim, 64]
            private final long doutTransposed; // [panel, dim, 64]
            private final long qSummed; // [width, dim]
            private final long doutSummed; // [width, dim]
            private final long delta; // [width] Σ dout · out
            private final long lse; // [width]
            private final long dqTransposed; // [panel, dim, 64] float32
            private final long scores = scratch.floats(BLOCK * STRIDE);
            private final long dWeights = scratch.floats(BLOCK * STRIDE);
            private final long weights = dtype == DType.FLOAT32 ? scores : scratch.take(BLOCK * STRIDE * bytes);
            private final long dscores = dtype == DType.FLOAT32 ? dWeights : scratch.take(BLOCK * STRIDE * bytes);
            private final long paired = dtype == DType.FLOAT32 ? dWeights : scratch.take(BLOCK * STRIDE * bytes);

            Queries(HeadRows q, HeadRows dout, HeadRows out, long lseOfQueries) {
                this.count = q.positions();
                this.width = q.padded();
                this.qTransposed = q.transposedPanels(scratch);
                this.doutTransposed = dout.transposedPanels(scratch);
                this.qSummed = q.summedPanel(scratch);
                this.doutSummed = dout.summedPanel(scratch);
                this.delta = scratch.floats(width);
                Lanes.zero(delta, 4 * width);
                for (long i = 0; i < count; i++) {
                    Lanes.set(delta + 4 * i, Dot.product(dtype, dout.at(i), out.at(i), dim, scratch));
                }
                // Queries past the last get weights of e⁻∞.
                this.lse = scratch.floats(width);
                Lanes.copy(lseOfQueries, lse, 4L * count);
                Lanes.fill(lse, count, (int) width, Float.POSITIVE_INFINITY);
                this.dqTransposed = scratch.floats(dim * width);
                Lanes.zero(dqTransposed, 4 * dim * width);
            }

            /** 64 keys from {@code key} on with the queries from {@code first} on. */
            void add(int key, long first, long length) {
                for (long i = 0; i < length; i += BLOCK) {
                    long panel = (first + i) * dim * bytes;
                    block(k, key, qTransposed + panel, scores + 4 * i);
                    block(v, key, doutTransposed + panel, dWeights + 4 * i);
                }
                for (int row = 0; row < BLOCK; row++) {
                    softmaxGradient(key + row, (int) first, (int) length, row * STRIDE);
                }
                sum(weights, length, doutSummed + first * dim * bytes, dv + 4 * key * dim);
                sum(dscores, length, qSummed + first * dim * bytes, dk + 4 * key * dim);
                if (paired != dscores) {
                    pair(length);
                }
                for (long i = 0; i < length; i += BLOCK) {
                    blocks.multiply(
                            dtype,
                            dim,
                            BLOCK,
                            BLOCK,
                            kTransposed + key * dim * bytes,
                            BLOCK,
                            paired != dscores ? paired + i * BLOCK * bytes : paired + 4 * i,
                            paired != dscores ? BLOCK : STRIDE,
                            dqTransposed + 4 * (first + i) * dim,
                            BLOCK,
                            Into.ACCUMULATE);
                }
            }

            /** A block [64, 64] of the product of 64 keys with 64 queries. */
            private void block(HeadRows rows, int key, long panel, long target) {
                long stride = rows.strideElements();
                blocks.multiply(
                        dtype, BLOCK, BLOCK, dim, rows.at(key), stride, panel, BLOCK, target, STRIDE, Into.OVERWRITE);
            }

            /** c [64, dim] += a [64, length] · b [length, dim]. */
            private void sum(long a, long length, long b, long c) {
                blocks.multiply(dtype, BLOCK, dim, length, a, STRIDE, b, dim, c, dim, Into.ACCUMULATE);
            }

            /** One key's row: scores become weights, dWeights become gradients of the scores; 0 where it is not seen. */
            private void softmaxGradient(int key, int first, int length, long row) {
                // Query i sees keys up to offset + i.
                int unseen = key < keys ? (int) Math.clamp(key - visible.offset() - first, 0, length) : length;
                CausalSoftmax.hideBefore(scores + 4 * row, 0, unseen);
                if (visible.starts() != 0) {
                    for (int i = unseen; i < Math.min(length, count - first); i++) {
                        if (visible.from(first + i) > key) {
                            Lanes.set(scores + 4 * (row + i), Float.NEGATIVE_INFINITY);
                        }
                    }
                }
                CausalSoftmax.gradients(
                        scores + 4 * row,
                        dWeights + 4 * row,
                        lse + 4L * first,
                        delta + 4L * first,
                        scale,
                        length,
                        dtype,
                        weights + bytes * row,
                        dscores + bytes * row);
            }

            /** [64, length] in panels of 64 queries with the keys two and two: [panel, 32, 64, 2]. */
            private void pair(long length) {
                for (long i = 0; i < length; i += BLOCK) {
                    long panel = paired + i * BLOCK * 2;
                    for (int row = 0; row < BLOCK; row += 2) {
                        long a = dscores + 2 * (row * STRIDE + i);
                        Packing.zip(a, a + 2 * STRIDE, BLOCK, panel + 4L * row / 2 * BLOCK);
                    }
                }
            }

            void finish(HeadRows dq) {
                long rows = scratch.floats(width * dim);
                for (long i = 0; i < width; i += BLOCK) {
                    var mark = scratch.mark();
                    long panel = 4 * i * dim;
                    Packing.transpose(dqTransposed + panel, 4 * BLOCK, dim, BLOCK, rows + panel, 4 * dim, scratch);
                    scratch.reset(mark);
                }
                dq.put(rows);
            }
        }
    }
}
