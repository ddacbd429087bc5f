package dev.cria.nn;

import dev.cria.tensor.Kernels;
import java.util.ArrayList;
import java.util.List;

/** Columns of x as values of their own. Their gradients are windows of x's gradient, so the backward has no work. */
record Split(List<Value> outputs) implements Operation {

    static List<Value> forward(Tape tape, Value x, long... widths) {
        List<Value> parts = new ArrayList<>();
        long start = 0;
        for (long width : widths) {
            parts.add(tape.keep(Value.columns(x, start, width)));
            start += width;
        }
        tape.record(new Split(List.copyOf(parts)));
        return parts;
    }

    @Override
    public void backward(Kernels kernels) {
        if (!outputs.stream().allMatch(Value::hasGradient)) {
            throw new IllegalStateException("a part of a split value has no gradient");
        }
    }
}
