package dev.cria.nn;

import dev.cria.tensor.Kernels;
import dev.cria.tensor.Norm;
import dev.cria.tensor.Tensor;
import java.util.List;

/** Layer norm over the last dimension; see {@link Norm.Layer}. mean and r [rows] are kept for the backward. */
record LayerNorm(Value x, Parameter w, Parameter b, Value mean, Value r, Value y) implements Operation {

    static Value forward(Tape tape, Value x, Parameter w, Parameter b, double eps) {
        boolean differentiable = x.isDifferentiable() || w.isTrainable();
        Value y = tape.output(x.data(), differentiable, x.rows(), x.width());
        Value mean = statistic(tape, x);
        Value r = statistic(tape, x);
        tape.kernels().run(new Norm.Layer(x.data(), w.value(), b.value(), eps, y.data(), mean.data(), r.data()));
        tape.record(new LayerNorm(x, w, b, mean, r, y));
        return y;
    }

    private static Value statistic(Tape tape, Value x) {
        return tape.keep(
                Value.of(Tensor.empty(x.data().dtype().accumulation(), x.data().device(), x.rows()), false));
    }

    @Override
    public List<Value> outputs() {
        return List.of(y, mean, r);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(w, b);
    }

    @Override
    public void backward(Kernels kernels) {
        var dx = x.slot();
        kernels.run(new Norm.LayerGradient(
                y.gradient(),
                x.saved(),
                w.value(),
                mean.saved(),
                r.saved(),
                dx.tensor(),
                dx.into(),
                w.gradient(),
                b.gradient()));
    }
}
