package dev.cria.tensor.cuda;

import dev.cria.tensor.Matrix;
import dev.cria.tensor.RotaryEmbedding;
import dev.cria.tensor.RotaryEmbedding.Direction;

/** Activations, rotary positions and sums on CUDA: a block for each row. */
final class CudaElementwise {
    private static final String FILE = "activations";

    /** Elements that a block takes of a tensor that is one long row. */
    private static final long PIECE = 4096;

    private final CudaLauncher launcher;

    CudaElementwise(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    private void launch(String kernel, int vector, Matrix rows, Number... arguments) {
        launcher.launch(
                CudaKernel.of(FILE, kernel, rows.dtype(), vector),
                rows.rows(),
                CudaLauncher.threads(rows.width(), vector, CudaLauncher.THREADS),
                0,
                arguments);
    }

    void swiGlu(Matrix gate, Matrix up, Matrix y) {
        int vector = Vectors.of(y.dtype(), y.width(), gate, up, y);
        launch(
                "swiglu",
                vector,
                y,
                gate.address(),
                gate.stride(),
                up.address(),
                up.stride(),
                y.width(),
                y.address(),
                y.stride());
    }

    void swiGluGradient(Matrix dy, Matrix gate, Matrix up, Matrix dgate, Matrix dup) {
        int vector = Vectors.of(dy.dtype(), dy.width(), dy, gate, up, dgate, dup);
        launch(
                "swiglu_gradient",
                vector,
                dy,
                dy.address(),
                dy.stride(),
                gate.address(),
                gate.stride(),
                up.address(),
                up.stride(),
                dy.width(),
                dgate.address(),
                dgate.stride(),
                dup.address(),
                dup.stride());
    }

    void gelu(Matrix x, Matrix y) {
        int vector = Vectors.of(y.dtype(), y.width(), x, y);
        launch("gelu", vector, y, x.address(), x.stride(), y.width(), y.address(), y.stride());
    }

    void geluGradient(Matrix dy, Matrix x, Matrix dx) {
        int vector = Vectors.of(dy.dtype(), dy.width(), dy, x, dx);
        launch(
                "gelu_gradient",
                vector,
                dy,
                dy.address(),
                dy.stride(),
                x.address(),
                x.stride(),
                dy.width(),
                dx.address(),
                dx.stride());
    }

    void addBias(Matrix y, Matrix b) {
        int vector = Vectors.of(y.dtype(), y.width(), y, b);
        launch("add_bias", vector, y, b.address(), y.width(), y.address(), y.stride());
    }

    void add(Matrix x, Matrix y) {
        if (isLong(y)) {
            add(pieces(x), pieces(y));
            add(rest(x), rest(y));
            return;
        }
        int vector = Vectors.of(y.dtype(), y.width(), x, y);
        launch("add", vector, y, x.address(), x.stride(), y.width(), y.address(), y.stride());
    }

    void scale(Matrix x, double factor) {
        if (isLong(x)) {
            scale(pieces(x), factor);
            scale(rest(x), factor);
            return;
        }
        int vector = Vectors.of(x.dtype(), x.width(), x);
        launch("scale", vector, x, x.address(), x.stride(), x.width(), (float) factor);
    }

    private static boolean isLong(Matrix x) {
        return x.rows() == 1 && x.width() >= 2 * PIECE;
    }

    /** All of one long row but its end, as rows of a good length. */
    private static Matrix pieces(Matrix row) {
        return new Matrix(row.address(), row.width() / PIECE - 1, PIECE, PIECE, row.dtype());
    }

    /** The end of one long row, at least one piece and less than two. */
    private static Matrix rest(Matrix row) {
        long taken = pieces(row).rows() * PIECE;
        long width = row.width() - taken;
        return new Matrix(row.at(0, taken), 1, width, width, row.dtype());
    }

    void rope(RotaryEmbedding call) {
        var x = Matrix.of(call.x());
        var table = Matrix.flat(call.table());
        int half = call.half();
        int vector = Vectors.of(x.dtype(), half, x, table);
        launcher.launch(
                CudaKernel.of(FILE, "rope", x.dtype(), vector),
                x.rows(),
                CudaLauncher.threads(x.width() / 2, vector, CudaLauncher.THREADS),
                0,
                x.address(),
                x.stride(),
                x.width() / (2L * half),
                (long) half,
                table.address(),
                call.positions().address(),
                call.direction() == Direction.FORWARD ? 1f : -1f);
    }
}
