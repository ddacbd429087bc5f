package dev.cria.nn;

import dev.cria.tensor.Kernels;
import dev.cria.tensor.RotaryEmbedding;
import dev.cria.tensor.RotaryEmbedding.Direction;
import dev.cria.tensor.Tensor;
import java.util.List;

/** Rotary positions, written over x. A rotation's transpose is its inverse, so the backward turns dy back, in place. */
record Rope(Value x, Tensor table, Tensor positions, Value y) implements Operation {

    static Value forward(Tape tape, Value x, Tensor table, Tensor positions) {
        tape.kernels().run(new RotaryEmbedding(x.data(), table, positions, Direction.FORWARD));
        Value y = tape.keep(Value.over(x, x.isDifferentiable()));
        tape.record(new Rope(x, table, positions, y));
        return y;
    }

    @Override
    public List<Value> outputs() {
        return List.of(y);
    }

    @Override
    public void backward(Kernels kernels) {
        kernels.run(new RotaryEmbedding(y.gradient(), table, positions, Direction.BACKWARD));
        x.inherit(y);
    }
}
