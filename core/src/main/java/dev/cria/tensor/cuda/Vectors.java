package dev.cria.tensor.cuda;

import dev.cria.tensor.DType;
import dev.cria.tensor.Matrix;

/** How many elements a thread of a CUDA kernel may read at once. */
public final class Vectors {
    private static final int BYTES = 16;

    private Vectors() {}

    /**
     * As many elements of {@code type} as fill 16 bytes, if every row of these matrices begins at a multiple of that and
     * the vectors come out even; otherwise 1.
     *
     * @param length elements of a row, or of each part of it that vectors may not straddle
     */
    static int of(DType type, long length, Matrix... matrices) {
        int vector = BYTES / type.bytes();
        if (length % vector != 0) {
            return 1;
        }
        for (Matrix matrix : matrices) {
            int bytes = Math.min(BYTES, vector * matrix.dtype().bytes());
            boolean aligned = matrix.address() % bytes == 0 && (matrix.rows() < 2 || matrix.strideBytes() % bytes == 0);
            if (!aligned) {
                return 1;
            }
        }
        return vector;
    }
}
