package dev.cria.nn;

import dev.cria.tensor.Into;
import dev.cria.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An activation on a {@link Tape}: its numbers, and during the backward the gradient of the loss by them. The tape owns
 * both and frees them as soon as nothing on it needs them any more.
 */
public final class Value {
    private final Tensor data;
    private final boolean differentiable;
    private final Optional<Window> window;
    private @Nullable Tensor gradient;
    private boolean consumed;
    private boolean released;

    /** The columns of a wider value that this one is a view of: its gradient lies in the wider one's gradient. */
    private record Window(Value whole, long start, long width) {}

    private Value(Tensor data, boolean differentiable, Optional<Window> window) {
        this.data = data;
        this.differentiable = differentiable;
        this.window = window;
    }

    /** Takes over the caller's reference to the data. */
    static Value of(Tensor data, boolean differentiable) {
        return new Value(data, differentiable, Optional.empty());
    }

    static Value columns(Value whole, long start, long width) {
        Tensor view = whole.data().narrow(1, start, width);
        return new Value(view, whole.differentiable, Optional.of(new Window(whole, start, width)));
    }

    /** What an operation that writes over x makes of it: the same memory, and the same place for the gradient. */
    static Value over(Value x, boolean differentiable) {
        return new Value(x.consume().retain(), differentiable, x.window);
    }

    /** The numbers, valid until the tape frees them. */
    public Tensor data() {
        if (consumed) {
            throw new IllegalStateException("a value is used after an operation has reused its memory");
        }
        return data;
    }

    /** The numbers for the backward of the operation that made or consumed them. */
    Tensor saved() {
        return data;
    }

    public long rows() {
        return data.size(0);
    }

    public long width() {
        return data.size(1);
    }

    boolean isDifferentiable() {
        return differentiable;
    }

    private Tensor consume() {
        Tensor taken = data();
        consumed = true;
        return taken;
    }

    boolean hasGradient() {
        return gradient != null;
    }

    /** The gradient that the consumers of this value have summed up. */
    Tensor gradient() {
        if (gradient == null) {
            throw new IllegalStateException("no gradient has reached this value");
        }
        return gradient;
    }

    /** Memory for one more share of the gradient; a gradient that is shared with another value is copied first. */
    Slot slot() {
        if (gradient == null) {
            gradient = window.isPresent() ? gradientWindow(window.get()) : like(data);
            return new Slot(gradient, Into.OVERWRITE);
        }
        if (!gradient.isUnshared()) {
            Tensor own = like(data);
            own.copyFrom(gradient);
            gradient.close();
            gradient = own;
        }
        return new Slot(gradient, Into.ACCUMULATE);
    }

    /** Takes a whole gradient, without copying where it need not lie in a wider one; the value must have none yet. */
    void share(Tensor wholeGradient) {
        requireNoGradient();
        if (window.isPresent()) {
            slot().tensor().copyFrom(wholeGradient);
        } else {
            gradient = wholeGradient.retain();
        }
    }

    /** Takes the gradient of the value that was written over this one. */
    void inherit(Value successor) {
        requireNoGradient();
        gradient = successor.gradient().retain();
    }

    private void requireNoGradient() {
        if (gradient != null) {
            throw new IllegalStateException("this value has a gradient already");
        }
    }

    private static Tensor gradientWindow(Window window) {
        Value whole = window.whole();
        if (whole.gradient == null) {
            whole.gradient = like(whole.data);
        }
        return whole.gradient.narrow(1, window.start(), window.width());
    }

    private static Tensor like(Tensor data) {
        return Tensor.empty(data.dtype(), data.device(), data.shape());
    }

    void release() {
        if (released) {
            return;
        }
        released = true;
        data.close();
        if (gradient != null) {
            gradient.close();
            gradient = null;
        }
    }
}
