package dev.cria.tensor.cpu;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.KernelCheck;
import dev.cria.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention in blocks and its gradient against float64, on lengths that fill no block. */
final class CpuAttentionTest {

    /** Parts of the largest result: the weights and their gradients pass through the type of the activations. */
    private static double allowed(DType dtype, int keys) {
        return dtype == DType.BFLOAT16 ? 4 * 0x1p-8 : 0x1p-21 * Math.sqrt(keys);
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 1, 1, 1, 2, 1, 16, false",
        "FLOAT32, 2, 13, 13, 4, 2, 16, false",
        "FLOAT32, 1, 207, 207, 2, 1, 32, false",
        "FLOAT32, 2, 70, 70, 2, 2, 48, true",
        "FLOAT32, 2, 5, 130, 4, 2, 32, false",
        "BFLOAT16, 1, 1, 1, 2, 1, 16, false",
        "BFLOAT16, 2, 13, 13, 4, 2, 16, false",
        "BFLOAT16, 1, 207, 207, 2, 1, 32, false",
        "BFLOAT16, 2, 256, 256, 2, 2, 64, false",
        "BFLOAT16, 2, 70, 70, 2, 2, 48, true",
        "BFLOAT16, 2, 5, 130, 4, 2, 32, false"
    })
    void attentionAndItsGradientAgree(
            DType dtype, int batch, int queries, int keys, int heads, int kvHeads, int dim, boolean documents) {
        var shape = new AttentionShape(batch, queries, keys, heads, kvHeads, dim);
        long rows = (long) batch * queries;
        long keyRows = (long) batch * keys;
        long width = (long) heads * dim;
        long kvWidth = (long) kvHeads * dim;
        try (var check = new KernelCheck()) {
            Tensor q = check.columns(dtype, rows, width);
            Tensor k = check.columns(dtype, keyRows, kvWidth);
            Tensor v = check.columns(dtype, keyRows, kvWidth);
            Optional<Tensor> starts = documents ? Optional.of(documents(check, batch, keys)) : Optional.empty();
            Tensor out = check.unwritten(dtype, rows, width);
            Tensor lse = check.unwritten(DType.FLOAT32, batch, heads, queries);
            check.fast.run(new DotProductAttention.Forward(shape, q, k, v, starts, out, lse));
            Tensor outExact = check.wide(rows, width);
            Tensor lseExact = check.wide(batch, heads, queries);
            check.exact.run(new DotProductAttention.Forward(
                    shape, check.wide(q), check.wide(k), check.wide(v), starts, outExact, lseExact));
            KernelCheck.near("lse", lse, lseExact, 0x1p-20);
            KernelCheck.near("out", out, outExact, allowed(dtype, keys));

            Tensor dout = check.random(dtype, rows, width);
            Tensor dq = check.columns(dtype, rows, width);
            Tensor dk = check.columns(dtype, keyRows, kvWidth);
            Tensor dv = check.columns(dtype, keyRows, kvWidth);
            check.fast.run(new DotProductAttention.Gradient(shape, dout, q, k, v, starts, out, lse, dq, dk, dv));
            Tensor dqExact = check.wide(rows, width);
            Tensor dkExact = check.wide(keyRows, kvWidth);
            Tensor dvExact = check.wide(keyRows, kvWidth);
            check.exact.run(new DotProductAttention.Gradient(
                    shape,
                    check.wide(dout),
                    check.wide(q),
                    check.wide(k),
                    check.wide(v),
                    starts,
                    outExact,
                    lseExact,
                    dqExact,
                    dkExact,
                    dvExact));
            KernelCheck.near("dq", dq, dqExact, allowed(dtype, keys));
            KernelCheck.near("dk", dk, dkExact, allowed(dtype, keys));
            KernelCheck.near("dv", dv, dvExact, allowed(dtype, keys));
        }
    }

    /** Documents of 17 positions, one after the other. */
    private static Tensor documents(KernelCheck check, int batch, int keys) {
        Tensor starts = check.scope.empty(DType.INT64, Device.CPU, batch, keys);
        for (int i = 0; i < batch * keys; i++) {
            starts.segment().setAtIndex(ValueLayout.JAVA_LONG, i, i % keys / 17 * 17L);
        }
        return starts;
    }
}
