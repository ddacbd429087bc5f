package dev.cria.nn;

import dev.cria.tensor.DType;
import dev.cria.tensor.Into;
import dev.cria.tensor.Tensor;
import java.util.Optional;

/**
 * A weight: what the forward reads, what the optimizer keeps, and the gradient. All three are views into the flat
 * memory of {@link Parameters}, which owns it; but where ranks share gradients, one has memory only from the first
 * operation that adds to it until it is {@link #dropGradient() dropped}.
 */
public final class Parameter {
    private final ParameterSpec spec;
    private final Tensor value;
    private final Optional<Tensor> master;
    private final Optional<DType> passing;
    private Optional<Tensor> gradient;
    private boolean cleared;

    /** @param passing the type of a gradient that has no memory of its own */
    Parameter(
            ParameterSpec spec,
            Tensor value,
            Optional<Tensor> master,
            Optional<Tensor> gradient,
            Optional<DType> passing) {
        this.spec = spec;
        this.value = value;
        this.master = master;
        this.gradient = gradient;
        this.passing = passing;
    }

    public ParameterSpec spec() {
        return spec;
    }

    /** What the operations read; bfloat16 for matrices where compute is bfloat16. */
    public Tensor value() {
        return value;
    }

    /**
     * What the optimizer updates, in float32; the same tensor as the value where compute is float32; none in inference
     * and where another rank updates it.
     */
    public Optional<Tensor> master() {
        return master;
    }

    public boolean isTrainable() {
        return gradient.isPresent() || passing.isPresent();
    }

    /** The sum over the micro-batches of a step so far, to be read or added to; none for frozen weights. */
    public Optional<Tensor> gradient() {
        makeRoom();
        if (cleared) {
            gradient.ifPresent(Tensor::zero);
            cleared = false;
        }
        return gradient;
    }

    /** The gradient for an operation that can overwrite it: so the first share of a step needs no zeros before it. */
    Optional<Slot> gradientSlot() {
        makeRoom();
        Into into = cleared ? Into.OVERWRITE : Into.ACCUMULATE;
        cleared = false;
        return gradient.map(tensor -> new Slot(tensor, into));
    }

    private void makeRoom() {
        if (gradient.isEmpty() && passing.isPresent()) {
            gradient = Optional.of(Tensor.empty(passing.get(), value.device(), value.shape()));
            cleared = true;
        }
    }

    /** Frees a gradient's memory, which is made anew for the next one. */
    public void dropGradient() {
        if (passing.isPresent()) {
            gradient.ifPresent(Tensor::close);
            gradient = Optional.empty();
        }
    }

    /** Takes over a tensor of the parameter's shape as its gradient, until it is {@link #dropGradient() dropped}. */
    public void giveGradient(Tensor sum) {
        dropGradient();
        gradient = Optional.of(sum);
        cleared = false;
    }

    /** Marks the gradient as zero without touching memory; it is zero-filled on first read. */
    void clearGradient() {
        cleared = true;
    }

    /** The value, where it is a rounded copy of the master. */
    public Optional<Tensor> copy() {
        return master.filter(m -> m != value).map(_ -> value);
    }

    public long elements() {
        return spec.elements();
    }
}
