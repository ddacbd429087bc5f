package dev.cria.tensor;

import dev.cria.tensor.CpuGemm.Bias;
import dev.cria.tensor.CpuGemm.Left;
import dev.cria.tensor.PackedOperand.Order;
import java.util.Optional;

/**
 * The fast kernels of the CPU, for float32 and bfloat16: one pass over memory each, in Java's Vector API, and matrix
 * products from blocks that oneDNN compiles for the processor. What they do not cover (other types, odd layouts,
 * processors without AVX-512 for the products) goes to the reference, call by call, by type and shape alone.
 */
final class CpuKernels implements Kernels {
    private static final long FEW_ROWS = 128;

    private final Kernels reference;
    private final Workers workers = Workers.shared();
    private final CpuGemv gemv;
    private final CpuByteProduct bytes;
    private final Optional<CpuGemm> gemm;
    private final Optional<CpuAttention> attention;
    private final Optional<CpuAttentionGradient> attentionGradient;

    CpuKernels(Kernels reference) {
        this.reference = reference;
        this.gemv = new CpuGemv(workers, Brgemm.here());
        this.bytes = new CpuByteProduct(workers, Brgemm.here());
        this.gemm = Brgemm.here().map(blocks -> new CpuGemm(blocks, workers));
        this.attention = Brgemm.here().map(blocks -> new CpuAttention(blocks, workers));
        this.attentionGradient = Brgemm.here().map(blocks -> new CpuAttentionGradient(blocks, workers));
    }

    @Override
    public String name() {
        return "cpu, " + Lanes.WIDTH + " lanes, "
                + (gemm.isPresent() ? "products in blocks" : "products by libtorch") + ", " + workers.count()
                + " threads";
    }

    @Override
    public void linear(Tensor x, Tensor w, Tensor y, Into into) {
        if (areMatrices(x, w, y) && gemv.fits(Matrix.of(x), Matrix.of(w), Matrix.of(y), into)) {
            var ym = Matrix.of(y);
            requireProduct(x, w, y, x.size(1) == w.size(1) && ym.rows() == x.size(0) && ym.width() == w.size(0));
            gemv.multiply(Matrix.of(x), Matrix.of(w), ym);
            return;
        }
        // Turning the weights into panels does not pay for a few rows; libtorch's product reads them as they lie.
        if (x.size(0) < FEW_ROWS) {
            reference.linear(x, w, y, into);
            return;
        }
        if (!multiply(x, Left.ROWS, w, Order.COLUMNS, y, into, new Bias.None())) {
            reference.linear(x, w, y, into);
        }
    }

    @Override
    public void linear(Tensor x, Tensor w, Optional<Tensor> b, Tensor y) {
        Bias bias = b.filter(CpuKernels::covers)
                .<Bias>map(added -> new Bias.Added(Matrix.flat(added)))
                .orElse(new Bias.None());
        if (bias instanceof Bias.None
                || x.size(0) < FEW_ROWS
                || !multiply(x, Left.ROWS, w, Order.COLUMNS, y, Into.OVERWRITE, bias)) {
            Kernels.super.linear(x, w, b, y);
        }
    }

    @Override
    public void linear(Tensor x, PackedMatrix w, Tensor y) {
        if (w.panels().isEmpty() || !areMatrices(x, y) || !bytes.fits(Matrix.of(x), Matrix.of(y))) {
            Kernels.super.linear(x, w, y);
            return;
        }
        if (x.size(1) != w.inputs() || y.size(0) != x.size(0) || y.size(1) != w.outputs()) {
            throw new ShapeException(
                    "no product of " + x + " and " + w.outputs() + " rows of " + w.inputs() + " bytes is " + y);
        }
        bytes.multiply(Matrix.of(x), w.panels().get(), Matrix.of(y));
    }

    @Override
    public void linearInputGradient(Tensor dy, Tensor w, Tensor dx, Into into) {
        if (!multiply(dy, Left.ROWS, w, Order.ROWS, dx, into, new Bias.None())) {
            reference.linearInputGradient(dy, w, dx, into);
        }
    }

    @Override
    public void linearWeightGradient(Tensor dy, Tensor x, Tensor dw, Into into) {
        if (!multiply(dy, Left.COLUMNS, x, Order.ROWS, dw, into, new Bias.None())) {
            reference.linearWeightGradient(dy, x, dw, into);
        }
    }

