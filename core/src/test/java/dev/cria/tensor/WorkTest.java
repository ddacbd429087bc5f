package dev.cria.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.HeadLoss.Gradients;
import dev.cria.tensor.Product.Form;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Operations and bytes, against figures worked out by hand. */
class WorkTest {
    private static final AdamStep STEP = new AdamStep(1e-3, 0.9, 0.95, 1e-8, 0.1, 1, 1);
    private final Scope scope = new Scope();

    @AfterEach
    void close() {
        scope.close();
    }

    private Tensor bf16(long... shape) {
        return scope.empty(DType.BFLOAT16, Device.CPU, shape);
    }

    private Tensor fp32(long... shape) {
        return scope.empty(DType.FLOAT32, Device.CPU, shape);
    }

    private Tensor ids(long rows) {
        return scope.empty(DType.INT64, Device.CPU, rows);
    }

    @Test
    void productReadsBothOperandsAndWritesOrAddsToItsResult() {
        Tensor x = bf16(5, 3);
        Tensor w = bf16(7, 3);
        Tensor y = bf16(5, 7);
        var forward = new MatrixProduct.Forward(x, w, y, Into.OVERWRITE);

        assertThat(forward.sizes()).isEqualTo(new Product(Form.FORWARD, 5, 3, 7));
        // 2 · 5 · 3 · 7; (15 + 21 + 35) · 2 bytes.
        assertThat(forward.work()).isEqualTo(new Work(210, 142));
        assertThat(new MatrixProduct.Forward(x, w, y, Into.ACCUMULATE).work()).isEqualTo(new Work(210, 142 + 70));
    }

    @Test
    void threeProductsOfALayerAreOfTheSameSizes() {
        Tensor x = bf16(5, 3);
        Tensor w = bf16(7, 3);
        Tensor dy = bf16(5, 7);

        assertThat(new MatrixProduct.InputGradient(dy, w, x, Into.OVERWRITE).sizes())
                .isEqualTo(new Product(Form.INPUT_GRADIENT, 5, 3, 7));
        assertThat(new MatrixProduct.WeightGradient(dy, x, w, Into.OVERWRITE).sizes())
                .isEqualTo(new Product(Form.WEIGHT_GRADIENT, 5, 3, 7));
    }

    @Test
    void attentionCountsThePairsThatSeeEachOther() {
        // 2 rows of 3 queries that see 3, 4 and 5 of 5 keys: 12 pairs; 4 heads of 8: 2 · 2 · 4 · 8 · 12 a product.
        var shape = new AttentionShape(2, 3, 5, 4, 2, 8);
        Tensor q = bf16(6, 32);
        Tensor k = bf16(10, 16);
        Tensor v = bf16(10, 16);
        Tensor out = bf16(6, 32);
        Tensor lse = fp32(2, 4, 3);
        double product = 1536;

        Work forward = new DotProductAttention.Forward(shape, q, k, v, Optional.empty(), out, lse).work();
        // q, out: 192 · 2 bytes each; k, v: 160 · 2 each; lse: 24 · 4.
        assertThat(forward).isEqualTo(new Work(2 * product, 384 + 320 + 320 + 384 + 96));
        Work backward =
                new DotProductAttention.Gradient(shape, out, q, k, v, Optional.empty(), out, lse, q, k, v).work();
        // dout, and dq, dk and dv written.
        assertThat(backward).isEqualTo(new Work(5 * product, forward.bytes() + 384 + 384 + 320 + 320));

        Tensor starts = ids(10);
        assertThat(new DotProductAttention.Forward(shape, q, k, v, Optional.of(starts), out, lse)
                        .work()
                        .bytes())
                .isEqualTo(forward.bytes() + 80);
    }

    @Test
    void headCountsItsLogitsOnceForEachPassOverThem() {
        Tensor x = bf16(4, 3);
        Tensor w = bf16(10, 3);
        Tensor targets = ids(4);
        Tensor losses = fp32(4);
        double product = 2 * 4 * 3 * 10;
        double outside = 24 + 60 + 32 + 16;

        assertThat(new HeadLoss(x, w, targets, losses, Optional.empty()).work())
                .isEqualTo(new Work(product + 4 * 40, outside + 2 * 80));
        var frozen = new Gradients(1, bf16(4, 3), Optional.empty(), Into.ACCUMULATE);
        assertThat(new HeadLoss(x, w, targets, losses, Optional.of(frozen)).work())
                .isEqualTo(new Work(2 * product + 5 * 40, outside + 60 + 24 + 4 * 80));
        var trained = new Gradients(1, bf16(4, 3), Optional.of(fp32(10, 3)), Into.OVERWRITE);
        var added = new Gradients(1, bf16(4, 3), Optional.of(fp32(10, 3)), Into.ACCUMULATE);
        // dw is written in float32, x read again, and the logits a fifth time.
        Work all = new Work(3 * product + 5 * 40, outside + 60 + 24 + 24 + 120 + 5 * 80);
        assertThat(new HeadLoss(x, w, targets, losses, Optional.of(trained)).work())
                .isEqualTo(all);
        assertThat(new HeadLoss(x, w, targets, losses, Optional.of(added)).work())
                .isEqualTo(all.plus(new Work(0, 120)));
    }

