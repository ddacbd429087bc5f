package dev.cria.tensor.cpu;

import dev.cria.tensor.Activation;
import dev.cria.tensor.AdamUpdate;
import dev.cria.tensor.Call;
import dev.cria.tensor.DType;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Norm;
import dev.cria.tensor.RotaryEmbedding;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.TokenEmbedding;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * The fast kernels of the CPU, for float32 and bfloat16: one pass over memory each, in Java's Vector API, and matrix
 * products from blocks that oneDNN compiles for the processor. What they do not cover (other types, odd layouts,
 * processors without AVX-512 for the products) goes to the reference, call by call, by type and shape alone.
 */
public final class CpuKernels implements Kernels {
    private final Kernels reference;
    private final Workers workers = Workers.shared();
    private final CpuProducts products;
    private final Optional<CpuAttention> attention;
    private final Optional<CpuAttentionGradient> attentionGradient;

    public CpuKernels(Kernels reference) {
        this.reference = reference;
        this.products = new CpuProducts(reference, workers);
        this.attention = Brgemm.here().map(blocks -> new CpuAttention(blocks, workers));
        this.attentionGradient = Brgemm.here().map(blocks -> new CpuAttentionGradient(blocks, workers));
    }

    @Override
    public String name() {
        return "cpu, " + Lanes.WIDTH + " lanes, " + products.name() + ", " + workers.count() + " threads";
    }

    @Override
    public void run(Call call) {
        switch (call) {
            case MatrixProduct c -> products.run(c);
            case Elementwise c -> run(c);
            case TokenEmbedding c -> run(c);
            case Norm c -> run(c);
            case RotaryEmbedding c
            when covers(c.x()) && isFloat(c.table()) && isContiguous(c.table(), c.positions()) ->
                CpuRope.rotate(workers, c);
            case DotProductAttention c -> run(c);
            case Activation c -> run(c);
            case HeadLoss c
            when covers(c.x(), c.w(), c.losses()) && isContiguous(c.targets(), c.losses()) ->
                CpuHead.run(products, workers, c);
            case AdamUpdate c -> run(c);
            default -> reference.run(call);
        }
    }

    @Override
    public void runApart(int pieces, IntConsumer piece) {
        if (products.stayOnTheirThread()) {
            workers.run(pieces, (i, _) -> piece.accept(i));
        } else {
            Kernels.super.runApart(pieces, piece);
        }
    }

    private void run(Elementwise call) {
        switch (call) {
            case Elementwise.AddBias(var y, var b)
            when covers(y, b) -> CpuElementwise.addBias(workers, Matrix.of(y), Matrix.flat(b));
            case Elementwise.BiasGradient(var dy, var db)
            when covers(dy, db) -> CpuElementwise.biasGradient(workers, Matrix.of(dy), db);
            case Elementwise.Add(var x, var y)
            when covers(x, y) -> {
                boolean flat = isContiguous(x, y);
                CpuElementwise.add(workers, flat ? Matrix.flat(x) : Matrix.of(x), flat ? Matrix.flat(y) : Matrix.of(y));
            }
            case Elementwise.Axpby(var a, var x, var b, var y)
            when covers(x, y) -> {
                boolean flat = isContiguous(x, y);
                CpuElementwise.axpby(
                        workers,
                        (float) a,
                        flat ? Matrix.flat(x) : Matrix.of(x),
                        (float) b,
                        flat ? Matrix.flat(y) : Matrix.of(y));
            }
            case Elementwise.Scale(var x, var factor)
            when covers(x) -> CpuElementwise.scale(workers, isContiguous(x) ? Matrix.flat(x) : Matrix.of(x), factor);
            default -> reference.run(call);
        }
    }

    private void run(TokenEmbedding call) {
        switch (call) {
            case TokenEmbedding.Lookup(var table, var ids, var out)
            when covers(table, out) && table.dtype() == out.dtype() && isContiguous(ids) ->
                CpuEmbedding.forward(workers, Matrix.of(table), Matrix.flat(ids), Matrix.of(out));
            case TokenEmbedding.Gradient(var dout, var ids, var dtable)
            when covers(dout, dtable) && isContiguous(ids) ->
                CpuEmbedding.backward(workers, Matrix.of(dout), Matrix.flat(ids), Matrix.of(dtable));
            default -> reference.run(call);
        }
    }

