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
import java.util.stream.Stream;

/**
 * About U·Vᵀ of x = U·S·Vᵀ, by Newton-Schulz iterations x ← a·x + (b·g + c·g²)·x, g = x·xᵀ, of x / ‖x‖. The
 * coefficients grow small singular values fast rather than converge: five iterations bring those of 0.01 to 1 into 0.68
 * to 1.14, which is enough for an update.
 *
 * @see "Jordan et al. 2024, Muon: An optimizer for hidden layers in neural networks"
 */
final class Orthogonal implements AutoCloseable {
    private static final int ITERATIONS = 5;
    private static final double A = 3.4445;
    private static final double B = -4.7750;
    private static final double C = 2.0315;
    private static final double SMALLEST_NORM = 1e-7;

    private final Kernels kernels;
    private final Map<Kind, Workspace> workspaces = new HashMap<>();

    /** Matrices that go through the same memory. */
    private record Kind(DType type, Device device, List<Long> shape) {}

    /** What an iteration reads and writes; fresh memory would take the kernels longer to touch than to multiply. */
    private record Workspace(Tensor x, Tensor next, Tensor gram, Tensor polynomial) implements AutoCloseable {
        static Workspace of(Kind kind) {
            long small = Collections.min(kind.shape());
            return new Workspace(
                    empty(kind, kind.shape()),
                    empty(kind, kind.shape()),
                    empty(kind, List.of(small, small)),
                    empty(kind, List.of(small, small)));
        }

        private static Tensor empty(Kind kind, List<Long> shape) {
            return Tensor.empty(kind.type(), kind.device(), shape.getFirst(), shape.getLast());
        }

        @Override
        public void close() {
            Stream.of(x, next, gram, polynomial).forEach(Tensor::close);
        }
    }

    Orthogonal(Kernels kernels) {
        this.kernels = kernels;
    }

    /**
     * The matrix that u is turned into.
     *
     * @param u [out, in], dense, in the masters' type
     * @param compute the model's type: the products are in bfloat16 if that is, or else in the type of u
     * @return [out, in] in the products' type; this object's, and overwritten by the next call
     */
    Tensor of(Tensor u, DType compute) {
        DType type = compute == DType.BFLOAT16 ? compute : u.dtype();
        Kind kind = new Kind(type, u.device(), List.of(u.size(0), u.size(1)));
        Workspace space = workspaces.computeIfAbsent(kind, Workspace::of);
        double norm = Math.max(Math.sqrt(kernels.sumOfSquares(u)), SMALLEST_NORM);
        kernels.run(new Elementwise.Axpby(1 / norm, u, 0, space.x()));
        for (int i = 0; i < ITERATIONS; i++) {
            boolean even = i % 2 == 0;
            iterate(even ? space.x() : space.next(), space, even ? space.next() : space.x());
        }
        return ITERATIONS % 2 == 0 ? space.x() : space.next();
    }

    /** Of a tall x the smaller xᵀ·x is taken, from the right; both are symmetric, so no product transposes. */
    private void iterate(Tensor x, Workspace space, Tensor next) {
        Tensor gram = space.gram();
        Tensor polynomial = space.polynomial();
        boolean tall = x.size(0) > x.size(1);
        kernels.run(
                tall
                        ? new MatrixProduct.WeightGradient(x, x, gram, Into.OVERWRITE)
                        : new MatrixProduct.Forward(x, x, gram, Into.OVERWRITE));
        kernels.run(new MatrixProduct.Forward(gram, gram, polynomial, Into.OVERWRITE));
        kernels.run(new Elementwise.Axpby(B, gram, C, polynomial));
        kernels.run(new Elementwise.Axpby(A, x, 0, next));
        kernels.run(
                tall
                        ? new MatrixProduct.Forward(x, polynomial, next, Into.ACCUMULATE)
                        : new MatrixProduct.InputGradient(polynomial, x, next, Into.ACCUMULATE));
    }

    @Override
    public void close() {
        workspaces.values().forEach(Workspace::close);
        workspaces.clear();
    }
}
