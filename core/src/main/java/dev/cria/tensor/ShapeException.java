package dev.cria.tensor;

/** Tensors do not fit together: a bug of the caller, told with their shapes. */
public final class ShapeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ShapeException(String message) {
        super(message);
    }

    /** Refuses tensors of another size or last dimension than the first. */
    static void requireSameShape(Tensor a, Tensor... others) {
        for (Tensor b : others) {
            if (a.elements() != b.elements() || a.size(-1) != b.size(-1)) {
                throw new ShapeException(a + " and " + b + " differ");
            }
        }
    }

    static void requireElements(Tensor x, long elements) {
        if (x.elements() != elements) {
            throw new ShapeException(x + " has not " + elements + " elements");
        }
    }

    /** Refuses c if it is not the product [m, n] of a, read as [m, k], and b, read as [depth, n]. */
    static void requireProduct(Tensor a, long m, long k, Tensor b, long depth, long n, Tensor c) {
        if (k != depth || c.size(0) != m || c.size(1) != n) {
            throw new ShapeException("no product of " + a + " and " + b + " is " + c);
        }
    }
}
