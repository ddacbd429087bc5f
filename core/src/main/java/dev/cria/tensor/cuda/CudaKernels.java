package dev.cria.tensor.cuda;

import static dev.cria.tensor.library.Raw.scalar;

import dev.cria.tensor.Activation;
import dev.cria.tensor.AdamUpdate;
import dev.cria.tensor.Call;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Norm;
import dev.cria.tensor.RotaryEmbedding;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.TokenEmbedding;
import dev.cria.tensor.library.Raw;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/**
 * The fast kernels of a GPU, for float32, bfloat16 and float16: products by cuBLAS through libtorch, with sums in
 * float32; flash attention by libtorch; all else one pass over memory each, in CUDA that is compiled for the GPU when it
 * is first used. What they do not cover goes to the reference, call by call, by type and shape alone.
 */
public final class CudaKernels implements Kernels {
    private final Kernels reference;
    private final Choice choice;
    private final CudaNorms norms;
    private final CudaColumns columns;
    private final CudaElementwise elementwise;
    private final CudaEmbedding embedding;
    private final CudaHead head;
    private final CudaAdam adam;
    private final CudaAttention attention;

    public CudaKernels(CudaLauncher launcher, Kernels reference, Choice choice) {
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
    public static CudaKernels on(Device device, Kernels reference, Choice choice) {
        var context = torch.globalContext();
        context.setAllowTF32CuBLAS(false);
        context.setAllowBF16ReductionCuBLAS(false);
        context.setAllowFP16ReductionCuBLAS(false);
        return new CudaKernels(CudaDriver.of(device), reference, choice);
    }

    @Override
    public String name() {
        return choice == Choice.FASTEST ? "cuda, non-deterministic sums" : "cuda, deterministic sums";
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

    @Override
    public void run(Call call) {
        switch (call) {
            case MatrixProduct c -> run(c);
            case Elementwise c -> run(c);
            case TokenEmbedding c -> run(c);
            case Norm c -> run(c);
            case RotaryEmbedding c
            when covers(c.x()) && areFloats(c.table()) && c.positions().isContiguous() -> elementwise.rope(c);
            case DotProductAttention.Forward c -> explainingErrors(c.out(), () -> attention.forward(c));
            case DotProductAttention.Gradient c -> explainingErrors(c.dq(), () -> attention.backward(c));
            case Activation c -> run(c);
            case HeadLoss c
            when covers(c.x(), c.w()) && areFloats(c.losses()) && c.targets().isContiguous() -> head.run(this, c);
            case AdamUpdate c -> run(c);
            default -> reference.run(call);
        }
    }

    private void run(MatrixProduct product) {
        switch (product) {
            case MatrixProduct.Forward c -> {
                explainingErrors(c.y(), () -> reference.run(new MatrixProduct.Forward(c.x(), c.w(), c.y(), c.into())));
                c.b().ifPresent(b -> run(new Elementwise.AddBias(c.y(), b)));
            }
            case MatrixProduct.Quantized c -> {
                try (Tensor unpacked = c.unpacked()) {
                    run(new MatrixProduct.Forward(c.x(), unpacked, c.y(), Into.OVERWRITE));
                }
            }
            case MatrixProduct.InputGradient c -> explainingErrors(c.dx(), () -> reference.run(c));
            case MatrixProduct.WeightGradient c -> {
                weightGradient(c);
                c.db().ifPresent(db -> run(new Elementwise.BiasGradient(c.dy(), db)));
            }
            case MatrixProduct.Symmetric c -> run(c.product());
        }
    }

    private void weightGradient(MatrixProduct.WeightGradient c) {
        DType type = c.x().dtype();
        boolean mixed = c.dw().dtype() == DType.FLOAT32 && (type == DType.BFLOAT16 || type == DType.FLOAT16);
        if (!mixed || c.dw().device().isCpu()) {
            reference.run(new MatrixProduct.WeightGradient(c.dy(), c.x(), c.dw(), c.into()));
            return;
        }
        if (c.into() == Into.OVERWRITE) {
            c.dw().zero();
        }
        explainingErrors(c.dw(), () -> addProduct(c.dy(), c.x(), c.dw()));
    }

    /** cuBLAS adds the product of the narrow types to the float32 gradient as it is formed. */
    private static void addProduct(Tensor dy, Tensor x, Tensor dw) {
        try (var _ = new PointerScope()) {
            torch.addmm_out(dw.raw(), dw.raw(), dy.raw().t(), x.raw(), Raw.type(DType.FLOAT32), scalar(1), scalar(1));
        }
    }

    /** Runs what libtorch does on a device, and explains the device's errors. */
    private static void explainingErrors(Tensor result, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            throw CudaFailure.explain(e, result.device());
        }
    }

    private void run(Elementwise call) {
        switch (call) {
            case Elementwise.AddBias(var y, var b)
            when covers(y) && areFloats(b) -> elementwise.addBias(Matrix.of(y), Matrix.flat(b));
            case Elementwise.BiasGradient(var dy, var db)
            when covers(dy) && isGradient(db) && db.isContiguous() -> columns.sum(Matrix.of(dy), db);
            case Elementwise.Add(var x, var y) when covers(x, y) -> elementwise.add(Matrix.of(x), Matrix.of(y));
            case Elementwise.Scale(var x, var factor) when covers(x) -> elementwise.scale(Matrix.of(x), factor);
            default -> reference.run(call);
        }
    }

    private void run(TokenEmbedding call) {
        switch (call) {
            case TokenEmbedding.Lookup(var table, var ids, var out)
            when covers(table, out) && ids.isContiguous() ->
                embedding.forward(Matrix.of(table), Matrix.flat(ids), Matrix.of(out));
            case TokenEmbedding.Gradient(var dout, var ids, var dtable)
            when covers(dout) && isGradient(dtable) && hasDenseRows(dtable) && ids.isContiguous() ->
                embedding.backward(Matrix.of(dout), ids, Matrix.of(dtable));
            default -> reference.run(call);
        }
    }

    private void run(Norm call) {
        switch (call) {
            case Norm.Rms c when covers(c.x(), c.y()) && areFloats(c.w(), c.r()) -> norms.rms(c);
            case Norm.RmsGradient c
            when covers(c.dy(), c.x(), c.dx()) && areFloats(c.w(), c.r()) && areSums(c.x(), c.dw()) ->
                norms.rmsGradient(c);
            case Norm.Layer c when covers(c.x(), c.y()) && areFloats(c.w(), c.b(), c.mean(), c.r()) -> norms.layer(c);
            case Norm.LayerGradient c
            when covers(c.dy(), c.x(), c.dx()) && areFloats(c.w(), c.mean(), c.r()) && areSums(c.x(), c.dw(), c.db()) ->
                norms.layerGradient(c);
            default -> reference.run(call);
        }
    }

    @SafeVarargs
    private static boolean areSums(Tensor x, Optional<Tensor>... gradients) {
        return CudaNorms.fits(x.size(-1), gradients.length)
                && Stream.of(gradients).flatMap(Optional::stream).allMatch(CudaKernels::isGradient);
    }

    private void run(Activation call) {
        switch (call) {
            case Activation.SwiGlu(var gate, var up, var y)
            when covers(gate, up, y) -> elementwise.swiGlu(Matrix.of(gate), Matrix.of(up), Matrix.of(y));
            case Activation.SwiGluGradient(var dy, var gate, var up, var dgate, var dup)
            when covers(dy, gate, up, dgate, dup) ->
                elementwise.swiGluGradient(
                        Matrix.of(dy), Matrix.of(gate), Matrix.of(up), Matrix.of(dgate), Matrix.of(dup));
            case Activation.Gelu(var x, var y) when covers(x, y) -> elementwise.gelu(Matrix.of(x), Matrix.of(y));
            case Activation.GeluGradient(var dy, var x, var dx)
            when covers(dy, x, dx) -> elementwise.geluGradient(Matrix.of(dy), Matrix.of(x), Matrix.of(dx));
            default -> reference.run(call);
        }
    }

    private void run(AdamUpdate call) {
        switch (call) {
            case AdamUpdate.Full c
            when areFloats(c.w(), c.m(), c.v()) && isUpdatable(c.gradient(), c.copy()) -> adam.step(c);
            case AdamUpdate.Quantized c when areFloats(c.w()) && isUpdatable(c.gradient(), c.copy()) -> adam.step8(c);
            default -> reference.run(call);
        }
    }

    @Override
    public double sumOfSquares(Tensor x) {
        boolean covered = covers(x) && x.isContiguous();
        return covered ? adam.sumOfSquares(Matrix.flat(x), x.device()) : reference.sumOfSquares(x);
    }

    private static boolean isUpdatable(Tensor gradient, Optional<Tensor> copy) {
        return isGradient(gradient)
                && gradient.isContiguous()
                && copy.stream()
                        .allMatch(c -> c.isContiguous() && (c.dtype() == DType.BFLOAT16 || c.dtype() == DType.FLOAT16));
    }
}
