package dev.cria.tensor;

import static dev.cria.tensor.Raw.scalar;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/**
 * The fast kernels of a GPU, for float32, bfloat16 and float16: products by cuBLAS through libtorch, with sums in
 * float32; flash attention by libtorch; all else one pass over memory each, in CUDA that is compiled for the GPU when it
 * is first used. What they do not cover goes to the reference, call by call, by type and shape alone.
 */
final class CudaKernels implements Kernels {
    private final Kernels reference;
    private final Choice choice;
    private final CudaNorms norms;
    private final CudaColumns columns;
    private final CudaElementwise elementwise;
    private final CudaEmbedding embedding;
    private final CudaHead head;
    private final CudaAdam adam;
    private final CudaAttention attention;

    CudaKernels(CudaLauncher launcher, Kernels reference, Choice choice) {
        this.reference = reference;
        this.choice = choice;
        this.columns = new CudaColumns(launcher);
        this.norms = new CudaNorms(launcher, columns);
        this.elementwise = new CudaElementwise(launcher);
        this.embedding = new CudaEmbedding(launcher);
        this.head = new CudaHead(launcher);
        this.adam = new CudaAdam(launcher);
        this.attention = new CudaAttention(reference, choice);
    }

    /** The kernels of a GPU. Products in float32 are exact from here on, and those in fewer bits summed in float32. */
    static CudaKernels on(Device device, Kernels reference, Choice choice) {
        var context = torch.globalContext();
        context.setAllowTF32CuBLAS(false);
        context.setAllowBF16ReductionCuBLAS(false);
        context.setAllowFP16ReductionCuBLAS(false);
        return new CudaKernels(CudaDriver.of(device), reference, choice);
    }

    @Override
    public String name() {
        return choice == Choice.FASTEST ? "cuda, sums in any order" : "cuda, sums in a fixed order";
    }

    /** True if the kernels compute in these types, all activations in one, and rows are dense. */
    private static boolean covers(Tensor... activations) {
        DType type = activations[0].dtype();
        boolean known = type == DType.FLOAT32 || type == DType.BFLOAT16 || type == DType.FLOAT16;
        return known && Stream.of(activations).allMatch(t -> t.dtype() == type && hasDenseRows(t));
    }

    private static boolean hasDenseRows(Tensor x) {
        return x.dimensions() > 0 && x.dimensions() <= 2 && x.stride(x.dimensions() - 1) == 1;
    }

    private static boolean areFloats(Tensor... tensors) {
        return Stream.of(tensors).allMatch(t -> t.dtype() == DType.FLOAT32 && t.isContiguous());
    }

    private static boolean isGradient(Tensor x) {
        return x.dtype() == DType.FLOAT32 || x.dtype() == DType.BFLOAT16;
    }

    private static void requireSameShape(Tensor a, Tensor... others) {
        for (Tensor b : others) {
            if (a.elements() != b.elements() || a.size(-1) != b.size(-1)) {
                throw new ShapeException(a + " and " + b + " differ");
            }
        }
    }

    @Override
    public void linear(Tensor x, Tensor w, Tensor y, Into into) {
        telling(y, () -> reference.linear(x, w, y, into));
    }

    @Override
    public void linearInputGradient(Tensor dy, Tensor w, Tensor dx, Into into) {
        telling(dx, () -> reference.linearInputGradient(dy, w, dx, into));
    }

    @Override
    public void linearWeightGradient(Tensor dy, Tensor x, Tensor dw, Into into) {
        boolean mixed = dw.dtype() == DType.FLOAT32 && (x.dtype() == DType.BFLOAT16 || x.dtype() == DType.FLOAT16);
        if (!mixed || dw.device().isCpu()) {
            reference.linearWeightGradient(dy, x, dw, into);
            return;
        }
        if (into == Into.OVERWRITE) {
            dw.zero();
        }
        telling(dw, () -> addProduct(dy, x, dw));
    }

