package dev.cria.tensor;

import static dev.cria.tensor.Raw.scalar;
import static dev.cria.tensor.Raw.type;

import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Each kernel as its formula reads, in libtorch's plain operators: slow, and right on every device and dtype. Local
 * names are those of the formulas in {@link Kernels}; raw libtorch tensors are {@code var}.
 */
final class ReferenceKernels implements Kernels {

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public void linear(Tensor x, Tensor w, Tensor y, Into into) {
        try (var _ = new PointerScope()) {
            multiply(x.raw(), w.raw().t(), y.raw(), into);
        }
    }

    @Override
    public void linearInputGradient(Tensor dy, Tensor w, Tensor dx, Into into) {
        try (var _ = new PointerScope()) {
            multiply(dy.raw(), w.raw(), dx.raw(), into);
        }
    }

    @Override
    public void linearWeightGradient(Tensor dy, Tensor x, Tensor dw, Into into) {
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

    @Override
    public void addBias(Tensor y, Tensor b) {
        try (var _ = new PointerScope()) {
            y.raw().add_(b.raw());
        }
    }

    @Override
    public void biasGradient(Tensor dy, Tensor db) {
        try (var _ = new PointerScope()) {
            db.raw().add_(wide(dy).sum(new long[] {0}, false, new ScalarTypeOptional()));
        }
    }

    @Override
    public void add(Tensor x, Tensor y) {
        try (var _ = new PointerScope()) {
            y.raw().add_(x.raw());
        }
    }

    @Override
    public void scale(Tensor x, double factor) {
        try (var _ = new PointerScope()) {
            x.raw().mul_(scalar(factor));
        }
    }

    @Override
    public void embedding(Tensor table, Tensor ids, Tensor out) {
        try (var _ = new PointerScope()) {
            out.raw().copy_(table.raw().index_select(0, ids.raw()));
        }
    }

    @Override
    public void embeddingGradient(Tensor dout, Tensor ids, Tensor dtable) {
        try (var _ = new PointerScope()) {
            dtable.raw().index_add_(0, ids.raw(), dout.raw().to(type(dtable.dtype())));
        }
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, double eps, Tensor y, Tensor r) {
        try (var _ = new PointerScope()) {
            var xw = wide(x);
            var rms = mean(xw.square()).add_(scalar(eps)).rsqrt();
            y.raw().copy_(xw.mul(rms).mul(w.raw()));
            r.raw().copy_(rms.flatten());
        }
    }

    @Override
    public void rmsNormGradient(Tensor dy, Tensor x, Tensor w, Tensor r, Tensor dx, Into into, Optional<Tensor> dw) {
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

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, double eps, Tensor y, Tensor mean, Tensor r) {
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
        try (var _ = new PointerScope()) {
            var dyw = wide(dy);
            var inverse = r.raw().unsqueeze(1);
            var normed = wide(x).sub(mean.raw().unsqueeze(1)).mul(inverse);
            var g = dyw.mul(w.raw());
            var correction = normed.mul(mean(g.mul(normed))).add(mean(g));
            store(g.sub(correction).mul(inverse), dx, into);
            if (dw.isPresent()) {
                addColumns(dyw.mul(normed), dw.get());
            }
            if (db.isPresent()) {
                addColumns(dyw, db.get());
            }
        }
    }

    @Override
    public void rope(Tensor x, Tensor table, Tensor positions, Rotation rotation) {
        long rows = x.size(0);
        long half = table.size(2);
        try (var _ = new PointerScope()) {
            var turned = table.raw().index_select(0, positions.raw()).view(rows, 1, 2, half);
            var cos = turned.select(2, 0);
            var sin = rotation == Rotation.FORWARD
                    ? turned.select(2, 1)
                    : turned.select(2, 1).neg();
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

    @Override
    public void attention(
            AttentionShape shape, Tensor q, Tensor k, Tensor v, Optional<Tensor> starts, Tensor out, Tensor lse) {
        ReferenceAttention.forward(shape, q, k, v, starts, out, lse);
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
        ReferenceAttention.backward(shape, dout, q, k, v, starts, out, lse, dq, dk, dv);
    }

    @Override
    public void swiGlu(Tensor gate, Tensor up, Tensor y) {
        try (var _ = new PointerScope()) {
            var g = wide(gate);
            y.raw().copy_(g.mul(g.sigmoid()).mul(up.raw()));
        }
    }

    @Override
    public void swiGluGradient(Tensor dy, Tensor gate, Tensor up, Tensor dgate, Tensor dup) {
        try (var _ = new PointerScope()) {
            var g = wide(gate);
            var sigma = g.sigmoid();
            var dyw = wide(dy);
            var slope = g.mul(sigma.neg().add(scalar(1))).add(scalar(1)).mul(sigma);
            var dgateWide = dyw.mul(up.raw()).mul(slope);
            dup.raw().copy_(dyw.mul(g.mul(sigma)));
            dgate.raw().copy_(dgateWide);
        }
    }

    @Override
    public void gelu(Tensor x, Tensor y) {
        try (var _ = new PointerScope()) {
            y.raw().copy_(torch.gelu(wide(x), "tanh"));
        }
    }

    @Override
    public void geluGradient(Tensor dy, Tensor x, Tensor dx) {
        try (var _ = new PointerScope()) {
            dx.raw().copy_(torch.gelu_backward(wide(dy), wide(x), "tanh"));
        }
    }

    @Override
    public void linearCrossEntropy(
            Tensor x, Tensor w, Tensor targets, Tensor losses, Optional<HeadGradients> gradients) {
        ReferenceHead.run(this, x, w, targets, losses, gradients);
    }

    @Override
    public double sumOfSquares(Tensor x) {
        try (var _ = new PointerScope()) {
            return x.raw().to(type(DType.FLOAT64)).square().sum().item_double();
        }
    }

    @Override
    public void adamW(Tensor w, Tensor gradient, Tensor m, Tensor v, AdamStep step, Optional<Tensor> copy) {
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

    @Override
    public void adamW8(Tensor w, Tensor gradient, Quantized m, Quantized v, AdamStep step, Optional<Tensor> copy) {
        try (var scope = new Scope()) {
            Tensor mean = scope.own(ReferenceQuantization.signed(m, w));
            Tensor square = scope.own(ReferenceQuantization.square(v, w));
            adamW(w, gradient, mean, square, step, copy);
            ReferenceQuantization.storeSigned(mean, m);
            ReferenceQuantization.storeSquare(square, v);
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
