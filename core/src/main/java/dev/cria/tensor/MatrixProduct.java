package dev.cria.tensor;

import dev.cria.tensor.Product.Form;
import java.util.Optional;

/** The products of a linear layer: x [rows, in], w [out, in], y [rows, out]. */
public sealed interface MatrixProduct extends Call {

    /** The product's form and sizes. */
    Product sizes();

    @Override
    default Kind kind() {
        return Kind.MATRIX_PRODUCTS;
    }

    /** y = x·wᵀ, or y = x·wᵀ + b; with a bias y is overwritten. {@code b [out]} */
    record Forward(Tensor x, Tensor w, Optional<Tensor> b, Tensor y, Into into) implements MatrixProduct {
        public Forward {
            ShapeException.requireProduct(x, x.size(0), x.size(1), w, w.size(1), w.size(0), y);
            if (b.isPresent() && (into == Into.ACCUMULATE || b.get().elements() != w.size(0))) {
                throw new ShapeException("a product's bias is [out] and overwrites: " + b.get() + ", " + w);
            }
        }

        public Forward(Tensor x, Tensor w, Tensor y, Into into) {
            this(x, w, Optional.empty(), y, into);
        }

        @Override
        public Product sizes() {
            return new Product(Form.FORWARD, x.size(0), w.size(1), w.size(0));
        }

        @Override
        public Work work() {
            return Work.moving(sizes().operations(), x, w, y).plus(Work.into(into, y));
        }
    }

    /** y = x·wᵀ for a frozen, quantized matrix. */
    record Quantized(Tensor x, QuantizedMatrix w, Tensor y) implements MatrixProduct {
        public Quantized {
            if (x.size(1) != w.inputs() || y.size(0) != x.size(0) || y.size(1) != w.outputs()) {
                throw new ShapeException(
                        "no product of " + x + " and " + w.outputs() + " rows of " + w.inputs() + " bytes is " + y);
            }
        }

        /** The matrix, whole and in the type of x. The caller closes it. */
        public Tensor unpacked() {
            Tensor unpacked = Tensor.empty(x.dtype(), x.device(), w.outputs(), w.inputs());
            w.unpack(unpacked);
            return unpacked;
        }

        @Override
        public Product sizes() {
            return new Product(Form.FORWARD, x.size(0), w.inputs(), w.outputs());
        }

        @Override
        public Work work() {
            return Work.moving(sizes().operations(), x, y).plus(new Work(0, w.bytes()));
        }
    }

    /** dx = dy·w. */
    record InputGradient(Tensor dy, Tensor w, Tensor dx, Into into) implements MatrixProduct {
        public InputGradient {
            ShapeException.requireProduct(dy, dy.size(0), dy.size(1), w, w.size(0), w.size(1), dx);
        }

        @Override
        public Product sizes() {
            return new Product(Form.INPUT_GRADIENT, dy.size(0), w.size(1), w.size(0));
        }

        @Override
        public Work work() {
            return Work.moving(sizes().operations(), dy, w, dx).plus(Work.into(into, dx));
        }
    }

    /**
     * dw = dyᵀ·x, and db += Σ over rows of dy where it is asked for. dw may be of a wider type than dy and x.
     *
     * @param db [out]
     */
    record WeightGradient(Tensor dy, Tensor x, Tensor dw, Into into, Optional<Tensor> db) implements MatrixProduct {
        public WeightGradient {
            ShapeException.requireProduct(dy, dy.size(1), dy.size(0), x, x.size(0), x.size(1), dw);
            db.ifPresent(sums -> ShapeException.requireElements(sums, dy.size(1)));
        }

        public WeightGradient(Tensor dy, Tensor x, Tensor dw, Into into) {
            this(dy, x, dw, into, Optional.empty());
        }

        @Override
        public Product sizes() {
            return new Product(Form.WEIGHT_GRADIENT, dy.size(0), x.size(1), dy.size(1));
        }

        @Override
        public Work work() {
            return Work.moving(sizes().operations(), dy, x, dw).plus(Work.into(into, dw));
        }
    }

    /**
     * A product without a bias of which the caller knows that it is symmetric: a half of it, the diagonal with it, may be
     * computed and mirrored. What it is added to is symmetric too.
     */
    record Symmetric(MatrixProduct product) implements MatrixProduct {
        public Symmetric {
            if (result(product).size(0) != result(product).size(1)) {
                throw new ShapeException("a symmetric product is square: " + result(product));
            }
        }

        private static Tensor result(MatrixProduct product) {
            return switch (product) {
                case Forward c when c.b().isEmpty() -> c.y();
                case WeightGradient c when c.db().isEmpty() -> c.dw();
                default -> throw new ShapeException("a product that is taken for symmetric: " + product);
            };
        }

        @Override
        public Product sizes() {
            return product.sizes();
        }

        @Override
        public Work work() {
            Work whole = product.work();
            double columns = result(product).size(1);
            return new Work(whole.operations() * (columns + 1) / (2 * columns), whole.bytes());
        }
    }
}