    @Override
    public void linearWeightGradient(Tensor dy, Tensor x, Tensor dw, Into into, Optional<Tensor> db) {
        Bias bias = db.filter(CpuKernels::covers)
                .<Bias>map(sums -> new Bias.Gradient(Matrix.flat(sums)))
                .orElse(new Bias.None());
        if (bias instanceof Bias.None || !multiply(dy, Left.COLUMNS, x, Order.ROWS, dw, into, bias)) {
            Kernels.super.linearWeightGradient(dy, x, dw, into, db);
        }
    }

    private boolean multiply(Tensor a, Left left, Tensor b, Order order, Tensor c, Into into, Bias bias) {
        if (gemm.isEmpty() || !areMatrices(a, b, c)) {
            return false;
        }
        var am = Matrix.of(a);
        var bm = Matrix.of(b);
        var cm = Matrix.of(c);
        if (!CpuGemm.fits(am, left, bm, cm)) {
            return false;
        }
        long k = left == Left.ROWS ? am.width() : am.rows();
        long m = left == Left.ROWS ? am.rows() : am.width();
        long n = order == Order.ROWS ? bm.width() : bm.rows();
        long depth = order == Order.ROWS ? bm.rows() : bm.width();
        requireProduct(a, b, c, k == depth && cm.rows() == m && cm.width() == n);
        gemm.get().multiply(am, left, bm, order, cm, into, bias);
        return true;
    }

    private static void requireProduct(Tensor a, Tensor b, Tensor c, boolean fits) {
        if (!fits) {
            throw new ShapeException("no product of " + a + " and " + b + " is " + c);
        }
    }

    private static boolean areMatrices(Tensor... tensors) {
        for (Tensor t : tensors) {
            if (t.dimensions() != 2 || t.stride(1) != 1) {
                return false;
            }
        }
        return true;
    }

    /** True if the tensors are float32 or bfloat16 and their rows are dense. */
    private static boolean covers(Tensor... tensors) {
        for (Tensor t : tensors) {
            boolean type = t.dtype() == DType.FLOAT32 || t.dtype() == DType.BFLOAT16;
            if (!type || t.dimensions() > 2 || t.dimensions() == 0 || t.stride(t.dimensions() - 1) != 1) {
                return false;
            }
        }
        return true;
    }

    private static boolean isContiguous(Tensor... tensors) {
        for (Tensor t : tensors) {
            if (!t.isContiguous()) {
                return false;
            }
        }
        return true;
    }

    private static void requireSameShape(Tensor a, Tensor b) {
        if (a.elements() != b.elements() || a.size(-1) != b.size(-1)) {
            throw new ShapeException(a + " and " + b + " differ");
        }
    }

    @Override
    public void addBias(Tensor y, Tensor b) {
        if (covers(y, b)) {
            Elementwise.addBias(workers, Matrix.of(y), Matrix.flat(b));
        } else {
            reference.addBias(y, b);
        }
    }

    @Override
    public void biasGradient(Tensor dy, Tensor db) {
        if (covers(dy, db)) {
            Elementwise.biasGradient(workers, Matrix.of(dy), db);
        } else {
            reference.biasGradient(dy, db);
        }
    }

    @Override
    public void add(Tensor x, Tensor y) {
        if (!covers(x, y)) {
            reference.add(x, y);
            return;
        }
        requireSameShape(x, y);
        boolean flat = isContiguous(x, y);
        Elementwise.add(workers, flat ? Matrix.flat(x) : Matrix.of(x), flat ? Matrix.flat(y) : Matrix.of(y));
    }

    @Override
    public void scale(Tensor x, double factor) {
        if (covers(x)) {
            Elementwise.scale(workers, isContiguous(x) ? Matrix.flat(x) : Matrix.of(x), factor);
        } else {
            reference.scale(x, factor);
        }
    }

    @Override
    public void embedding(Tensor table, Tensor ids, Tensor out) {
        if (covers(table, out) && table.dtype() == out.dtype() && isContiguous(ids)) {
            CpuEmbedding.forward(workers, Matrix.of(table), Matrix.flat(ids), Matrix.of(out));
        } else {
            reference.embedding(table, ids, out);
        }
    }

