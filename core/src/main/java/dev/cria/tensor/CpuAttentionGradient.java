package dev.cria.tensor;

import static dev.cria.tensor.Lanes.WIDTH;
import static dev.cria.tensor.Lanes.load;

import dev.cria.tensor.CpuAttention.Visible;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Kernels#attentionGradient}, a key-value head a task, in blocks of 64 keys.
 *
 * <p>Everything is computed transposed, [keys, queries]: with the scores Sᵀ = K·Qᵀ the weights Pᵀ = exp(Sᵀ·scale − lse)
 * and their gradient dSᵀ = Pᵀ·(V·dOᵀ − Σ dO·O)·scale come out as the left operands of dV = Pᵀ·dO and dK = dSᵀ·Q, and as
 * the right operand of dQᵀ = Kᵀ·dSᵀ, so that no [keys, queries] matrix is ever turned round. Queries before a block's
 * first key are left out.
 */
final class CpuAttentionGradient {
    private static final int BLOCK = CpuAttention.BLOCK;

    private final Brgemm blocks;
    private final Workers workers;

    CpuAttentionGradient(Brgemm blocks, Workers workers) {
        this.blocks = blocks;
        this.workers = workers;
    }

    /** The tensors of {@link Kernels#attentionGradient}. */
    record Tensors(
            Tensor dout,
            Tensor q,
            Tensor k,
            Tensor v,
            Optional<Tensor> starts,
            Tensor out,
            Tensor lse,
            Tensor dq,
            Tensor dk,
            Tensor dv) {}

    void backward(AttentionShape shape, Tensors t) {
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
        private final long k; // [padded keys, dim]
        private final long v; // [padded keys, dim]
        private final long kTurned; // [block of keys, dim, 64]
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
            this.k = kRows.dense(scratch);
            this.v = vRows.dense(scratch);
            this.dk = scratch.floats(kRows.padded() * dim);
            this.dv = scratch.floats(kRows.padded() * dim);
            Lanes.zero(dk, 4 * kRows.padded() * dim);
            Lanes.zero(dv, 4 * kRows.padded() * dim);
            this.kTurned = scratch.take(kRows.padded() * dim * bytes);
            var dense = new Matrix(k, kRows.padded(), dim, dim, dtype);
            for (long key = 0; key < keys; key += BLOCK) {
                var mark = scratch.mark();
                PackedOperand.turn(dense, key, BLOCK, 0, dim, kTurned + key * dim * bytes, scratch);
                scratch.reset(mark);
            }
        }

        /** Adds a query head's share to dk and dv, and writes its dq. */
        void add(HeadRows q, HeadRows dout, HeadRows out, long lse, HeadRows dq) {
            int queries = q.positions();
            long width = q.padded();
            long qTurned = q.transposedPanels(scratch);
            long doutTurned = dout.transposedPanels(scratch);
            long qSummed = q.summedPanel(scratch);
            long doutSummed = dout.summedPanel(scratch);
            long delta = scratch.floats(width);
            products(dout, out, delta);
            long sums = scratch.floats(width);
            Lanes.copy(lse, sums, 4L * queries);
            long dqTurned = scratch.floats(dim * width);
            Lanes.zero(dqTurned, 4 * dim * width);
            long scores = scratch.floats(BLOCK * width);
            long slopes = scratch.floats(BLOCK * width);
            long weights = dtype == DType.FLOAT32 ? scores : scratch.take(BLOCK * width * bytes);
            long dscores = dtype == DType.FLOAT32 ? slopes : scratch.take(BLOCK * width * bytes);
            long paired = dtype == DType.FLOAT32 ? slopes : scratch.take(BLOCK * width * bytes);
            for (int key = 0; key < keys; key += BLOCK) {
                // The first query that sees the block's first key, down to a whole panel.
                long first = Math.max(0, key - visible.offset()) / BLOCK * BLOCK;
                long seen = width - first;
                long shift = key * dim;
                for (long query = first; query < width; query += BLOCK) {
                    long panel = query * dim * bytes;
                    block(k + shift * bytes, dim, qTurned + panel, dim, scores + 4 * query, width);
                    block(v + shift * bytes, dim, doutTurned + panel, dim, slopes + 4 * query, width);
                }
                for (int row = 0; row < BLOCK; row++) {
                    long at = row * width;
                    weigh(key + row, (int) first, queries, width, scores + 4 * at, slopes + 4 * at, sums, delta);
                    if (weights != scores) {
                        Lanes.narrow(scores + 4 * (at + first), weights + 2 * (at + first), seen);
                        Lanes.narrow(slopes + 4 * (at + first), dscores + 2 * (at + first), seen);
                    }
                }
                sum(weights + first * bytes, width, seen, doutSummed + first * dim * bytes, dv + 4 * shift);
                sum(dscores + first * bytes, width, seen, qSummed + first * dim * bytes, dk + 4 * shift);
                if (paired != dscores) {
                    pair(dscores, first, width, paired);
                }
                for (long query = first; query < width; query += BLOCK) {
                    boolean pairs = paired != dscores;
                    blocks.multiply(
                            dtype,
                            dim,
                            BLOCK,
                            BLOCK,
                            kTurned + shift * bytes,
                            BLOCK,
                            pairs ? paired + query * BLOCK * bytes : paired + 4 * query,
                            pairs ? BLOCK : width,
                            dqTurned + 4 * query,
                            width,
                            Into.ACCUMULATE);
                }
            }
            long dqRows = scratch.floats(width * dim);
            Packing.transpose(dqTurned, 4 * width, dim, width, dqRows, 4 * dim, scratch);
            for (int query = 0; query < queries; query++) {
                dq.put(query, dqRows + 4 * query * dim);
            }
        }

