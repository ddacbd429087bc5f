package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.FLOATS;
import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/**
 * {@link DotProductAttention.Forward} of one query in each row, as decoding asks it. Keys and values are read once, where they lie in
 * the cache, position after position for many heads at a time: what one position has lies side by side, so that memory is
 * read straight on, which a head alone, in strides of a whole position, would not.
 */
final class CpuQueryAttention {
    /** What a block of positions takes as floats, to stay in the L1 cache. */
    private static final long BLOCK_BYTES = 24 << 10;

    private static final int MOST_TOGETHER = 64;

    private CpuQueryAttention() {}

    /** True if this is one query a row, with whole vectors in a head and dense rows, float32 or bfloat16 throughout. */
    static boolean fits(AttentionShape shape, Tensor... tensors) {
        for (Tensor t : tensors) {
            boolean type =
                    t.dtype() == tensors[0].dtype() && (t.dtype() == DType.FLOAT32 || t.dtype() == DType.BFLOAT16);
            if (!type || t.stride(t.dimensions() - 1) != 1) {
                return false;
            }
        }
        return shape.queries() == 1 && shape.headDim() % WIDTH == 0;
    }

    static void forward(Workers workers, DotProductAttention.Forward call) {
        AttentionShape shape = call.shape();
        // A head's result is the same whichever heads are its neighbours, so the cut may follow the machine.
        int kvHeads = Math.clamp(shape.batch() * shape.kvHeads() / (2L * workers.count()), 1, shape.kvHeads());
        int cuts = (int) CpuGemm.divideUp(shape.kvHeads(), kvHeads);
        workers.run(shape.batch() * cuts, (task, scratch) -> {
            int batch = task / cuts;
            int first = task % cuts * kvHeads;
            int count = Math.min(kvHeads, shape.kvHeads() - first);
            var keys = HeadRows.of(call.k(), shape.keys(), shape.headDim(), batch, first);
            var values = HeadRows.of(call.v(), shape.keys(), shape.headDim(), batch, first);
            int from = CpuAttention.Visible.of(shape, call.starts(), batch).from(0);
            var heads = new Heads(shape, Matrix.of(call.q()), Matrix.of(call.out()), batch, first, count);
            heads.attend(keys, values, from, call.lse().address() + 4L * batch * shape.heads(), scratch);
        });
    }

    /** Key-value heads that lie side by side, and the query heads that share them. */
    private record Heads(AttentionShape shape, Matrix q, Matrix out, int batch, int firstKv, int kvHeads) {

        void attend(HeadRows keys, HeadRows values, int from, long lse, Scratch scratch) {
            int dim = shape.headDim();
            int group = shape.group();
            int kvWidth = kvHeads * dim;
            int heads = kvHeads * group;
            int first = firstKv * group;
            // Whole vectors of scores; those beyond the last key are −∞, then 0.
            int seen = keys.positions() - from;
            int width = (seen + WIDTH - 1) & -WIDTH;
            long query = Lanes.widened(q.dtype(), q.at(batch, (long) first * dim), (long) heads * dim, scratch);
            long scores = scratch.floats((long) heads * width);
            eachBlock(keys, kvWidth, from, scratch, (block, stride, at, count) -> {
                for (int head = 0; head < heads; head++) {
                    long place = scores + 4L * (head * width + at);
                    score(query + 4L * head * dim, dim, block + 4L * (head / group) * dim, stride, count, place);
                }
            });
            for (int head = 0; head < heads; head++) {
                softmax(scores + 4L * head * width, seen, width, lse + 4L * (first + head));
            }
            long result = scratch.floats((long) heads * dim);
            Lanes.zeroFloats(result, heads * dim);
            eachBlock(values, kvWidth, from, scratch, (block, stride, at, count) -> {
                for (int head = 0; head < heads; head++) {
                    long weights = scores + 4L * (head * width + at);
                    long place = result + 4L * head * dim;
                    accumulate(weights, dim, block + 4L * (head / group) * dim, stride, count, place);
                }
            });
            Lanes.finish(out.dtype(), result, out.at(batch, (long) first * dim), (long) heads * dim);
        }

        /** Scores become the softmax of scale · score. */
        private void softmax(long scores, int seen, int width, long lse) {
            float scale = (float) shape.scale();
            Lanes.fill(scores, seen, width, Float.NEGATIVE_INFINITY);
            float top = CpuHead.largest(scores, width);
            Exponential.run(scores, top, scale, scores, width);
            Lanes.fill(scores, seen, width, 0);
            float total = Dot.sum(scores, width);
            CpuElementwise.scale(scores, 1 / total, scores, width);
            Lanes.set(lse, scale * top + (float) Math.log(total));
        }
    }

