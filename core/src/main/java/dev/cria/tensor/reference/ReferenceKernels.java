package dev.cria.tensor.reference;

import static dev.cria.tensor.library.Raw.scalar;
import static dev.cria.tensor.library.Raw.type;

import dev.cria.tensor.Activation;
import dev.cria.tensor.AdamStep;
import dev.cria.tensor.AdamUpdate;
import dev.cria.tensor.Call;
import dev.cria.tensor.DType;
import dev.cria.tensor.DotProductAttention;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Norm;
import dev.cria.tensor.RotaryEmbedding;
import dev.cria.tensor.RotaryEmbedding.Direction;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.TokenEmbedding;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Each kernel as its formula reads, in libtorch's plain operators: slow, and right on every device and dtype. Local
 * names are those of the formulas of each {@link Call}; raw libtorch tensors are {@code var}.
 */
public final class ReferenceKernels implements Kernels {

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public void run(Call call) {
        switch (call) {
            case MatrixProduct c -> run(c);
            case Elementwise c -> run(c);
            case TokenEmbedding.Lookup c -> lookup(c.table(), c.ids(), c.out());
            case TokenEmbedding.Gradient c -> embeddingGradient(c.dout(), c.ids(), c.dtable());
            case Norm.Rms c -> rmsNorm(c.x(), c.w(), c.eps(), c.y(), c.r());
            case Norm.RmsGradient c -> rmsNormGradient(c.dy(), c.x(), c.w(), c.r(), c.dx(), c.into(), c.dw());
            case Norm.Layer c -> layerNorm(c.x(), c.w(), c.b(), c.eps(), c.y(), c.mean(), c.r());
            case Norm.LayerGradient c -> layerNormGradient(c);
            case RotaryEmbedding c -> rotate(c.x(), c.table(), c.positions(), c.direction());
            case DotProductAttention.Forward c -> ReferenceAttention.forward(c);
            case DotProductAttention.Gradient c -> ReferenceAttention.backward(c);
            case Activation c -> run(c);
            case HeadLoss c -> ReferenceHead.run(this, c);
            case AdamUpdate.Full c -> adamW(c.w(), c.gradient(), c.m(), c.v(), c.step(), c.copy());
            case AdamUpdate.Quantized c -> adamW8(c);
        }
    }

    private void run(MatrixProduct product) {
        switch (product) {
            case MatrixProduct.Forward c -> {
                linear(c.x(), c.w(), c.y(), c.into());
                c.b().ifPresent(b -> addBias(c.y(), b));
            }
            case MatrixProduct.Quantized c -> {
                try (Tensor unpacked = c.unpacked()) {
                    linear(c.x(), unpacked, c.y(), Into.OVERWRITE);
                }
            }
            case MatrixProduct.InputGradient c -> linearInputGradient(c.dy(), c.w(), c.dx(), c.into());
            case MatrixProduct.WeightGradient c -> {
                linearWeightGradient(c.dy(), c.x(), c.dw(), c.into());
                c.db().ifPresent(db -> biasGradient(c.dy(), db));
            }
            case MatrixProduct.Symmetric c -> run(c.product());
        }
    }

    private static void run(Elementwise call) {
        switch (call) {
            case Elementwise.AddBias(var y, var b) -> addBias(y, b);
            case Elementwise.BiasGradient(var dy, var db) -> biasGradient(dy, db);
            case Elementwise.Add(var x, var y) -> add(x, y);
            case Elementwise.Axpby(var a, var x, var b, var y) -> axpby(a, x, b, y);
            case Elementwise.Scale(var x, var factor) -> scale(x, factor);
        }
    }

    private static void run(Activation call) {
        switch (call) {
            case Activation.SwiGlu(var gate, var up, var y) -> swiGlu(gate, up, y);
            case Activation.SwiGluGradient(var dy, var gate, var up, var dgate, var dup) ->
                swiGluGradient(dy, gate, up, dgate, dup);
            case Activation.Gelu(var x, var y) -> gelu(x, y);
            case Activation.GeluGradient(var dy, var x, var dx) -> geluGradient(dy, x, dx);
        }
    }

    private static void linear(Tensor x, Tensor w, Tensor y, Into into) {
        try (var _ = new PointerScope()) {
            multiply(x.raw(), w.raw().t(), y.raw(), into);
        }
    }

    private static void linearInputGradient(Tensor dy, Tensor w, Tensor dx, Into into) {
        try (var _ = new PointerScope()) {
            multiply(dy.raw(), w.raw(), dx.raw(), into);
        }
    }