    /** cuBLAS adds the product of the narrow types to the float32 gradient as it is formed. */
    private static void addProduct(Tensor dy, Tensor x, Tensor dw) {
        try (var _ = new PointerScope()) {
            torch.addmm_out(dw.raw(), dw.raw(), dy.raw().t(), x.raw(), Raw.type(DType.FLOAT32), scalar(1), scalar(1));
        }
    }

    /** Runs what libtorch does on a device, and says what ails the device. */
    private static void telling(Tensor result, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            throw CudaFailure.told(e, result.device());
        }
    }

    @Override
    public void addBias(Tensor y, Tensor b) {
        if (covers(y) && areFloats(b)) {
            elementwise.addBias(Matrix.of(y), Matrix.flat(b));
        } else {
            reference.addBias(y, b);
        }
    }

    @Override
    public void biasGradient(Tensor dy, Tensor db) {
        if (covers(dy) && isGradient(db) && db.isContiguous()) {
            columns.sum(Matrix.of(dy), db);
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
        elementwise.add(Matrix.of(x), Matrix.of(y));
    }

    @Override
    public void scale(Tensor x, double factor) {
        if (covers(x)) {
            elementwise.scale(Matrix.of(x), factor);
        } else {
            reference.scale(x, factor);
        }
    }

    @Override
    public void embedding(Tensor table, Tensor ids, Tensor out) {
        if (covers(table, out) && ids.isContiguous()) {
            embedding.forward(Matrix.of(table), Matrix.flat(ids), Matrix.of(out));
        } else {
            reference.embedding(table, ids, out);
        }
    }

    @Override
    public void embeddingGradient(Tensor dout, Tensor ids, Tensor dtable) {
        if (covers(dout) && isGradient(dtable) && hasDenseRows(dtable) && ids.isContiguous()) {
            embedding.backward(Matrix.of(dout), ids, Matrix.of(dtable));
        } else {
            reference.embeddingGradient(dout, ids, dtable);
        }
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, double eps, Tensor y, Tensor r) {
        if (covers(x, y) && areFloats(w, r)) {
            requireSameShape(x, y);
            norms.rms(Matrix.of(x), Matrix.flat(w), eps, Matrix.of(y), Matrix.flat(r));
        } else {
            reference.rmsNorm(x, w, eps, y, r);
        }
    }

    @Override
    public void rmsNormGradient(Tensor dy, Tensor x, Tensor w, Tensor r, Tensor dx, Into into, Optional<Tensor> dw) {
        boolean sums = dw.stream().allMatch(CudaKernels::isGradient) && CudaNorms.fits(x.size(-1), 1);
        if (covers(dy, x, dx) && areFloats(w, r) && sums) {
            requireSameShape(x, dy, dx);
            norms.rmsGradient(
                    Matrix.of(dy), Matrix.of(x), Matrix.flat(w), Matrix.flat(r), Matrix.of(dx), into, dw, x.device());
        } else {
            reference.rmsNormGradient(dy, x, w, r, dx, into, dw);
        }
    }

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, double eps, Tensor y, Tensor mean, Tensor r) {
        if (covers(x, y) && areFloats(w, b, mean, r)) {
            requireSameShape(x, y);
            norms.layer(
                    Matrix.of(x), Matrix.flat(w), Matrix.flat(b), eps, Matrix.of(y), Matrix.flat(mean), Matrix.flat(r));
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
        boolean sums = Stream.of(dw, db).flatMap(Optional::stream).allMatch(CudaKernels::isGradient)
                && CudaNorms.fits(x.size(-1), 2);
        if (covers(dy, x, dx) && areFloats(w, mean, r) && sums) {
            requireSameShape(x, dy, dx);
            norms.layerGradient(
                    Matrix.of(dy),
                    Matrix.of(x),
                    Matrix.flat(w),
                    Matrix.flat(mean),
                    Matrix.flat(r),
                    Matrix.of(dx),
                    into,
                    List.of(dw, db),
                    x.device());
        } else {
            reference.layerNormGradient(dy, x, w, mean, r, dx, into, dw, db);
        }
    }

    @Override
    public void rope(Tensor x, Tensor table, Tensor positions, Rotation rotation) {
        if (covers(x) && areFloats(table) && positions.isContiguous()) {
            int half = Math.toIntExact(table.size(2));
            elementwise.rope(Matrix.of(x), Matrix.flat(table), half, Matrix.flat(positions), rotation);
        } else {
            reference.rope(x, table, positions, rotation);
        }
    }

    @Override
    public void attention(
            AttentionShape shape, Tensor q, Tensor k, Tensor v, Optional<Tensor> starts, Tensor out, Tensor lse) {
        telling(out, () -> attention.forward(shape, q, k, v, starts, out, lse));
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
        var gradients = new CudaAttention.Gradients(dout, q, k, v, starts, out, lse, dq, dk, dv);
        telling(dq, () -> attention.backward(shape, gradients));
    }

    @Override
    public void swiGlu(Tensor gate, Tensor up, Tensor y) {
        if (covers(gate, up, y)) {
            requireSameShape(y, gate, up);
            elementwise.swiGlu(Matrix.of(gate), Matrix.of(up), Matrix.of(y));
        } else {
            reference.swiGlu(gate, up, y);
        }
    }

    @Override
    public void swiGluGradient(Tensor dy, Tensor gate, Tensor up, Tensor dgate, Tensor dup) {
        if (covers(dy, gate, up, dgate, dup)) {
            requireSameShape(dy, gate, up, dgate, dup);
            elementwise.swiGluGradient(Matrix.of(dy), Matrix.of(gate), Matrix.of(up), Matrix.of(dgate), Matrix.of(dup));
        } else {
            reference.swiGluGradient(dy, gate, up, dgate, dup);
        }
    }

    @Override
    public void gelu(Tensor x, Tensor y) {
        if (covers(x, y)) {
            requireSameShape(x, y);
            elementwise.gelu(Matrix.of(x), Matrix.of(y));
        } else {
            reference.gelu(x, y);
        }
    }

    @Override
    public void geluGradient(Tensor dy, Tensor x, Tensor dx) {
        if (covers(dy, x, dx)) {
            requireSameShape(x, dy, dx);
            elementwise.geluGradient(Matrix.of(dy), Matrix.of(x), Matrix.of(dx));
        } else {
            reference.geluGradient(dy, x, dx);
        }
    }

    @Override
    public void linearCrossEntropy(
            Tensor x, Tensor w, Tensor targets, Tensor losses, Optional<HeadGradients> gradients) {
        if (covers(x, w) && areFloats(losses) && targets.isContiguous()) {
            head.run(this, x, w, targets, losses, gradients);
        } else {
            reference.linearCrossEntropy(x, w, targets, losses, gradients);
        }
    }

    @Override
    public double sumOfSquares(Tensor x) {
        boolean covered = covers(x) && x.isContiguous();
        return covered ? adam.sumOfSquares(Matrix.flat(x), x.device()) : reference.sumOfSquares(x);
    }

    @Override
    public void adamW(Tensor w, Tensor gradient, Tensor m, Tensor v, AdamStep step, Optional<Tensor> copy) {
        if (areFloats(w, m, v) && isGradient(gradient) && gradient.isContiguous() && isCopy(copy)) {
            adam.step(
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
        if (areFloats(w) && isGradient(gradient) && gradient.isContiguous() && isCopy(copy)) {
            adam.step8(Matrix.flat(w), Matrix.flat(gradient), m, v, step, copy.map(Matrix::flat));
        } else {
            reference.adamW8(w, gradient, m, v, step, copy);
        }
    }

    private static boolean isCopy(Optional<Tensor> copy) {
        return copy.stream()
                .allMatch(c -> c.isContiguous() && (c.dtype() == DType.BFLOAT16 || c.dtype() == DType.FLOAT16));
    }
}
