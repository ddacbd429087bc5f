package dev.cria.nn;

import dev.cria.tensor.Kernels;
import dev.cria.tensor.Norm;
import dev.cria.tensor.Tensor;
import java.util.List;

/** Root-mean-square norm over the last dimension; see {@link Norm.Rms}. r [rows] is kept for the backward. */
record RmsNorm(Value x, Parameter w, Value r, Value y) implements Operation {

    static Value forward(Tape tape, Value x, Parameter w, double eps) {
        boolean differentiable = x.isDifferentiable() || w.isTrainable();
        Value y = tape.output(x.data(), differentiable, x.rows(), x.width());
        Value r = tape.keep(
                Value.of(Tensor.empty(x.data().dtype().accumulation(), x.data().device(), x.rows()), false));
        tape.kernels().run(new Norm.Rms(x.data(), w.value(), eps, y.data(), r.data()));
        tape.record(new RmsNorm(x, w, r, y));
        return y;
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
        // The kernel forms dx and dw in one pass; a frozen embedding below needs no dx but pays for one.
        var dx = x.slot();
        kernels.run(new Norm.RmsGradient(
                y.gradient(), x.saved(), w.value(), r.saved(), dx.tensor(), dx.into(), w.gradient()));
    }
}