    @Test
    void embeddingMovesTheRowsThatAreLookedUpNotTheTable() {
        Tensor table = bf16(1000, 3);
        Tensor out = bf16(4, 3);

        assertThat(new TokenEmbedding.Lookup(table, ids(4), out).work()).isEqualTo(new Work(0, 24 + 24 + 32));
        assertThat(new TokenEmbedding.Gradient(out, ids(4), fp32(1000, 3)).work())
                .isEqualTo(new Work(12, 24 + 32 + 2 * 48));
    }

    @Test
    void normsReadTheirInputOnceAndWriteOnce() {
        Tensor x = bf16(4, 6);
        Tensor w = fp32(6);
        Tensor r = fp32(4);

        assertThat(new Norm.Rms(x, w, 1e-5, x, r).work()).isEqualTo(new Work(4 * 24, 48 + 24 + 48 + 16));
        assertThat(new Norm.RmsGradient(x, x, w, r, x, Into.ACCUMULATE, Optional.of(w)).work())
                .isEqualTo(new Work(9 * 24, 48 + 48 + 24 + 16 + 2 * 48 + 2 * 24));
        assertThat(new Norm.Layer(x, w, w, 1e-5, x, r, r).work()).isEqualTo(new Work(8 * 24, 48 + 24 + 24 + 48 + 32));
        assertThat(new Norm.LayerGradient(x, x, w, r, r, x, Into.OVERWRITE, Optional.of(w), Optional.of(w)).work())
                .isEqualTo(new Work(13 * 24, 48 + 48 + 24 + 32 + 48 + 4 * 24));
    }

    @Test
    void elementwiseKindsMoveEachElementOnceForEachReadAndWrite() {
        Tensor x = bf16(4, 6);
        Tensor bias = fp32(6);

        assertThat(new Elementwise.Add(x, x).work()).isEqualTo(new Work(24, 3 * 48));
        assertThat(new Elementwise.AddBias(x, bias).work()).isEqualTo(new Work(24, 24 + 2 * 48));
        assertThat(new Elementwise.Scale(x, 2).work()).isEqualTo(new Work(24, 2 * 48));
        assertThat(new Elementwise.BiasGradient(x, bias).work()).isEqualTo(new Work(24, 48 + 2 * 24));
        assertThat(new RotaryEmbedding(x, fp32(9, 2, 3), ids(4), RotaryEmbedding.Direction.FORWARD).work())
                .isEqualTo(new Work(72, 2 * 48 + 32));
        assertThat(new Activation.SwiGlu(x, x, x).work()).isEqualTo(new Work(5 * 24, 3 * 48));
        assertThat(new Activation.SwiGluGradient(x, x, x, x, x).work()).isEqualTo(new Work(11 * 24, 5 * 48));
        assertThat(new Activation.Gelu(x, x).work()).isEqualTo(new Work(9 * 24, 2 * 48));
        assertThat(new Activation.GeluGradient(x, x, x).work()).isEqualTo(new Work(17 * 24, 3 * 48));
    }

    @Test
    void adamMoves28BytesAParameterInFloat32And30WithACopy() {
        Tensor w = fp32(300);

        assertThat(adamW(w, Optional.empty())).isEqualTo(new Work(15 * 300, 28 * 300));
        assertThat(adamW(w, Optional.of(bf16(300))).bytes()).isEqualTo(30 * 300);
    }

    private static Work adamW(Tensor w, Optional<Tensor> copy) {
        return new AdamUpdate.Full(w, w, w, w, STEP, copy).work();
    }

    @Test
    void adamIn8BitsMoves16BytesAParameterAndTheScales() {
        Tensor w = fp32(300);
        var moment = new QuantizedMoments(scope.empty(DType.INT8, Device.CPU, 300), fp32(QuantizedMoments.blocks(300)));

        assertThat(new AdamUpdate.Quantized(w, w, moment, moment, STEP, Optional.empty())
                        .work()
                        .bytes())
                .isEqualTo(16 * 300 + 2 * 2 * 2 * 4);
    }
}
