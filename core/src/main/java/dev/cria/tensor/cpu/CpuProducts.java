package dev.cria.tensor.cpu;

import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.cpu.CpuGemm.Extra;
import dev.cria.tensor.cpu.CpuGemm.Left;
import dev.cria.tensor.cpu.PackedOperand.Order;
import java.util.Optional;

/**
 * Matrix products on the CPU: one row or a few by streaming the weights, more by blocks that oneDNN compiles for the
 * processor, what neither takes by libtorch.
 */
final class CpuProducts {
    private static final long FEW_ROWS = 128;

    private final Kernels reference;
    private final Workers workers;
    private final CpuGemv gemv;
    private final CpuByteProduct bytes;
    private final Optional<CpuGemm> gemm;

    CpuProducts(Kernels reference, Workers workers) {
        this.reference = reference;
        this.workers = workers;
        this.gemv = new CpuGemv(workers, Brgemm.here());
        this.bytes = new CpuByteProduct(workers, Brgemm.here());
        this.gemm = Brgemm.here().map(blocks -> new CpuGemm(blocks, workers));
    }

    String name() {
        return gemm.isPresent() ? "products in blocks" : "products by libtorch";
    }

    /** Whether a product runs on the thread that asks for it where others ask at the same time; libtorch brings its own. */
    boolean stayOnTheirThread() {
        return gemm.isPresent();
    }

    void run(MatrixProduct product) {
        switch (product) {
            case MatrixProduct.Forward c -> forward(c);
            case MatrixProduct.Quantized c -> quantized(c);
            case MatrixProduct.InputGradient c -> {
                if (!multiply(c.dy(), Left.ROWS, c.w(), Order.ROWS, c.dx(), c.into(), new Extra.None())) {
                    reference.run(c);
                }
            }
            case MatrixProduct.WeightGradient c -> weightGradient(c);
            case MatrixProduct.Symmetric c -> symmetric(c.product());
        }
    }

    private void symmetric(MatrixProduct product) {
        boolean halved =
                switch (product) {
                    case MatrixProduct.Forward c ->
                        c.x().size(0) >= FEW_ROWS
                                && multiply(
                                        c.x(), Left.ROWS, c.w(), Order.COLUMNS, c.y(), c.into(), new Extra.Symmetry());
                    case MatrixProduct.WeightGradient c ->
                        multiply(c.dy(), Left.COLUMNS, c.x(), Order.ROWS, c.dw(), c.into(), new Extra.Symmetry());
                    default -> false;
                };
        if (!halved) {
            run(product);
        }
    }

    private void forward(MatrixProduct.Forward c) {
        if (c.b().isEmpty()) {
            plain(c);
            return;
        }
        Tensor b = c.b().get();
        // Turning the weights into panels does not pay for a few rows; libtorch's product reads them as they lie.
        boolean fused = CpuKernels.covers(b)
                && c.x().size(0) >= FEW_ROWS
                && multiply(c.x(), Left.ROWS, c.w(), Order.COLUMNS, c.y(), c.into(), new Extra.Bias(Matrix.flat(b)));
        if (!fused) {
            plain(new MatrixProduct.Forward(c.x(), c.w(), c.y(), c.into()));
            addBias(c.y(), b);
        }
    }

    private void plain(MatrixProduct.Forward c) {
        boolean matrices = areMatrices(c.x(), c.w(), c.y());
        if (matrices && gemv.fits(Matrix.of(c.x()), Matrix.of(c.w()), Matrix.of(c.y()), c.into())) {
            gemv.multiply(Matrix.of(c.x()), Matrix.of(c.w()), Matrix.of(c.y()));
        } else if (c.x().size(0) < FEW_ROWS
                || !multiply(c.x(), Left.ROWS, c.w(), Order.COLUMNS, c.y(), c.into(), new Extra.None())) {
            reference.run(c);
        }
    }

    private void addBias(Tensor y, Tensor b) {
        if (CpuKernels.covers(y, b)) {
            CpuElementwise.addBias(workers, Matrix.of(y), Matrix.flat(b));
        } else {
            reference.run(new Elementwise.AddBias(y, b));
        }
    }

    private void quantized(MatrixProduct.Quantized c) {
        Optional<BytePanels> panels = c.w().panels();
        if (panels.isPresent() && areMatrices(c.x(), c.y()) && bytes.fits(Matrix.of(c.x()), Matrix.of(c.y()))) {
            bytes.multiply(Matrix.of(c.x()), panels.get(), Matrix.of(c.y()));
            return;
        }
        try (Tensor unpacked = c.unpacked()) {
            plain(new MatrixProduct.Forward(c.x(), unpacked, c.y(), Into.OVERWRITE));
        }
    }

    private void weightGradient(MatrixProduct.WeightGradient c) {
        Extra bias = c.db().filter(CpuKernels::covers)
                .<Extra>map(sums -> new Extra.BiasGradient(Matrix.flat(sums)))
                .orElse(new Extra.None());
        if (multiply(c.dy(), Left.COLUMNS, c.x(), Order.ROWS, c.dw(), c.into(), bias)) {
            if (bias instanceof Extra.None) {
                c.db().ifPresent(sums -> reference.run(new Elementwise.BiasGradient(c.dy(), sums)));
            }
            return;
        }
        reference.run(new MatrixProduct.WeightGradient(c.dy(), c.x(), c.dw(), c.into()));
        c.db().ifPresent(sums -> biasGradient(c.dy(), sums));
    }

    private void biasGradient(Tensor dy, Tensor db) {
        if (CpuKernels.covers(dy, db)) {
            CpuElementwise.biasGradient(workers, Matrix.of(dy), db);
        } else {
            reference.run(new Elementwise.BiasGradient(dy, db));
        }
    }

    private boolean multiply(Tensor a, Left left, Tensor b, Order order, Tensor c, Into into, Extra extra) {
        if (gemm.isEmpty() || !areMatrices(a, b, c)) {
            return false;
        }
        var am = Matrix.of(a);
        var bm = Matrix.of(b);
        var cm = Matrix.of(c);
        if (!CpuGemm.fits(am, left, bm, cm)) {
            return false;
        }
        gemm.get().multiply(am, left, bm, order, cm, into, extra);
        return true;
    }

    private static boolean areMatrices(Tensor... tensors) {
        for (Tensor t : tensors) {
            if (t.dimensions() != 2 || t.stride(1) != 1) {
                return false;
            }
        }
        return true;
    }
}
