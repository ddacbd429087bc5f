package dev.cria.tensor.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.KernelCheck;
import dev.cria.tensor.Tensor;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention on CUDA against the reference in float64: flash attention where it fits, slices of the reference elsewhere. */
@Tag("gpu")
final class CudaAttentionTest {

    @ParameterizedTest
    @CsvSource({
        "EMULATED, FLOAT32, 3, 7, 7, 4, 2, 6",
        "EMULATED, BFLOAT16, 2, 5, 5, 2, 1, 8",
        "EMULATED, FLOAT32, 2, 1, 9, 4, 2, 8",
        "GPU, FLOAT32, 3, 70, 70, 4, 2, 6",
        "GPU, BFLOAT16, 3, 300, 300, 8, 2, 64",
        "GPU, BFLOAT16, 2, 129, 129, 4, 4, 128",
        "GPU, FLOAT16, 2, 65, 65, 4, 1, 32",
        "GPU, BFLOAT16, 2, 65, 65, 4, 2, 20",
        "GPU, BFLOAT16, 2, 1, 77, 4, 2, 64",
        "GPU, BFLOAT16, 2, 13, 77, 4, 2, 64"
    })
    void forwardAgrees(
            CudaDevice place, DType dtype, int batch, int queries, int keys, int heads, int kvHeads, int dim) {
        var shape = new AttentionShape(batch, queries, keys, heads, kvHeads, dim);
        try (var check = place.numbers()) {
            Tensor q = check.random(dtype, (long) batch * queries, (long) heads * dim);
            Tensor k = check.random(dtype, (long) batch * keys, (long) kvHeads * dim);
            Tensor v = check.random(dtype, (long) batch * keys, (long) kvHeads * dim);
            Tensor out = check.unwritten(dtype, (long) batch * queries, (long) heads * dim);
            Tensor lse = check.unwritten(DType.FLOAT32, batch, heads, queries);
            Tensor outExact = check.wide((long) batch * queries, (long) heads * dim);
            Tensor lseExact = check.wide(batch, heads, queries);
            check.fast.run(new DotProductAttention.Forward(shape, q, k, v, Optional.empty(), out, lse));
            check.exact.run(new DotProductAttention.Forward(
                    shape, check.wide(q), check.wide(k), check.wide(v), Optional.empty(), outExact, lseExact));
            KernelCheck.near("out", out, outExact, allowed(dtype));
            KernelCheck.near("lse", lse, lseExact, 1e-5);
        }
    }

    /** Query, key and value lie side by side, as the stacked projection makes them, and so do their gradients. */
    @ParameterizedTest
    @CsvSource({
        "EMULATED, FLOAT32, 3, 7, 4, 2, 6",
        "EMULATED, BFLOAT16, 2, 5, 2, 1, 8",
        "GPU, FLOAT32, 3, 70, 4, 2, 6",
        "GPU, BFLOAT16, 3, 300, 8, 2, 64",
        "GPU, BFLOAT16, 2, 129, 4, 4, 128",
        "GPU, FLOAT16, 2, 65, 4, 1, 32"
    })
    void gradientsAgree(CudaDevice place, DType dtype, int batch, int seq, int heads, int kvHeads, int dim) {
        var shape = new AttentionShape(batch, seq, seq, heads, kvHeads, dim);
        long rows = (long) batch * seq;
        long width = (long) heads * dim;
        long kvWidth = (long) kvHeads * dim;
        try (var check = place.numbers()) {
            Tensor qkv = check.random(dtype, rows, width + 2 * kvWidth);
            Tensor q = check.scope.own(qkv.narrow(1, 0, width));
            Tensor k = check.scope.own(qkv.narrow(1, width, kvWidth));
            Tensor v = check.scope.own(qkv.narrow(1, width + kvWidth, kvWidth));
            Tensor dout = check.random(dtype, rows, width);
            Tensor out = check.unwritten(dtype, rows, width);
            Tensor lse = check.unwritten(DType.FLOAT32, batch, heads, seq);
            check.fast.run(new DotProductAttention.Forward(shape, q, k, v, Optional.empty(), out, lse));
            Tensor dqkv = check.unwritten(dtype, rows, width + 2 * kvWidth);
            check.fast.run(new DotProductAttention.Gradient(
                    shape,
                    dout,
                    q,
                    k,
                    v,
                    Optional.empty(),
                    out,
                    lse,
                    check.scope.own(dqkv.narrow(1, 0, width)),
                    check.scope.own(dqkv.narrow(1, width, kvWidth)),
                    check.scope.own(dqkv.narrow(1, width + kvWidth, kvWidth))));
            Tensor outExact = check.wide(rows, width);
            Tensor lseExact = check.wide(batch, heads, seq);
            check.exact.run(new DotProductAttention.Forward(
                    shape, check.wide(q), check.wide(k), check.wide(v), Optional.empty(), outExact, lseExact));
            Tensor exact = check.wide(rows, width + 2 * kvWidth);
            check.exact.run(new DotProductAttention.Gradient(
                    shape,
                    check.wide(dout),
                    check.wide(q),
                    check.wide(k),
                    check.wide(v),
                    Optional.empty(),
                    outExact,
                    lseExact,
                    check.scope.own(exact.narrow(1, 0, width)),
                    check.scope.own(exact.narrow(1, width, kvWidth)),
                    check.scope.own(exact.narrow(1, width + kvWidth, kvWidth))));
            KernelCheck.near("dq, dk, dv", dqkv, exact, 2 * allowed(dtype));
        }
    }

    private static double allowed(DType dtype) {
        return switch (dtype) {
            case BFLOAT16 -> 0x1p-6;
            case FLOAT16 -> 0x1p-9;
            default -> 1e-5;
        };
    }

    @Test
    void gradientsOnAGpuAreTheSameEveryTime() {
        var shape = new AttentionShape(2, 257, 257, 8, 2, 64);
        try (var check = CudaDevice.GPU.numbers()) {
            Tensor q = check.random(DType.BFLOAT16, 514, 512);
            Tensor k = check.random(DType.BFLOAT16, 514, 128);
            Tensor v = check.random(DType.BFLOAT16, 514, 128);
            Tensor dout = check.random(DType.BFLOAT16, 514, 512);
            Tensor out = check.unwritten(DType.BFLOAT16, 514, 512);
            Tensor lse = check.unwritten(DType.FLOAT32, 2, 8, 257);
            check.fast.run(new DotProductAttention.Forward(shape, q, k, v, Optional.empty(), out, lse));
            Tensor dk = check.unwritten(DType.BFLOAT16, 514, 128);
            Tensor dv = check.unwritten(DType.BFLOAT16, 514, 128);
            float[] first = new float[0];
            for (int i = 0; i < 10; i++) {
                Tensor dq = check.unwritten(DType.BFLOAT16, 514, 512);
                check.fast.run(
                        new DotProductAttention.Gradient(shape, dout, q, k, v, Optional.empty(), out, lse, dq, dk, dv));
                first = i == 0 ? dq.toFloats() : first;
                assertThat(dq.toFloats()).isEqualTo(first);
            }
        }
    }
}
