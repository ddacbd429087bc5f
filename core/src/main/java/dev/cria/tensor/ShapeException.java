package dev.cria.tensor;

/** Tensors do not fit together: a bug of the caller, told with both shapes. */
public final class ShapeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ShapeException(String message) {
        super(message);
    }
}
