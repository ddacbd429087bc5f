package dev.cria.nn;

import dev.cria.tensor.Tensor;
import java.util.Optional;

/**
 * A weight: what the forward reads, what the optimizer keeps, and the gradient. All three are views into the flat
 * memory of {@link Parameters}, which owns it.
 *
 * @param value read by the operations; bfloat16 for matrices where compute is bfloat16
 * @param master float32, updated by the optimizer; the same tensor as {@code value} where compute is float32; none in
 *     inference
 * @param gradient summed over the micro-batches of a step; none for frozen weights
 */
public record Parameter(ParameterSpec spec, Tensor value, Optional<Tensor> master, Optional<Tensor> gradient) {

    public boolean isTrainable() {
        return gradient.isPresent();
    }

    /** The value, where it is a rounded copy of the master. */
    public Optional<Tensor> copy() {
        return master.filter(m -> m != value).map(_ -> value);
    }

    public long elements() {
        return spec.elements();
    }
}
