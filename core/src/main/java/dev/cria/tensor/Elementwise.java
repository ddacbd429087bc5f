package dev.cria.tensor;

/** Sums and multiples, in place. */
public sealed interface Elementwise extends Call {

    @Override
    default Kind kind() {
        return Kind.ELEMENTWISE;
    }

    /** y += b in every row. {@code y [rows, width], b [width]} */
    record AddBias(Tensor y, Tensor b) implements Elementwise {
        public AddBias {
            ShapeException.requireElements(b, y.size(-1));
        }

        @Override
        public Work work() {
            return Work.moving(y.elements(), b, y, y);
        }
    }

    /** db += Σ over rows of dy. {@code dy [rows, width], db [width]} */
    record BiasGradient(Tensor dy, Tensor db) implements Elementwise {
        public BiasGradient {
            ShapeException.requireElements(db, dy.size(-1));
        }

        @Override
        public Work work() {
            return Work.moving(dy.elements(), dy, db, db);
        }
    }

    /** y += x. */
    record Add(Tensor x, Tensor y) implements Elementwise {
        public Add {
            ShapeException.requireSameShape(x, y);
        }

        @Override
        public Work work() {
            return Work.moving(y.elements(), x, y, y);
        }
    }

    /** y = a·x + b·y; where b is 0, y is only written. The types may differ. */
    record Axpby(double a, Tensor x, double b, Tensor y) implements Elementwise {
        public Axpby {
            ShapeException.requireSameShape(x, y);
        }

        @Override
        public Work work() {
            return b == 0 ? Work.moving(y.elements(), x, y) : Work.moving(3 * y.elements(), x, y, y);
        }
    }

    /** x ·= factor. */
    record Scale(Tensor x, double factor) implements Elementwise {
        @Override
        public Work work() {
            return Work.moving(x.elements(), x, x);
        }
    }
}