    private void run(Norm call) {
        switch (call) {
            case Norm.Rms c when covers(c.x(), c.w(), c.y(), c.r()) && isFloat(c.w()) -> CpuRmsNorm.forward(workers, c);
            case Norm.RmsGradient c
            when covers(c.dy(), c.x(), c.w(), c.r(), c.dx()) && isFloat(c.w()) -> CpuRmsNorm.backward(workers, c);
            case Norm.Layer c
            when covers(c.x(), c.w(), c.b(), c.y(), c.mean(), c.r()) && isFloat(c.w()) ->
                CpuLayerNorm.forward(workers, c);
            case Norm.LayerGradient c
            when covers(c.dy(), c.x(), c.w(), c.mean(), c.r(), c.dx()) && isFloat(c.w()) ->
                CpuLayerNorm.backward(workers, c);
            default -> reference.run(call);
        }
    }

    private void run(DotProductAttention call) {
        switch (call) {
            case DotProductAttention.Forward c
            when CpuQueryAttention.fits(c.shape(), c.q(), c.k(), c.v(), c.out()) ->
                CpuQueryAttention.forward(workers, c);
            case DotProductAttention.Forward c
            when attention.isPresent() && CpuAttention.fits(c.shape(), c.q(), c.k(), c.v(), c.out()) ->
                attention.get().forward(c);
            case DotProductAttention.Gradient c
            when attentionGradient.isPresent()
                    && CpuAttention.fits(c.shape(), c.dout(), c.q(), c.k(), c.v(), c.out(), c.dq(), c.dk(), c.dv()) ->
                attentionGradient.get().backward(c);
            default -> reference.run(call);
        }
    }

    private void run(Activation call) {
        switch (call) {
            case Activation.SwiGlu(var gate, var up, var y)
            when covers(gate, up, y) -> CpuActivations.swiGlu(workers, Matrix.of(gate), Matrix.of(up), Matrix.of(y));
            case Activation.SwiGluGradient(var dy, var gate, var up, var dgate, var dup)
            when covers(dy, gate, up, dgate, dup) ->
                CpuActivations.swiGluGradient(
                        workers, Matrix.of(dy), Matrix.of(gate), Matrix.of(up), Matrix.of(dgate), Matrix.of(dup));
            case Activation.Gelu(var x, var y)
            when covers(x, y) -> CpuActivations.gelu(workers, Matrix.of(x), Matrix.of(y));
            case Activation.GeluGradient(var dy, var x, var dx)
            when covers(dy, x, dx) -> CpuActivations.geluGradient(workers, Matrix.of(dy), Matrix.of(x), Matrix.of(dx));
            default -> reference.run(call);
        }
    }

    private void run(AdamUpdate call) {
        switch (call) {
            case AdamUpdate.Full c
            when isUpdatable(c.w(), c.gradient(), c.copy()) && isContiguous(c.w(), c.gradient(), c.m(), c.v()) ->
                CpuAdam.step(workers, c);
            case AdamUpdate.Quantized c
            when isUpdatable(c.w(), c.gradient(), c.copy()) && isContiguous(c.w(), c.gradient()) ->
                CpuAdam8.step(workers, c);
            default -> reference.run(call);
        }
    }

    @Override
    public double sumOfSquares(Tensor x) {
        boolean covered = isNarrow(x.dtype()) && isContiguous(x);
        return covered ? CpuAdam.sumOfSquares(workers, Matrix.flat(x)) : reference.sumOfSquares(x);
    }

    /** True if the tensors are float32 or bfloat16 and their rows are dense. */
    static boolean covers(Tensor... tensors) {
        for (Tensor t : tensors) {
            if (!isNarrow(t.dtype())
                    || t.dimensions() > 2
                    || t.dimensions() == 0
                    || t.stride(t.dimensions() - 1) != 1) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNarrow(DType type) {
        return type == DType.FLOAT32 || type == DType.BFLOAT16;
    }

    private static boolean isFloat(Tensor x) {
        return x.dtype() == DType.FLOAT32;
    }

    private static boolean isUpdatable(Tensor w, Tensor gradient, Optional<Tensor> copy) {
        return isFloat(w)
                && isNarrow(gradient.dtype())
                && copy.stream().allMatch(c -> c.dtype() == DType.BFLOAT16 && c.isContiguous());
    }

    private static boolean isContiguous(Tensor... tensors) {
        for (Tensor t : tensors) {
            if (!t.isContiguous()) {
                return false;
            }
        }
        return true;
    }
}
