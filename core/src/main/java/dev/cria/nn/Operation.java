package dev.cria.nn;

import dev.cria.tensor.Kernels;
import java.util.Collection;
import java.util.List;

/** A step of the forward as the tape remembers it: it knows its inputs and outputs, and how to go backwards. */
interface Operation {

    /** What the operation made; freed by the tape after its backward. */
    List<Value> outputs();

    /** The parameters to whose gradients the operation adds. */
    default Collection<Parameter> parameters() {
        return List.of();
    }

    /** Adds the operation's share to the gradients of its inputs and parameters, from those of its outputs. */
    void backward(Kernels kernels);
}
