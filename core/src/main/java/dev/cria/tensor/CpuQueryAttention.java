package dev.cria.tensor;

import static dev.cria.tensor.Lanes.FLOATS;
import static dev.cria.tensor.Lanes.WIDTH;
import static dev.cria.tensor.Lanes.load;

import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Kernels#attention} of one query in each row, as decoding asks it: a key-value head a task. Keys and values are
 * read once, where they lie in the cache, for all query heads that share them; nothing is turned into panels.
 */
final class CpuQueryAttention {
    /** Keys whose numbers are widened together, to stay in the first cache. */
    private static final int BLOCK = 64;

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

    static void forward(
            Workers workers,
            AttentionShape shape,
            Tensor q,
            Tensor k,
            Tensor v,
            Optional<Tensor> starts,
            Tensor out,
            Tensor lse) {
        workers.run(shape.batch() * shape.kvHeads(), (task, scratch) -> {
            int batch = task / shape.kvHeads();
            int kvHead = task % shape.kvHeads();
            int dim = shape.headDim();
            var keys = HeadRows.of(k, shape.keys(), dim, batch, kvHead);
            var values = HeadRows.of(v, shape.keys(), dim, batch, kvHead);
            int from = CpuAttention.Visible.of(shape, starts, batch).from(0);
            var group = new Group(shape, Matrix.of(q), Matrix.of(out), batch, kvHead);
            group.attend(keys, values, from, lse.address() + 4L * batch * shape.heads(), scratch);
        });
    }

    /** The query heads that share a key-value head. */
    private record Group(AttentionShape shape, Matrix q, Matrix out, int batch, int kvHead) {

        void attend(HeadRows keys, HeadRows values, int from, long lse, Scratch scratch) {
            int heads = shape.group();
            int dim = shape.headDim();
            int first = kvHead * heads;
            // Whole vectors of scores; those beyond the last key are −∞, then 0.
            int seen = keys.positions() - from;
            int width = (seen + WIDTH - 1) & -WIDTH;
            long query = Lanes.widened(q.dtype(), q.at(batch, (long) first * dim), (long) heads * dim, scratch);
            long scores = scratch.floats((long) heads * width);
            eachBlock(keys, from, scratch, (address, stride, at, count) -> {
                for (int head = 0; head < heads; head++) {
                    score(query + 4L * head * dim, dim, address, stride, count, scores + 4L * (head * width + at));
                }
            });
            for (int head = 0; head < heads; head++) {
                softmax(scores + 4L * head * width, seen, width, lse + 4L * (first + head));
            }
            long result = scratch.floats((long) heads * dim);
            Lanes.zeroFloats(result, heads * dim);
            eachBlock(values, from, scratch, (address, stride, at, count) -> {
                for (int head = 0; head < heads; head++) {
                    accumulate(
                            scores + 4L * (head * width + at), dim, address, stride, count, result + 4L * head * dim);
                }
            });
            for (int head = 0; head < heads; head++) {
                Lanes.finish(out.dtype(), result + 4L * head * dim, out.at(batch, (long) (first + head) * dim), dim);
            }
        }

        /** Scores become the softmax of scale · score. */
        private void softmax(long scores, int seen, int width, long lse) {
            float scale = (float) shape.scale();
            Lanes.fill(scores, seen, width, Float.NEGATIVE_INFINITY);
            float top = CpuHead.largest(scores, width);
            Exponential.run(scores, top, scale, scores, width);
            Lanes.fill(scores, seen, width, 0);
            float total = Dot.sum(scores, width);
            Elementwise.scale(scores, 1 / total, scores, width);
            Lanes.set(lse, scale * top + (float) Math.log(total));
        }
    }

    /** Some rows as floats. */
    @FunctionalInterface
    private interface Block {
        /** @param at the first of the rows, counted from the first visible one; {@code stride} is in bytes */
        void run(long address, long stride, int at, int count);
    }

    private static void eachBlock(HeadRows rows, int from, Scratch scratch, Block block) {
        if (rows.dtype() == DType.FLOAT32) {
            block.run(rows.at(from), rows.stride(), 0, rows.positions() - from);
            return;
        }
        int dim = rows.headDim();
        long wide = scratch.floats((long) BLOCK * dim);
        for (int first = from; first < rows.positions(); first += BLOCK) {
            int count = Math.min(BLOCK, rows.positions() - first);
            for (int i = 0; i < count; i++) {
                Lanes.widen(rows.at(first + i), wide + 4L * i * dim, dim);
            }
            block.run(wide, 4L * dim, first - from, count);
        }
    }

    /** The products of a query with keys. */
    private static void score(long query, int dim, long keys, long stride, int count, long scores) {
        for (int i = 0; i < count; i++) {
            long key = keys + i * stride;
            var sum = load(key).mul(load(query));
            for (int j = WIDTH; j < dim; j += WIDTH) {
                sum = load(key + 4L * j).fma(load(query + 4L * j), sum);
            }
            Lanes.set(scores + 4L * i, Lanes.sum(sum));
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
