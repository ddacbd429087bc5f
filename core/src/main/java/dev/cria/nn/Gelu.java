package dev.cria.nn;

import dev.cria.tensor.Activation;
import dev.cria.tensor.Kernels;
import java.util.List;

/** GPT-2's Gaussian error linear unit; see {@link Activation.Gelu}. */
record Gelu(Value x, Value y) implements Operation {

    static Value forward(Tape tape, Value x) {
        Value y = tape.output(x.data(), x.isDifferentiable(), x.rows(), x.width());
        tape.kernels().run(new Activation.Gelu(x.data(), y.data()));
        tape.record(new Gelu(x, y));
        return y;
    }

    @Override
    public List<Value> outputs() {
        return List.of(y);
    }

    @Override
    public void backward(Kernels kernels) {
        kernels.run(
                new Activation.GeluGradient(y.gradient(), x.saved(), x.slot().tensor()));
    }
}
