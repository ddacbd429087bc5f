package dev.cria.nn;

import static dev.cria.nn.Autograd.doubles;

import dev.cria.nn.Projection.Adapter;
import dev.cria.nn.Projection.Dense;
import dev.cria.nn.Projection.LowRank;
import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation's forward and backward against libtorch's operators and their autograd, in float64. */
final class OperationGradientTest {

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "7, 5, 3", "13, 9, 17"})
    void linearAgrees(int rows, int in, int out) throws Exception {
        try (var check = new Autograd()) {
            var x = check.input(rows, in);
            var w = check.weight(out, in);
            var b = check.weight(out);
            Value y = check.tape.linear(x.value(), new Dense(w.parameter(), Optional.of(b.parameter())));
            check.compare(y, x.raw().matmul(w.raw().t()).add(b.raw()));
        }
    }

    @Test
    void lowRankAgreesInEachAdaptersColumns() throws Exception {
        try (var check = new Autograd()) {
            var x = check.input(7, 6);
            var w = check.weight(10, 6);
            var a1 = check.weight(2, 6);
            var b1 = check.weight(4, 2);
            var a2 = check.weight(3, 6);
            var b2 = check.weight(5, 3);
            var layer = new LowRank(
                    Dense.of(w.parameter()),
                    List.of(
                            new Adapter(a1.parameter(), b1.parameter(), 0, 0.5),
                            new Adapter(a2.parameter(), b2.parameter(), 5, 2)));
            Value y = check.tape.linear(x.value(), layer);
            var first = x.raw().matmul(a1.raw().t()).matmul(b1.raw().t()).mul(new Scalar(0.5));
            var second = x.raw().matmul(a2.raw().t()).matmul(b2.raw().t()).mul(new Scalar(2.0));
            var gap = torch.zeros(new long[] {7, 1}, new org.bytedeco.pytorch.TensorOptions(torch.ScalarType.Double));
            var corrections = torch.cat(new org.bytedeco.pytorch.TensorVector(first, gap, second), 1);
            check.compare(y, x.raw().matmul(w.raw().t()).add(corrections));
        }
    }

    @Test
    void embeddingAgreesWhereIdsRepeat() throws Exception {
        try (var check = new Autograd()) {
            var table = check.weight(11, 5);
            Tensor ids = check.longs(3, 0, 3, 10, 3, 7, 0);
            Value y = check.tape.embedding(table.parameter(), ids);
            var rawIds = torch.tensor(3L, 0L, 3L, 10L, 3L, 7L, 0L);
            check.compare(y, table.raw().index_select(0, rawIds));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 5", "13, 207"})
    void rmsNormAgrees(int rows, int width) throws Exception {
        try (var check = new Autograd()) {
            var x = check.input(rows, width);
            var w = check.weight(width);
            Value y = check.tape.rmsNorm(x.value(), w.parameter(), 1e-5);
            var r = x.raw()
                    .square()
                    .mean(new long[] {-1}, true, new ScalarTypeOptional())
                    .add(new Scalar(1e-5))
                    .rsqrt();
            check.compare(y, x.raw().mul(r).mul(w.raw()));
        }
    }

    /** Queries and keys are columns of a wider value, whose other columns need a gradient too. */
    @ParameterizedTest
    @CsvSource({"1, 1, 2", "7, 3, 5", "13, 2, 33"})
    void headNormAgreesOnPartOfAWiderValue(int rows, int heads, int headDim) throws Exception {
        long width = (long) heads * headDim;
        try (var check = new Autograd()) {
            var x = check.input(rows, width + 1);
            var w = check.weight(headDim);
            var one = check.weight(width, 1);
            List<Value> parts = check.tape.split(x.value(), width, 1);
            Value normed = check.tape.headNorm(parts.getFirst(), w.parameter(), 1e-5);
            Value y = check.tape.add(normed, check.tape.linear(parts.get(1), Dense.of(one.parameter())));

            var each = x.raw().narrow(1, 0, width).contiguous().view(rows, heads, headDim);
            var r = each.square()
                    .mean(new long[] {-1}, true, new ScalarTypeOptional())
                    .add(new Scalar(1e-5))
                    .rsqrt();
            check.compare(
                    y,
                    each.mul(r)
                            .mul(w.raw())
                            .view(rows, width)
                            .add(x.raw().narrow(1, width, 1).matmul(one.raw().t())));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "7, 5", "13, 207"})
    void layerNormAgrees(int rows, int width) throws Exception {
        try (var check = new Autograd()) {
            var x = check.input(rows, width);
            var w = check.weight(width);
            var b = check.weight(width);
            Value y = check.tape.layerNorm(x.value(), w.parameter(), b.parameter(), 1e-5);
            var centred = x.raw().sub(x.raw().mean(new long[] {-1}, true, new ScalarTypeOptional()));
            var r = centred.square()
                    .mean(new long[] {-1}, true, new ScalarTypeOptional())
                    .add(new Scalar(1e-5))
                    .rsqrt();
            check.compare(y, centred.mul(r).mul(w.raw()).add(b.raw()));
        }
    }

    @Test
    void ropeAgreesOnPartOfAWiderValue() throws Exception {
        int rows = 5;
        int half = 3;
        int heads = 2;
        double[] table = new java.util.Random(3).doubles(4 * 2 * half, -1, 1).toArray();
        long[] positions = {2, 0, 3, 1, 1};
        try (var check = new Autograd();
                Tensor ours = Tensor.empty(DType.FLOAT64, Device.CPU, 4, 2, half)) {
            ours.copyFrom(MemorySegment.ofArray(table));
            var x = check.input(rows, heads * 2 * half + 1);
            List<Value> parts = check.tape.split(x.value(), heads * 2 * half, 1);
            Value turned = check.tape.rope(parts.getFirst(), ours, check.longs(positions));
            // The other part needs a gradient too: a product keeps both on the tape.
            var one = check.weight(heads * 2 * half, 1);
            Value y = check.tape.add(turned, check.tape.linear(parts.get(1), Dense.of(one.parameter())));

            var angles = Autograd.raw(table, 4, 2, half).detach().index_select(0, torch.tensor(positions));
            var cos = angles.select(1, 0).unsqueeze(1);
            var sin = angles.select(1, 1).unsqueeze(1);
            var halves = x.raw().narrow(1, 0, heads * 2 * half).contiguous().view(rows, heads, 2, half);
            var a = halves.select(2, 0);
            var b = halves.select(2, 1);
            var rotated = torch.stack(
                            new org.bytedeco.pytorch.TensorVector(
                                    a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))),
                            2)
                    .view(rows, heads * 2 * half);
            check.compare(
                    y,
                    rotated.add(x.raw()
                            .narrow(1, heads * 2 * half, 1)
                            .matmul(one.raw().t())));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 1, 2", "1, 7, 2, 2, 4", "3, 5, 4, 2, 6", "2, 13, 4, 1, 8", "1, 3, 8, 1, 2", "2, 1, 2, 1, 4"})
    void causalAttentionAgrees(int batch, int seq, int heads, int kvHeads, int headDim) throws Exception {
        try (var check = new Autograd()) {
            var q = check.input((long) batch * seq, (long) heads * headDim);
            var k = check.input((long) batch * seq, (long) kvHeads * headDim);
            var v = check.input((long) batch * seq, (long) kvHeads * headDim);
            var shape = new AttentionShape(batch, seq, seq, heads, kvHeads, headDim);
            Value y = check.tape.causalAttention(shape, shape.keys(), q.value(), k.value(), v.value(), Autograd.none());
            check.compare(y, attention(shape, q.raw(), k.raw(), v.raw(), later(seq)));
        }
    }

    @Test
    void attentionStaysWithinDocuments() throws Exception {
        var shape = new AttentionShape(2, 5, 5, 2, 1, 4);
        long[] starts = {0, 0, 2, 2, 2, 0, 1, 1, 1, 4};
        try (var check = new Autograd();
                Tensor ours = Tensor.of(starts, 2, 5)) {
            var q = check.input(10, 8);
            var k = check.input(10, 4);
            var v = check.input(10, 4);
            Value y =
                    check.tape.causalAttention(shape, shape.keys(), q.value(), k.value(), v.value(), Optional.of(ours));
            var keys = torch.arange(new Scalar(0), new Scalar(5), longOptions());
            var before = keys.lt(torch.tensor(starts).view(2, 5, 1)).unsqueeze(1);
            check.compare(y, attention(shape, q.raw(), k.raw(), v.raw(), later(5).logical_or(before)));
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "3", "5", "9"})
    void attentionStaysWithinAWindow(int window) throws Exception {
        var shape = new AttentionShape(2, 5, 5, 2, 1, 4);
        long[] starts = {0, 0, 2, 2, 2, 0, 0, 0, 0, 4};
        try (var check = new Autograd();
                Tensor ours = Tensor.of(starts, 2, 5)) {
            var q = check.input(10, 8);
            var k = check.input(10, 4);
            var v = check.input(10, 4);
            Value y = check.tape.causalAttention(shape, window, q.value(), k.value(), v.value(), Optional.of(ours));
            var keys = torch.arange(new Scalar(0), new Scalar(5), longOptions());
            var before = keys.lt(torch.tensor(starts).view(2, 5, 1)).unsqueeze(1);
            var far = keys.le(keys.sub(new Scalar(window)).unsqueeze(1));
            var hidden = later(5).logical_or(before).logical_or(far);
            check.compare(y, attention(shape, q.raw(), k.raw(), v.raw(), hidden));
        }
    }

    private static org.bytedeco.pytorch.Tensor attention(
            AttentionShape shape,
            org.bytedeco.pytorch.Tensor q,
            org.bytedeco.pytorch.Tensor k,
            org.bytedeco.pytorch.Tensor v,
            org.bytedeco.pytorch.Tensor hidden) {
        var scores = heads(shape, q, shape.heads(), 1)
                .matmul(heads(shape, k, shape.kvHeads(), shape.group()).transpose(2, 3))
                .mul(new Scalar(shape.scale()))
                .masked_fill(hidden, new Scalar(Double.NEGATIVE_INFINITY));
        return scores.softmax(-1)
                .matmul(heads(shape, v, shape.kvHeads(), shape.group()))
                .transpose(1, 2)
                .reshape((long) shape.batch() * shape.queries(), (long) shape.heads() * shape.headDim());
    }

    private static org.bytedeco.pytorch.Tensor heads(
            AttentionShape shape, org.bytedeco.pytorch.Tensor x, int heads, int repeats) {
        return x.view(shape.batch(), shape.keys(), heads, shape.headDim())
                .transpose(1, 2)
                .repeat_interleave(repeats, new LongOptional(1), new LongOptional());
    }

    private static org.bytedeco.pytorch.Tensor later(int seq) {
        var places = torch.arange(new Scalar(0), new Scalar(seq), longOptions());
        return places.gt(places.unsqueeze(1));
    }

    private static org.bytedeco.pytorch.TensorOptions longOptions() {
        return new org.bytedeco.pytorch.TensorOptions(torch.ScalarType.Long);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 5", "13, 33"})
    void swiGluAgrees(int rows, int width) throws Exception {
        try (var check = new Autograd()) {
            var x = check.input(rows, 2L * width);
            Value y = check.tape.swiGlu(x.value());
            var gate = x.raw().narrow(1, 0, width);
            check.compare(y, gate.mul(gate.sigmoid()).mul(x.raw().narrow(1, width, width)));
        }
    }

    @Test
    void geluAgrees() throws Exception {
        try (var check = new Autograd()) {
            var x = check.input(7, 33);
            check.compare(check.tape.gelu(x.value()), torch.gelu(x.raw(), "tanh"));
        }
    }

    @Test
    void gradientsOfAResidualStreamAddUp() throws Exception {
        try (var check = new Autograd()) {
            var x = check.input(5, 4);
            var w1 = check.weight(4, 4);
            var w2 = check.weight(4, 4);
            Value middle = check.tape.add(x.value(), check.tape.linear(x.value(), Dense.of(w1.parameter())));
            Value y = check.tape.add(middle, check.tape.linear(middle, Dense.of(w2.parameter())));
            var m = x.raw().add(x.raw().matmul(w1.raw().t()));
            check.compare(y, m.add(m.matmul(w2.raw().t())));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.05})
    void linearCrossEntropyAgreesAndIgnoresWhatItShould(double zLoss) throws Exception {
        try (var check = new Autograd()) {
            var x = check.input(7, 5);
            var w = check.weight(11, 5);
            long[] targets = {0, 10, -100, 3, 3, -100, 9};
            double scale = 0.37;
            Tensor losses = check.tape.linearCrossEntropy(
                    x.value(), Dense.of(w.parameter()), check.longs(targets), scale, zLoss);
            var logits = x.raw().matmul(w.raw().t());
            var counted = torch.tensor(1L, 1L, 0L, 1L, 1L, 0L, 1L);
            var picked = logits.gather(
                            1, torch.tensor(0L, 10L, 0L, 3L, 3L, 0L, 9L).unsqueeze(1))
                    .flatten();
            var logSum = logits.logsumexp(-1);
            var expected = logSum.sub(picked).mul(counted);
            Autograd.close("losses", doubles(losses), doubles(expected));
            var added = logSum.square().mul(counted).mul(new Scalar(zLoss));
            check.compareGradients(expected.add(added).sum().mul(new Scalar(scale)));
        }
    }
}