    @Override
    public void embeddingGradient(Tensor dout, Tensor ids, Tensor dtable) {
        if (covers(dout, dtable) && isContiguous(ids)) {
            CpuEmbedding.backward(workers, Matrix.of(dout), Matrix.flat(ids), Matrix.of(dtable));
        } else {
            reference.embeddingGradient(dout, ids, dtable);
        }
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, double eps, Tensor y, Tensor r) {
        if (covers(x, w, y, r) && w.dtype() == DType.FLOAT32) {
            CpuRmsNorm.forward(workers, Matrix.of(x), Matrix.flat(w), eps, Matrix.of(y), Matrix.flat(r));
        } else {
            reference.rmsNorm(x, w, eps, y, r);
        }
    }

    @Override
    public void rmsNormGradient(Tensor dy, Tensor x, Tensor w, Tensor r, Tensor dx, Into into, Optional<Tensor> dw) {
        if (covers(dy, x, w, r, dx) && w.dtype() == DType.FLOAT32) {
            CpuRmsNorm.backward(
                    workers, Matrix.of(dy), Matrix.of(x), Matrix.flat(w), Matrix.flat(r), Matrix.of(dx), into, dw);
        } else {
            reference.rmsNormGradient(dy, x, w, r, dx, into, dw);
        }
    }

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, double eps, Tensor y, Tensor mean, Tensor r) {
        if (covers(x, w, b, y, mean, r) && w.dtype() == DType.FLOAT32) {
            CpuLayerNorm.forward(
                    workers,
                    Matrix.of(x),
                    Matrix.flat(w),
                    Matrix.flat(b),
                    eps,
                    Matrix.of(y),
                    Matrix.flat(mean),
                    Matrix.flat(r));
        } else {
            reference.layerNorm(x, w, b, eps, y, mean, r);
        }
    }

    @Override
    public void layerNormGradient(
            Tensor dy,
            Tensor x,
            Tensor w,
            Tensor mean,
            Tensor r,
            Tensor dx,
            Into into,
            Optional<Tensor> dw,
            Optional<Tensor> db) {
        if (covers(dy, x, w, mean, r, dx) && w.dtype() == DType.FLOAT32) {
            CpuLayerNorm.backward(
                    workers,
                    Matrix.of(dy),
                    Matrix.of(x),
                    Matrix.flat(w),
                    Matrix.flat(mean),
                    Matrix.flat(r),
                    Matrix.of(dx),
                    into,
                    dw,
                    db);
        } else {
            reference.layerNormGradient(dy, x, w, mean, r, dx, into, dw, db);
        }
    }

    @Override
    public void rope(Tensor x, Tensor table, Tensor positions, Rotation rotation) {
        if (covers(x) && table.dtype() == DType.FLOAT32 && isContiguous(table, positions)) {
            int half = Math.toIntExact(table.size(2));
            CpuRope.rotate(workers, Matrix.of(x), Matrix.flat(table), half, Matrix.flat(positions), rotation);
        } else {
            reference.rope(x, table, positions, rotation);
        }
    }

    @Override
    public void attention(
            AttentionShape shape, Tensor q, Tensor k, Tensor v, Optional<Tensor> starts, Tensor out, Tensor lse) {
        if (CpuQueryAttention.fits(shape, q, k, v, out)) {
            CpuQueryAttention.forward(workers, shape, q, k, v, starts, out, lse);
        } else if (attention.isPresent() && CpuAttention.fits(shape, q, k, v, out)) {
            attention.get().forward(shape, q, k, v, starts, out, lse);
        } else {
            reference.attention(shape, q, k, v, starts, out, lse);
        }
    }

    @Override
    public void attentionGradient(
            AttentionShape shape,
            Tensor dout,
            Tensor q,
            Tensor k,
            Tensor v,
            Optional<Tensor> starts,
            Tensor out,
            Tensor lse,
            Tensor dq,
            Tensor dk,
            Tensor dv) {
        if (attentionGradient.isPresent() && CpuAttention.fits(shape, dout, q, k, v, out, dq, dk, dv)) {
            var tensors = new CpuAttentionGradient.Tensors(dout, q, k, v, starts, out, lse, dq, dk, dv);
            attentionGradient.get().backward(shape, tensors);
        } else {
            reference.attentionGradient(shape, dout, q, k, v, starts, out, lse, dq, dk, dv);
        }
    }

    @Override
    public void swiGlu(Tensor gate, Tensor up, Tensor y) {
        if (covers(gate, up, y)) {
            requireSameShape(gate, y);
            requireSameShape(up, y);
            CpuActivations.swiGlu(workers, Matrix.of(gate), Matrix.of(up), Matrix.of(y));
        } else {
            reference.swiGlu(gate, up, y);
        }
    }

    @Override
    public void swiGluGradient(Tensor dy, Tensor gate, Tensor up, Tensor dgate, Tensor dup) {
        if (covers(dy, gate, up, dgate, dup)) {
            CpuActivations.swiGluGradient(
                    workers, Matrix.of(dy), Matrix.of(gate), Matrix.of(up), Matrix.of(dgate), Matrix.of(dup));
        } else {
            reference.swiGluGradient(dy, gate, up, dgate, dup);
        }
    }

    @Override
    public void gelu(Tensor x, Tensor y) {
        if (covers(x, y)) {
            requireSameShape(x, y);
            CpuActivations.gelu(workers, Matrix.of(x), Matrix.of(y));
        } else {
            reference.gelu(x, y);
        }
    }

    @Override
    public void geluGradient(Tensor dy, Tensor x, Tensor dx) {
        if (covers(dy, x, dx)) {
            CpuActivations.geluGradient(workers, Matrix.of(dy), Matrix.of(x), Matrix.of(dx));
        } else {
            reference.geluGradient(dy, x, dx);
        }
    }

    @Override
    public void linearCrossEntropy(
            Tensor x, Tensor w, Tensor targets, Tensor losses, Optional<HeadGradients> gradients) {
        if (covers(x, w, losses) && isContiguous(targets, losses)) {
            CpuHead.run(this, workers, x, w, targets, losses, gradients, Into.ACCUMULATE);
        } else {
            reference.linearCrossEntropy(x, w, targets, losses, gradients);
        }
    }

    @Override
    public void linearCrossEntropy(
            Tensor x, Tensor w, Tensor targets, Tensor losses, HeadGradients gradients, Into into) {
        if (covers(x, w, losses) && isContiguous(targets, losses)) {
            CpuHead.run(this, workers, x, w, targets, losses, Optional.of(gradients), into);
        } else {
            reference.linearCrossEntropy(x, w, targets, losses, gradients, into);
        }
    }

    @Override
    public double sumOfSquares(Tensor x) {
        boolean covered = (x.dtype() == DType.FLOAT32 || x.dtype() == DType.BFLOAT16) && isContiguous(x);
        return covered ? CpuAdam.sumOfSquares(workers, Matrix.flat(x)) : reference.sumOfSquares(x);
    }

    @Override
    public void adamW(Tensor w, Tensor gradient, Tensor m, Tensor v, AdamStep step, Optional<Tensor> copy) {
        boolean types = w.dtype() == DType.FLOAT32
                && (gradient.dtype() == DType.FLOAT32 || gradient.dtype() == DType.BFLOAT16)
                && copy.stream().allMatch(c -> c.dtype() == DType.BFLOAT16 && c.isContiguous());
        if (types && isContiguous(w, gradient, m, v)) {
            CpuAdam.step(
                    workers,
                    Matrix.flat(w),
                    Matrix.flat(gradient),
                    Matrix.flat(m),
                    Matrix.flat(v),
                    step,
                    copy.map(Matrix::flat));
        } else {
            reference.adamW(w, gradient, m, v, step, copy);
        }
    }

    @Override
    public void adamW8(Tensor w, Tensor gradient, Quantized m, Quantized v, AdamStep step, Optional<Tensor> copy) {
        boolean types = w.dtype() == DType.FLOAT32
                && (gradient.dtype() == DType.FLOAT32 || gradient.dtype() == DType.BFLOAT16)
                && copy.stream().allMatch(c -> c.dtype() == DType.BFLOAT16 && c.isContiguous());
        if (types && isContiguous(w, gradient)) {
            CpuAdam8.step(workers, Matrix.flat(w), Matrix.flat(gradient), m, v, step, copy.map(Matrix::flat));
        } else {
            reference.adamW8(w, gradient, m, v, step, copy);
        }
    }
}