    private static void linearWeightGradient(Tensor dy, Tensor x, Tensor dw, Into into) {
        try (var _ = new PointerScope()) {
            if (dw.dtype() == x.dtype()) {
                multiply(dy.raw().t(), x.raw(), dw.raw(), into);
            } else if (into == Into.OVERWRITE) {
                dw.raw().copy_(dy.raw().t().mm(x.raw()));
            } else {
                dw.raw().add_(dy.raw().t().mm(x.raw()));
            }
        }
    }

    private static void multiply(
            org.bytedeco.pytorch.Tensor a, org.bytedeco.pytorch.Tensor b, org.bytedeco.pytorch.Tensor out, Into into) {
        switch (into) {
            case OVERWRITE -> torch.mm_out(out, a, b);
            case ACCUMULATE -> torch.addmm_out(out, out, a, b);
        }
    }

    private static void addBias(Tensor y, Tensor b) {
        try (var _ = new PointerScope()) {
            y.raw().add_(b.raw());
        }
    }

    private static void biasGradient(Tensor dy, Tensor db) {
        try (var _ = new PointerScope()) {
            db.raw().add_(wide(dy).sum(new long[] {0}, false, new ScalarTypeOptional()));
        }
    }

    private static void add(Tensor x, Tensor y) {
        try (var _ = new PointerScope()) {
            y.raw().add_(x.raw());
        }
    }

    private static void axpby(double a, Tensor x, double b, Tensor y) {
        try (var _ = new PointerScope()) {
            var sum = wide(x).mul(scalar(a));
            if (b != 0) {
                sum = sum.add_(wide(y).mul(scalar(b)));
            }
            y.raw().copy_(sum);
        }
    }

    private static void scale(Tensor x, double factor) {
        try (var _ = new PointerScope()) {
            x.raw().mul_(scalar(factor));
        }
    }

    private static void lookup(Tensor table, Tensor ids, Tensor out) {
        try (var _ = new PointerScope()) {
            out.raw().copy_(table.raw().index_select(0, ids.raw()));
        }
    }

    private static void embeddingGradient(Tensor dout, Tensor ids, Tensor dtable) {
        try (var _ = new PointerScope()) {
            dtable.raw().index_add_(0, ids.raw(), dout.raw().to(type(dtable.dtype())));
        }
    }

    private static void rmsNorm(Tensor x, Tensor w, double eps, Tensor y, Tensor r) {
        try (var _ = new PointerScope()) {
            var xw = wide(x);
            var rms = mean(xw.square()).add_(scalar(eps)).rsqrt();
            y.raw().copy_(xw.mul(rms).mul(w.raw()));
            r.raw().copy_(rms.flatten());
        }
    }

    private static void rmsNormGradient(
            Tensor dy, Tensor x, Tensor w, Tensor r, Tensor dx, Into into, Optional<Tensor> dw) {
        try (var _ = new PointerScope()) {
            var xw = wide(x);
            var dyw = wide(dy);
            var rms = r.raw().unsqueeze(1);
            var g = dyw.mul(w.raw());
            var correction = xw.mul(rms.square()).mul(mean(g.mul(xw)));
            store(g.sub(correction).mul(rms), dx, into);
            if (dw.isPresent()) {
                addColumns(dyw.mul(xw).mul(rms), dw.get());
            }
        }
    }

    private static void layerNorm(Tensor x, Tensor w, Tensor b, double eps, Tensor y, Tensor mean, Tensor r) {
        try (var _ = new PointerScope()) {
            var xw = wide(x);
            var mu = mean(xw);
            var centred = xw.sub(mu);
            var inverse = mean(centred.square()).add_(scalar(eps)).rsqrt();
            y.raw().copy_(centred.mul(inverse).mul(w.raw()).add(b.raw()));
            mean.raw().copy_(mu.flatten());
            r.raw().copy_(inverse.flatten());
        }
    }

    private static void layerNormGradient(Norm.LayerGradient c) {
        try (var _ = new PointerScope()) {
            var dyw = wide(c.dy());
            var inverse = c.r().raw().unsqueeze(1);
            var normed = wide(c.x()).sub(c.mean().raw().unsqueeze(1)).mul(inverse);
            var g = dyw.mul(c.w().raw());
            var correction = normed.mul(mean(g.mul(normed))).add(mean(g));
            store(g.sub(correction).mul(inverse), c.dx(), c.into());
            if (c.dw().isPresent()) {
                addColumns(dyw.mul(normed), c.dw().get());
            }
            if (c.db().isPresent()) {
                addColumns(dyw, c.db().get());
            }
        }
    }

