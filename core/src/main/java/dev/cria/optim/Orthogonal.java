package dev.cria.optim;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Tensor;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * About U·Vᵀ of x = U·S·Vᵀ, by Newton-Schulz iterations x ← a·x + (b·g + c·g²)·x, g = x·xᵀ, of x / ‖x‖. The
 * coefficients grow small singular values fast rather than converge: five iterations bring those of 0.01 to 1 into 0.68
 * to 1.14, which is enough for an update.
 *
 * <p>With s = b·g + c·g² an iteration is x ← (a + s)·x, and the next one's g is (a + s)·g·(a + s): of a long x two iterations
 * are done on the small g, and x is multiplied once. More than two would lose small singular values to g's rounding.
 *
 * @see "Jordan et al. 2024, Muon: An optimizer for hidden layers in neural networks"
 */
final class Orthogonal implements AutoCloseable {
    private static final int ITERATIONS = 5;
    private static final double A = 3.4445;
    private static final double B = -4.7750;
    private static final double C = 2.0315;
    private static final double SMALLEST_NORM = 1e-7;

    /** Two iterations at a time take fewer operations from about 1.3 times as long as wide. */
    private static final long LONG = 2;

    private final Kernels kernels;
    private final Map<Kind, Workspace> workspaces = new HashMap<>();

    /**
     * Matrices that go through the same memory.
     *
     * @param type of the products
     * @param given the masters'
     */
    private record Kind(DType type, DType given, Device device, List<Long> shape) {
        long shorter() {
            return Collections.min(shape);
        }

        boolean isLong() {
            return Collections.max(shape) >= LONG * shorter();
        }

        /** Of a {@link Workspace}. */
        long bytes() {
            long elements = shape.getFirst() * shape.getLast();
            long squares = (isLong() ? 3 : 2) * shorter() * shorter();
            return elements * given.bytes() + (2 * elements + squares) * type.bytes();
        }
    }

    /**
     * What iterations read and write; fresh memory would take the kernels longer to touch than to multiply.
     *
     * @param given what is to be turned
     * @param other as large as gram, where two iterations are done at a time
     */
    private record Workspace(
            Tensor given, Tensor x, Tensor next, Tensor gram, Tensor polynomial, Optional<Tensor> other)
            implements AutoCloseable {
        static Workspace of(Kind kind) {
            List<Long> square = List.of(kind.shorter(), kind.shorter());
            return new Workspace(
                    Tensor.empty(
                            kind.given(),
                            kind.device(),
                            kind.shape().getFirst(),
                            kind.shape().getLast()),
                    empty(kind, kind.shape()),
                    empty(kind, kind.shape()),
                    empty(kind, square),
                    empty(kind, square),
                    kind.isLong() ? Optional.of(empty(kind, square)) : Optional.empty());
        }

        private static Tensor empty(Kind kind, List<Long> shape) {
            return Tensor.empty(kind.type(), kind.device(), shape.getFirst(), shape.getLast());
        }

        @Override
        public void close() {
            Stream.of(given, x, next, gram, polynomial).forEach(Tensor::close);
            other.ifPresent(Tensor::close);
        }
    }

    Orthogonal(Kernels kernels) {
        this.kernels = kernels;
    }

    /** The bytes that {@link #bytes()} will be after matrices of these shapes [out, in]. */
    static long plannedBytes(Set<List<Long>> shapes, DType compute, DType master) {
        return shapes.stream()
                .map(shape -> new Kind(products(compute, master), master, Device.CPU, shape))
                .mapToLong(Kind::bytes)
                .sum();
    }

    private static DType products(DType compute, DType master) {
        return compute == DType.BFLOAT16 ? compute : master;
    }

    /** What it keeps for the next matrices of the shapes that it has seen. */
    long bytes() {
        return workspaces.keySet().stream().mapToLong(Kind::bytes).sum();
    }