    /** Positions that follow each other, as floats. */
    @FunctionalInterface
    private interface Block {
        /** @param at the first of them, counted from the first visible one; {@code stride} is in bytes */
        void run(long address, long stride, int at, int count);
    }

    /** Goes through the positions in blocks that stay in the L1 cache while one head after another uses them. */
    private static void eachBlock(HeadRows rows, int width, int from, Scratch scratch, Block block) {
        int together = Math.clamp(BLOCK_BYTES / (4L * width), 1, MOST_TOGETHER);
        long wide = scratch.floats((long) together * width);
        for (int first = from; first < rows.positions(); first += together) {
            int count = Math.min(together, rows.positions() - first);
            if (rows.dtype() == DType.FLOAT32) {
                block.run(rows.at(first), rows.stride(), first - from, count);
            } else {
                for (int i = 0; i < count; i++) {
                    Lanes.widen(rows.at(first + i), wide + 4L * i * width, width);
                }
                block.run(wide, 4L * width, first - from, count);
            }
        }
    }

    /** The products of a query with keys. */
    private static void score(long query, int dim, long keys, long stride, int count, long scores) {
        if (dim == 4 * WIDTH) {
            scoreFourVectors(query, keys, stride, count, scores);
            return;
        }
        if (dim == 2 * WIDTH) {
            scoreTwoVectors(query, keys, stride, count, scores);
            return;
        }
        for (int i = 0; i < count; i++) {
            long key = keys + i * stride;
            var sum = load(key).mul(load(query));
            for (int j = WIDTH; j < dim; j += WIDTH) {
                sum = load(key + 4L * j).fma(load(query + 4L * j), sum);
            }
            Lanes.set(scores + 4L * i, Lanes.sum(sum));
        }
    }

    private static void scoreTwoVectors(long query, long keys, long stride, int count, long scores) {
        var a = load(query);
        var b = load(query + 4L * WIDTH);
        for (int i = 0; i < count; i++) {
            long key = keys + i * stride;
            Lanes.set(
                    scores + 4L * i,
                    Lanes.sum(load(key + 4L * WIDTH).fma(b, load(key).mul(a))));
        }
    }

    private static void scoreFourVectors(long query, long keys, long stride, int count, long scores) {
        var a = load(query);
        var b = load(query + 4L * WIDTH);
        var c = load(query + 8L * WIDTH);
        var d = load(query + 12L * WIDTH);
        for (int i = 0; i < count; i++) {
            long key = keys + i * stride;
            var even = load(key + 8L * WIDTH).fma(c, load(key).mul(a));
            var odd = load(key + 12L * WIDTH).fma(d, load(key + 4L * WIDTH).mul(b));
            Lanes.set(scores + 4L * i, Lanes.sum(even.add(odd)));
        }
    }

    /** result += Σ weight · value, a vector or four of the head at a time, in registers over all values. */
    private static void accumulate(long weights, int dim, long values, long stride, int count, long result) {
        int j = 0;
        for (; j + 4 * WIDTH <= dim; j += 4 * WIDTH) {
            fourVectors(weights, values + 4L * j, stride, count, result + 4L * j);
        }
        for (; j < dim; j += WIDTH) {
            var sum = load(result + 4L * j);
            for (int i = 0; i < count; i++) {
                var weight = FloatVector.broadcast(FLOATS, Lanes.get(weights + 4L * i));
                sum = load(values + i * stride + 4L * j).fma(weight, sum);
            }
            Lanes.store(result + 4L * j, sum);
        }
    }

    private static void fourVectors(long weights, long values, long stride, int count, long result) {
        var a = load(result);
        var b = load(result + 4L * WIDTH);
        var c = load(result + 8L * WIDTH);
        var d = load(result + 12L * WIDTH);
        for (int i = 0; i < count; i++) {
            var weight = FloatVector.broadcast(FLOATS, Lanes.get(weights + 4L * i));
            long value = values + i * stride;
            a = load(value).fma(weight, a);
            b = load(value + 4L * WIDTH).fma(weight, b);
            c = load(value + 8L * WIDTH).fma(weight, c);
            d = load(value + 12L * WIDTH).fma(weight, d);
        }
        Lanes.store(result, a);
        Lanes.store(result + 4L * WIDTH, b);
        Lanes.store(result + 8L * WIDTH, c);
        Lanes.store(result + 12L * WIDTH, d);
    }
}
