package dev.cria.nn;

import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Kernels;
import java.util.List;

/** z = x + y, written over y. Both gradients are dz; they share its memory until one of them grows. */
record Add(Value x, Value y, Value z) implements Operation {

    static Value forward(Tape tape, Value x, Value y) {
        boolean differentiable = (x.isDifferentiable() || y.isDifferentiable()) && tape.isRecording();
        tape.kernels().run(new Elementwise.Add(x.data(), y.data()));
        Value z = tape.keep(Value.over(y, differentiable));
        tape.record(new Add(x, y, z));
        return z;
    }

    @Override
    public List<Value> outputs() {
        return List.of(z);
    }

    @Override
    public void backward(Kernels kernels) {
        var dz = z.gradient();
        if (y.isDifferentiable()) {
            y.inherit(z);
        }
        if (!x.isDifferentiable()) {
            return;
        }
        if (x.hasGradient()) {
            kernels.run(new Elementwise.Add(dz, x.slot().tensor()));
        } else {
            x.share(dz);
        }
    }
}
