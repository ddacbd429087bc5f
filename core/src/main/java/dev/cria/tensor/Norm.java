package dev.cria.tensor;

import java.util.Optional;

/** Norms over the last dimension: x and y [rows, width], weights [width] in float32 (float64 for float64). */
public sealed interface Norm extends Call {

    @Override
    default Kind kind() {
        return Kind.NORMS;
    }

    private static void requireFit(Tensor x, Tensor y, Tensor weights, Tensor statistics) {
        ShapeException.requireSameShape(x, y);
        ShapeException.requireElements(weights, x.size(-1));
        ShapeException.requireElements(statistics, x.elements() / x.size(-1));
    }

    /**
     * y = w · x · r with r = 1/√(mean(x²) + eps).
     *
     * @param r [rows], written, for the backward
     * @see "Zhang and Sennrich 2019, Root Mean Square Layer Normalization"
     */
    record Rms(Tensor x, Tensor w, double eps, Tensor y, Tensor r) implements Norm {
        public Rms {
            requireFit(x, y, w, r);
        }

        @Override
        public Work work() {
            return Work.moving(4.0 * x.elements(), x, w, y, r);
        }
    }

    /** With g = dy·w: dx = r · (g − x · r² · mean(g·x)); dw += Σ over rows of dy · x · r, if asked for. */
    record RmsGradient(Tensor dy, Tensor x, Tensor w, Tensor r, Tensor dx, Into into, Optional<Tensor> dw)
            implements Norm {
        public RmsGradient {
            requireFit(x, dy, w, r);
            ShapeException.requireSameShape(x, dx);
            dw.ifPresent(sum -> ShapeException.requireElements(sum, x.size(-1)));
        }

        @Override
        public Work work() {
            double n = x.elements();
            return Work.moving(6 * n, dy, x, w, r, dx).plus(Work.into(into, dx)).plus(Work.adding(dw, 3 * n));
        }
    }

    /**
     * y = w · (x − mean) · r + b with r = 1/√(var(x) + eps).
     *
     * @param mean [rows], written; {@code r [rows]}, written
     * @see "Ba, Kiros and Hinton 2016, Layer Normalization"
     */
    record Layer(Tensor x, Tensor w, Tensor b, double eps, Tensor y, Tensor mean, Tensor r) implements Norm {
        public Layer {
            requireFit(x, y, w, r);
            requireFit(x, y, b, mean);
        }

        @Override
        public Work work() {
            return Work.moving(8.0 * x.elements(), x, w, b, y, mean, r);
        }
    }

    /** The gradients of {@link Layer}; those of w and b are added, if asked for. */
    record LayerGradient(
            Tensor dy,
            Tensor x,
            Tensor w,
            Tensor mean,
            Tensor r,
            Tensor dx,
            Into into,
            Optional<Tensor> dw,
            Optional<Tensor> db)
            implements Norm {
        public LayerGradient {
            requireFit(x, dy, w, r);
            requireFit(x, dx, w, mean);
            dw.ifPresent(sum -> ShapeException.requireElements(sum, x.size(-1)));
            db.ifPresent(sum -> ShapeException.requireElements(sum, x.size(-1)));
        }

        @Override
        public Work work() {
            double n = x.elements();
            return Work.moving(10 * n, dy, x, w, mean, r, dx)
                    .plus(Work.into(into, dx))
                    .plus(Work.adding(dw, 2 * n))
                    .plus(Work.adding(db, n));
        }
    }
}
