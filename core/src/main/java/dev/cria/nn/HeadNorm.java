package dev.cria.nn;

import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Norm;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import java.util.List;

/**
 * Root-mean-square norm of each head by itself, with one weight [headDim] for all; see {@link Norm.Rms}. x and y are
 * [rows, heads·headDim], and x may be columns of a wider value, so the kernels read a dense copy of it.
 *
 * @see "Dehghani et al. 2023, Scaling Vision Transformers to 22 Billion Parameters: query-key normalization"
 */
record HeadNorm(Value x, Parameter w, Value r, Value y) implements Operation {

    static Value forward(Tape tape, Value x, Parameter w, double eps) {
        boolean differentiable = x.isDifferentiable() || w.isTrainable();
        Value y = tape.output(x.data(), differentiable, x.rows(), x.width());
        long heads = x.rows() * x.width() / w.elements();
        Value r = tape.keep(
                Value.of(Tensor.empty(x.data().dtype().accumulation(), x.data().device(), heads), false));
        try (var scope = new Scope()) {
            Tensor normed = scope.own(y.data().view(heads, w.elements()));
            tape.kernels().run(new Norm.Rms(heads(scope, x.data(), w), w.value(), eps, normed, r.data()));
        }
        tape.record(new HeadNorm(x, w, r, y));
        return y;
    }

    /** [rows·heads, headDim], dense. */
    private static Tensor heads(Scope scope, Tensor x, Parameter w) {
        Tensor dense = scope.empty(x.dtype(), x.device(), x.shape());
        dense.copyFrom(x);
        return scope.own(dense.view(x.elements() / w.elements(), w.elements()));
    }

    @Override
    public List<Value> outputs() {
        return List.of(y, r);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(w);
    }

    @Override
    public void backward(Kernels kernels) {
        try (var scope = new Scope()) {
            Tensor heads = heads(scope, x.saved(), w);
            Tensor dy = heads(scope, y.gradient(), w);
            Tensor dense =
                    scope.empty(x.saved().dtype(), x.saved().device(), x.saved().shape());
            Tensor dx = scope.own(dense.view(heads.shape()));
            kernels.run(new Norm.RmsGradient(dy, heads, w.value(), r.saved(), dx, Into.OVERWRITE, w.gradient()));
            Slot slot = x.slot();
            if (slot.into() == Into.OVERWRITE) {
                slot.tensor().copyFrom(dense);
            } else {
                kernels.run(new Elementwise.Add(dense, slot.tensor()));
            }
        }
    }
}
