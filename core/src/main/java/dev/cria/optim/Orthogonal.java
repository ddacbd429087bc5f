package dev.cria.optim;

import dev.cria.tensor.DType;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Tensor;

/**
 * About U·Vᵀ of x = U·S·Vᵀ, by Newton-Schulz iterations x ← a·x + (b·g + c·g²)·x, g = x·xᵀ, of x / ‖x‖. The
 * coefficients grow small singular values fast rather than converge: five iterations bring those of 0.01 to 1 into 0.68
 * to 1.14, which is enough for an update.
 *
 * @see "Jordan et al. 2024, Muon: An optimizer for hidden layers in neural networks"
 */
final class Orthogonal {
    private static final int ITERATIONS = 5;
    private static final double A = 3.4445;
    private static final double B = -4.7750;
    private static final double C = 2.0315;
    private static final double SMALLEST_NORM = 1e-7;

    private final Kernels kernels;

    Orthogonal(Kernels kernels) {
        this.kernels = kernels;
    }

    /**
     * In place.
     *
     * @param u [out, in], dense, in the masters' type
     * @param compute the model's type: the products are in bfloat16 if that is, or else in the type of u
     */
    void run(Tensor u, DType compute) {
        double norm = Math.max(Math.sqrt(kernels.sumOfSquares(u)), SMALLEST_NORM);
        kernels.run(new Elementwise.Scale(u, 1 / norm));
        DType type = compute == DType.BFLOAT16 ? compute : u.dtype();
        long small = Math.min(u.size(0), u.size(1));
        try (Tensor x = u.to(type);
                Tensor next = Tensor.empty(type, u.device(), u.shape());
                Tensor gram = Tensor.empty(type, u.device(), small, small);
                Tensor polynomial = Tensor.empty(type, u.device(), small, small)) {
            for (int i = 0; i < ITERATIONS; i++) {
                boolean even = i % 2 == 0;
                iterate(even ? x : next, gram, polynomial, even ? next : x);
            }
            u.copyFrom(ITERATIONS % 2 == 0 ? x : next);
        }
    }

    /** Of a tall x the smaller xᵀ·x is taken, from the right; both are symmetric, so no product transposes. */
    private void iterate(Tensor x, Tensor gram, Tensor polynomial, Tensor next) {
        boolean tall = x.size(0) > x.size(1);
        kernels.run(
                tall
                        ? new MatrixProduct.WeightGradient(x, x, gram, Into.OVERWRITE)
                        : new MatrixProduct.Forward(x, x, gram, Into.OVERWRITE));
        kernels.run(new MatrixProduct.Forward(gram, gram, polynomial, Into.OVERWRITE));
        kernels.run(new Elementwise.Scale(polynomial, C));
        kernels.run(new Elementwise.Scale(gram, B));
        kernels.run(new Elementwise.Add(gram, polynomial));
        next.copyFrom(x);
        kernels.run(new Elementwise.Scale(next, A));
        kernels.run(
                tall
                        ? new MatrixProduct.Forward(x, polynomial, next, Into.ACCUMULATE)
                        : new MatrixProduct.InputGradient(polynomial, x, next, Into.ACCUMULATE));
    }
}
