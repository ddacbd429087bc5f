package dev.cria.tensor;

import java.util.Arrays;

/** Copies between equal types and shapes in the host's memory, row by row, where calling libtorch would cost more. */
final class StridedCopy {
    /** Above this, libtorch's copy is better: it has all cores. */
    private static final long MOST_BYTES = 1 << 18;

    private StridedCopy() {}

    /** True if both lie in the host's memory, are alike but for strides, and have dense rows. */
    static boolean fits(Tensor source, Tensor target) {
        int dimensions = source.dimensions();
        return source.device().isCpu()
                && target.device().isCpu()
                && source.dtype() == target.dtype()
                && dimensions > 0
                && dimensions <= 3
                && target.bytes() <= MOST_BYTES
                && Arrays.equals(source.shape(), target.shape())
                && source.stride(dimensions - 1) == 1
                && target.stride(dimensions - 1) == 1;
    }

    static void run(Tensor source, Tensor target) {
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
}