    /**
     * The matrix that u is turned into.
     *
     * @param like a matrix [out, in] in the masters' type
     * @param compute the model's type: the products are in bfloat16 if that is, or else in the masters' type
     * @param fill writes u into a matrix like that, whose numbers are undefined
     * @return [out, in] in the products' type; this object's, and overwritten by the next call
     */
    Tensor of(Tensor like, DType compute, Consumer<Tensor> fill) {
        Kind kind = new Kind(
                products(compute, like.dtype()), like.dtype(), like.device(), List.of(like.size(0), like.size(1)));
        Workspace space = workspaces.computeIfAbsent(kind, Workspace::of);
        Tensor u = space.given();
        fill.accept(u);
        double norm = Math.max(Math.sqrt(kernels.sumOfSquares(u)), SMALLEST_NORM);
        kernels.run(new Elementwise.Axpby(1 / norm, u, 0, space.x()));
        Tensor x = space.x();
        Tensor next = space.next();
        int left = ITERATIONS;
        while (left > 0) {
            boolean two = space.other().isPresent() && left > 1;
            if (two) {
                iterateTwice(x, space, space.other().get(), next);
            } else {
                iterate(x, space, next);
            }
            left -= two ? 2 : 1;
            Tensor last = x;
            x = next;
            next = last;
        }
        return x;
    }

    private void iterate(Tensor x, Workspace space, Tensor next) {
        gram(x, space.gram());
        polynomial(space.gram(), space.polynomial());
        multiply(A, x, space.polynomial(), next);
    }

    /** next = (a + s')·(a + s)·x = a²·x + (a·s + a·s' + s'·s)·x, s' the polynomial of (a + s)·g·(a + s). */
    private void iterateTwice(Tensor x, Workspace space, Tensor other, Tensor next) {
        Tensor g = space.gram();
        Tensor s = space.polynomial();
        gram(x, g);
        polynomial(g, s);
        multiplySymmetric(A, g, s, other);
        multiplySymmetric(A, other, s, g);
        polynomial(g, other);
        kernels.run(new Elementwise.Axpby(A, s, 0, g));
        kernels.run(new Elementwise.Axpby(A, other, 1, g));
        kernels.run(symmetric(other, s, g, Into.ACCUMULATE));
        multiply(A * A, x, g, next);
    }

    /** g = x·xᵀ, or of a tall x the smaller xᵀ·x. */
    private void gram(Tensor x, Tensor g) {
        kernels.run(
                isTall(x)
                        ? new MatrixProduct.Symmetric(new MatrixProduct.WeightGradient(x, x, g, Into.OVERWRITE))
                        : symmetric(x, x, g, Into.OVERWRITE));
    }

    /** s = b·g + c·g². */
    private void polynomial(Tensor g, Tensor s) {
        kernels.run(symmetric(g, g, s, Into.OVERWRITE));
        kernels.run(new Elementwise.Axpby(B, g, C, s));
    }

    /** y = factor·x + s·x, or of a tall x + x·s; s is symmetric, so no product transposes. */
    private void multiply(double factor, Tensor x, Tensor s, Tensor y) {
        kernels.run(new Elementwise.Axpby(factor, x, 0, y));
        kernels.run(
                isTall(x)
                        ? new MatrixProduct.Forward(x, s, y, Into.ACCUMULATE)
                        : new MatrixProduct.InputGradient(s, x, y, Into.ACCUMULATE));
    }

    /** y = factor·x + s·x of a symmetric x that is a polynomial of what s is one of, which makes y symmetric too. */
    private void multiplySymmetric(double factor, Tensor x, Tensor s, Tensor y) {
        kernels.run(new Elementwise.Axpby(factor, x, 0, y));
        kernels.run(symmetric(s, x, y, Into.ACCUMULATE));
    }

    private static MatrixProduct symmetric(Tensor x, Tensor y, Tensor product, Into into) {
        return new MatrixProduct.Symmetric(new MatrixProduct.Forward(x, y, product, into));
    }

    private static boolean isTall(Tensor x) {
        return x.size(0) > x.size(1);
    }

    @Override
    public void close() {
        workspaces.values().forEach(Workspace::close);
        workspaces.clear();
    }
}