        /** delta[i] = Σ dout[i] · out[i]. */
        private void products(HeadRows dout, HeadRows out, long delta) {
            for (int query = 0; query < dout.positions(); query++) {
                var mark = scratch.mark();
                long a = Lanes.widened(dtype, dout.at(query), dim, scratch);
                long b = Lanes.widened(dtype, out.at(query), dim, scratch);
                Lanes.set(delta + 4L * query, Dot.product(a, b, dim));
                scratch.reset(mark);
            }
        }

        /** A block [64, 64] of the product of 64 keys with 64 queries. */
        private void block(long a, long lda, long b, long depth, long c, long ldc) {
            blocks.multiply(dtype, BLOCK, BLOCK, depth, a, lda, b, BLOCK, c, ldc, Into.OVERWRITE);
        }

        /** c [64, dim] += a [64, depth] · b [depth, dim]. */
        private void sum(long a, long lda, long depth, long b, long c) {
            blocks.multiply(dtype, BLOCK, dim, depth, a, lda, b, dim, c, dim, Into.ACCUMULATE);
        }

        /** One key's row: scores become weights, slopes become gradients of the scores; 0 where it is not seen. */
        private void weigh(
                int key, int first, int queries, long width, long scores, long slopes, long lse, long delta) {
            // Query i sees keys up to offset + i.
            int from = key < keys ? (int) Math.clamp(key - visible.offset(), first, queries) : queries;
            // Whole vectors; what they cover beyond is cleared afterwards.
            int start = from & -WIDTH;
            weigh(scores + 4L * start, slopes + 4L * start, lse + 4L * start, delta + 4L * start, (int) width - start);
            Lanes.zeroFloats(scores + 4L * first, from - first);
            Lanes.zeroFloats(slopes + 4L * first, from - first);
            Lanes.zeroFloats(scores + 4L * queries, (int) width - queries);
            Lanes.zeroFloats(slopes + 4L * queries, (int) width - queries);
            if (visible.starts() != 0) {
                for (int query = from; query < queries; query++) {
                    if (visible.from(query) > key) {
                        Lanes.set(scores + 4L * query, 0);
                        Lanes.set(slopes + 4L * query, 0);
                    }
                }
            }
        }

        private void weigh(long scores, long slopes, long lse, long delta, int n) {
            for (int i = 0; i < n; i += WIDTH) {
                Lanes.store(scores + 4L * i, load(scores + 4L * i).mul(scale).sub(load(lse + 4L * i)));
            }
            Exponential.run(scores, 0, 1, scores, n);
            for (int i = 0; i < n; i += WIDTH) {
                FloatVector slope = load(slopes + 4L * i).sub(load(delta + 4L * i));
                Lanes.store(slopes + 4L * i, slope.mul(load(scores + 4L * i)).mul(scale));
            }
        }

        /** [64, width] in panels of 64 queries with the keys two and two: [panel, 32, 64, 2]. */
        private void pair(long source, long first, long width, long target) {
            for (long query = first; query < width; query += BLOCK) {
                long panel = target + query * BLOCK * 2;
                for (int row = 0; row < BLOCK; row += 2) {
                    long a = source + 2 * (row * width + query);
                    Packing.zip(a, a + 2 * width, BLOCK, panel + 4L * row / 2 * BLOCK);
                }
            }
        }

        void finish(HeadRows dkRows, HeadRows dvRows) {
            for (int key = 0; key < keys; key++) {
                dkRows.put(key, dk + 4 * key * dim);
                dvRows.put(key, dv + 4 * key * dim);
            }
        }
    }
}
