package dev.cria.nn;

import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import java.util.List;

/**
 * y = x·wᵀ + b. Backward: dx = dy·w, dw += dyᵀ·x, db += Σ over rows of dy.
 * x is [rows, in], w [out, in], y [rows, out].
 */
record Linear(Value x, Projection.Dense layer, Value y) implements Operation {

    static Value forward(Tape tape, Value x, Projection.Dense layer) {
        boolean differentiable = x.isDifferentiable() || layer.weight().isTrainable();
        Value y = tape.output(x.data(), differentiable, x.rows(), layer.outputs());
        tape.kernels()
                .run(new MatrixProduct.Forward(
                        x.data(),
                        layer.weight().value(),
                        layer.bias().map(Parameter::value),
                        y.data(),
                        Into.OVERWRITE));
        tape.record(new Linear(x, layer, y));
        return y;
    }

    @Override
    public List<Value> outputs() {
        return List.of(y);
    }

    @Override
    public List<Parameter> parameters() {
        return layer.parameters();
    }

    @Override
    public void backward(Kernels kernels) {
        var dy = y.gradient();
        var db = layer.bias().flatMap(Parameter::gradient);
        layer.weight()
                .gradientSlot()
                .ifPresentOrElse(
                        dw -> kernels.run(new MatrixProduct.WeightGradient(dy, x.saved(), dw.tensor(), dw.into(), db)),
                        () -> db.ifPresent(sums -> kernels.run(new Elementwise.BiasGradient(dy, sums))));
        if (x.isDifferentiable()) {
            var dx = x.slot();
            kernels.run(new MatrixProduct.InputGradient(dy, layer.weight().value(), dx.tensor(), dx.into()));
        }
    }
}