    private static void rotate(Tensor x, Tensor table, Tensor positions, Direction direction) {
        long rows = x.size(0);
        long half = table.size(2);
        try (var _ = new PointerScope()) {
            var angles = table.raw().index_select(0, positions.raw()).view(rows, 1, 2, half);
            var cos = angles.select(2, 0);
            var sin = direction == Direction.FORWARD
                    ? angles.select(2, 1)
                    : angles.select(2, 1).neg();
            var halves = wide(x).view(rows, x.size(1) / (2 * half), 2, half);
            var a = halves.select(2, 0);
            var b = halves.select(2, 1);
            var rotatedA = a.mul(cos).sub(b.mul(sin));
            var rotatedB = b.mul(cos).add(a.mul(sin));
            var target = x.raw().view(rows, x.size(1) / (2 * half), 2, half);
            target.select(2, 0).copy_(rotatedA);
            target.select(2, 1).copy_(rotatedB);
        }
    }

    private static void swiGlu(Tensor gate, Tensor up, Tensor y) {
        try (var _ = new PointerScope()) {
            var g = wide(gate);
            y.raw().copy_(g.mul(g.sigmoid()).mul(up.raw()));
        }
    }

    private static void swiGluGradient(Tensor dy, Tensor gate, Tensor up, Tensor dgate, Tensor dup) {
        try (var _ = new PointerScope()) {
            var g = wide(gate);
            var sigma = g.sigmoid();
            var dyw = wide(dy);
            var derivative = g.mul(sigma.neg().add(scalar(1))).add(scalar(1)).mul(sigma);
            var dgateWide = dyw.mul(up.raw()).mul(derivative);
            dup.raw().copy_(dyw.mul(g.mul(sigma)));
            dgate.raw().copy_(dgateWide);
        }
    }

    private static void gelu(Tensor x, Tensor y) {
        try (var _ = new PointerScope()) {
            y.raw().copy_(torch.gelu(wide(x), "tanh"));
        }
    }

    private static void geluGradient(Tensor dy, Tensor x, Tensor dx) {
        try (var _ = new PointerScope()) {
            dx.raw().copy_(torch.gelu_backward(wide(dy), wide(x), "tanh"));
        }
    }

    @Override
    public double sumOfSquares(Tensor x) {
        try (var _ = new PointerScope()) {
            return x.raw().to(type(DType.FLOAT64)).square().sum().item_double();
        }
    }

    private static void adamW(Tensor w, Tensor gradient, Tensor m, Tensor v, AdamStep step, Optional<Tensor> copy) {
        try (var _ = new PointerScope()) {
            var g = gradient.raw().to(type(w.dtype())).mul(scalar(step.gradientScale()));
            w.raw().mul_(scalar(1 - step.learningRate() * step.weightDecay()));
            m.raw().mul_(scalar(step.beta1())).add_(g, scalar(1 - step.beta1()));
            v.raw().mul_(scalar(step.beta2())).add_(g.square(), scalar(1 - step.beta2()));
            var root = v.raw().div(scalar(step.biasCorrection2())).sqrt_().add_(scalar(step.eps()));
            w.raw().sub_(m.raw().div(root), scalar(step.learningRate() / step.biasCorrection1()));
            copy.ifPresent(c -> c.copyFrom(w));
        }
    }

    private static void adamW8(AdamUpdate.Quantized c) {
        try (var scope = new Scope()) {
            Tensor mean = scope.own(ReferenceQuantization.signed(c.m(), c.w()));
            Tensor square = scope.own(ReferenceQuantization.square(c.v(), c.w()));
            adamW(c.w(), c.gradient(), mean, square, c.step(), c.copy());
            ReferenceQuantization.storeSigned(mean, c.m());
            ReferenceQuantization.storeSquare(square, c.v());
        }
    }

    /** x in the type that sums are taken in. */
    static org.bytedeco.pytorch.Tensor wide(Tensor x) {
        return x.raw().to(type(x.dtype().accumulation()));
    }

    private static org.bytedeco.pytorch.Tensor mean(org.bytedeco.pytorch.Tensor x) {
        return x.mean(new long[] {-1}, true, new ScalarTypeOptional());
    }

    private static void addColumns(org.bytedeco.pytorch.Tensor x, Tensor sum) {
        sum.raw().add_(x.sum(new long[] {0}, false, new ScalarTypeOptional()));
    }

    private static void store(org.bytedeco.pytorch.Tensor value, Tensor target, Into into) {
        switch (into) {
            case OVERWRITE -> target.raw().copy_(value);
            case ACCUMULATE -> target.raw().add_(value);
        }
    }
}
