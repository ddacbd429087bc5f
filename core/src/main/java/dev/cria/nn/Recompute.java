package dev.cria.nn;

import dev.cria.tensor.Kernels;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A block of which only the input is kept: the backward runs its forward again, this time remembering it.
 *
 * @see "Chen et al. 2016, Training Deep Nets with Sublinear Memory Cost"
 */
record Recompute(Value x, Tape.Block body, Set<Parameter> parameters, Value y) implements Operation {

    static Value forward(Tape tape, Value x, Tape.Block body) {
        Set<Parameter> parameters = Collections.newSetFromMap(new IdentityHashMap<>());
        Value y = tape.evaluate(x, body, parameters);
        tape.record(new Recompute(x, body, parameters, y));
        return y;
    }

    @Override
    public List<Value> outputs() {
        return List.of(y);
    }

    @Override
    public void backward(Kernels kernels) {
        try (Tape inner = new Tape(kernels, Tape.Mode.TRAINING)) {
            Value again = inner.keep(Value.of(x.saved().retain(), x.isDifferentiable()));
            Value result = body.run(inner, again);
            result.share(y.gradient());
            inner.backward();
            if (again.hasGradient()) {
                x.share(again.gradient());
            }
        }
    }
}
