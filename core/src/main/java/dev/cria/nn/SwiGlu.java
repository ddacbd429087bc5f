package dev.cria.nn;

import dev.cria.tensor.Activation;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import java.util.List;

/**
 * y = silu(gate)·up, where x = [gate | up] side by side, as one matrix product makes them; see {@link Activation.SwiGlu}.
 *
 * @see "Shazeer 2020, GLU Variants Improve Transformer"
 */
record SwiGlu(Value x, Value y) implements Operation {

    static Value forward(Tape tape, Value x) {
        long width = x.width() / 2;
        Value y = tape.output(x.data(), x.isDifferentiable(), x.rows(), width);
        try (var scope = new Scope()) {
            var gate = scope.own(x.data().narrow(1, 0, width));
            var up = scope.own(x.data().narrow(1, width, width));
            tape.kernels().run(new Activation.SwiGlu(gate, up, y.data()));
        }
        tape.record(new SwiGlu(x, y));
        return y;
    }

    @Override
    public List<Value> outputs() {
        return List.of(y);
    }

    @Override
    public void backward(Kernels kernels) {
        long width = y.width();
        var dx = x.slot().tensor();
        try (var scope = new Scope()) {
            kernels.run(new Activation.SwiGluGradient(
                    y.gradient(),
                    scope.own(x.saved().narrow(1, 0, width)),
                    scope.own(x.saved().narrow(1, width, width)),
                    scope.own(dx.narrow(1, 0, width)),
                    scope.own(dx.narrow(1, width, width))));
        }
    }
}
