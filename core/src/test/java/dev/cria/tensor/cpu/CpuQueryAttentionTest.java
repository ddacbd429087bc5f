package dev.cria.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.KernelCheck;
import dev.cria.tensor.Tensor;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One query a row on a cache with room for more keys, against float64. */
final class CpuQueryAttentionTest {

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 1, 1, 2, 1, 16, false",
        "FLOAT32, 3, 13, 4, 2, 32, false",
        "FLOAT32, 1, 207, 6, 2, 96, false",
        "FLOAT32, 16, 31, 6, 6, 64, false",
        "FLOAT32, 1, 513, 9, 3, 64, false",
        "FLOAT32, 2, 9, 2, 2, 128, true",
        "FLOAT32, 2, 70, 2, 2, 80, true",
        "BFLOAT16, 1, 1, 2, 1, 16, false",
        "BFLOAT16, 3, 64, 4, 2, 32, false",
        "BFLOAT16, 1, 207, 6, 2, 96, false",
        "BFLOAT16, 5, 33, 12, 12, 64, false",
        "BFLOAT16, 2, 130, 2, 2, 80, true"
    })
    void agreesOnACache(DType dtype, int batch, int keys, int heads, int kvHeads, int dim, boolean later) {
        var shape = new AttentionShape(batch, 1, keys, heads, kvHeads, dim);
        long width = (long) heads * dim;
        long kvWidth = (long) kvHeads * dim;
        try (var check = new KernelCheck()) {
            Tensor q = check.columns(dtype, batch, width);
            Tensor k = cached(check, dtype, batch, keys, kvWidth);
            Tensor v = cached(check, dtype, batch, keys, kvWidth);
            Optional<Tensor> starts = later ? Optional.of(startsAfter(check, batch, keys)) : Optional.empty();
            Tensor out = check.unwritten(dtype, batch, width);
            Tensor lse = check.unwritten(DType.FLOAT32, batch, heads, 1);
            assertThat(CpuQueryAttention.fits(shape, q, k, v, out)).isTrue();
            check.fast.run(new DotProductAttention.Forward(shape, q, k, v, starts, out, lse));
            Tensor outExact = check.wide(batch, width);
            Tensor lseExact = check.wide(batch, heads, 1);
            check.exact.run(new DotProductAttention.Forward(
                    shape, check.wide(q), check.wide(k), check.wide(v), starts, outExact, lseExact));
            KernelCheck.near("lse", lse, lseExact, 0x1p-20);
            KernelCheck.near("out", out, outExact, dtype == DType.BFLOAT16 ? 0x1p-8 : 0x1p-21 * Math.sqrt(keys));
        }
    }

    /** Rows of a cache that has room for nine more keys. */
    private static Tensor cached(KernelCheck check, DType dtype, int batch, int keys, long width) {
        Tensor rows = check.random(dtype, batch * (keys + 9L), width);
        return check.scope.own(check.scope.own(rows.splitRows(batch, keys + 9L)).narrow(1, 0, keys));
    }

    /** The last query of row b sees keys from 5 + b on. */
    private static Tensor startsAfter(KernelCheck check, int batch, int keys) {
        Tensor starts = check.scope.own(Tensor.zeros(DType.INT64, Device.CPU, batch, keys));
        for (int row = 0; row < batch; row++) {
            starts.segment().setAtIndex(java.lang.foreign.ValueLayout.JAVA_LONG, (row + 1L) * keys - 1, 5 + row);
        }
        return starts;
    }
}
