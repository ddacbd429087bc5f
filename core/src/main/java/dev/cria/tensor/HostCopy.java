package dev.cria.tensor;

import dev.cria.tensor.cpu.CpuGemm;
import dev.cria.tensor.cpu.Lanes;
import dev.cria.tensor.cpu.Workers;
import java.util.Arrays;

/** Copies in the host's memory that need no operator of libtorch's, which costs more than a small one to call. */
final class HostCopy {
    private static final long TASK_ELEMENTS = 1 << 20;

    /** Bytes of a strided copy on one thread; above them libtorch's is better, which has all cores. */
    private static final long MOST_STRIDED_BYTES = 1 << 18;

    private HostCopy() {}

    /** True if both are dense and of types between which rows convert, or small and alike but for strides. */
    static boolean fits(Tensor source, Tensor target) {
        return source.device().isCpu()
                && target.device().isCpu()
                && Arrays.equals(source.shape(), target.shape())
                && (isDense(source, target) && converts(source.dtype(), target.dtype()) || isSmall(source, target));
    }

    private static boolean isDense(Tensor source, Tensor target) {
        return source.isContiguous() && target.isContiguous();
    }

    private static boolean converts(DType from, DType to) {
        boolean widens = from == DType.BFLOAT16 && to == DType.FLOAT32;
        boolean narrows = from == DType.FLOAT32 && to == DType.BFLOAT16;
        return from == to || widens || narrows;
    }

    private static boolean isSmall(Tensor source, Tensor target) {
        int dimensions = source.dimensions();
        return source.dtype() == target.dtype()
                && dimensions > 0
                && dimensions <= 3
                && target.bytes() <= MOST_STRIDED_BYTES
                && source.stride(dimensions - 1) == 1
                && target.stride(dimensions - 1) == 1;
    }

    static void run(Tensor source, Tensor target) {
        if (isDense(source, target)) {
            dense(source, target);
        } else {
            rows(source, target);
        }
    }

    private static void dense(Tensor source, Tensor target) {
        DType from = source.dtype();
        DType to = target.dtype();
        long n = source.elements();
        long sourceAddress = source.address();
        long targetAddress = target.address();
        Workers.shared().run((int) CpuGemm.divideUp(n, TASK_ELEMENTS), (task, _) -> {
            long first = task * TASK_ELEMENTS;
            long count = Math.min(n - first, TASK_ELEMENTS);
            long a = sourceAddress + first * from.bytes();
            long b = targetAddress + first * to.bytes();
            if (from == to) {
                Lanes.copy(a, b, count * from.bytes());
            } else if (from == DType.BFLOAT16) {
                Lanes.widen(a, b, count);
            } else {
                Lanes.toBf16(a, b, count);
            }
        });
    }

    private static void rows(Tensor source, Tensor target) {
        int dimensions = source.dimensions();
        int bytes = source.dtype().bytes();
        long rowBytes = source.size(-1) * bytes;
        long rows = dimensions > 1 ? source.size(-2) : 1;
        long blocks = dimensions > 2 ? source.size(0) : 1;
        for (long block = 0; block < blocks; block++) {
            long from = source.address() + (dimensions > 2 ? block * source.stride(0) * bytes : 0);
            long to = target.address() + (dimensions > 2 ? block * target.stride(0) * bytes : 0);
            for (long row = 0; row < rows; row++) {
                long fromRow = dimensions > 1 ? row * source.stride(dimensions - 2) * bytes : 0;
                long toRow = dimensions > 1 ? row * target.stride(dimensions - 2) * bytes : 0;
                Lanes.copy(from + fromRow, to + toRow, rowBytes);
            }
        }
    }

    /** Fills a dense tensor with zeros. */
    static void zero(Tensor target) {
        long address = target.address();
        long bytes = target.bytes();
        Workers.shared().run((int) CpuGemm.divideUp(bytes, TASK_ELEMENTS), (task, _) -> {
            long first = task * TASK_ELEMENTS;
            Lanes.zero(address + first, Math.min(bytes - first, TASK_ELEMENTS));
        });
    }
}
