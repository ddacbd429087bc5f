package dev.cria.tensor;

/** The feed-forward's functions of each element, on tensors of one shape [rows, width]. */
public sealed interface Activation extends Call {

    @Override
    default Kind kind() {
        return Kind.ACTIVATION;
    }

    /** y = silu(gate) · up with silu(x) = x·σ(x). */
    record SwiGlu(Tensor gate, Tensor up, Tensor y) implements Activation {
        public SwiGlu {
            ShapeException.requireSameShape(y, gate, up);
        }

        @Override
        public Work work() {
            return Work.moving(5.0 * y.elements(), gate, up, y);
        }
    }

    /** dgate = dy · up · σ(gate) · (1 + gate · (1 − σ(gate))), dup = dy · silu(gate). */
    record SwiGluGradient(Tensor dy, Tensor gate, Tensor up, Tensor dgate, Tensor dup) implements Activation {
        public SwiGluGradient {
            ShapeException.requireSameShape(dy, gate, up, dgate, dup);
        }

        @Override
        public Work work() {
            return Work.moving(11.0 * dy.elements(), dy, gate, up, dgate, dup);
        }
    }

    /** y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), GPT-2's approximation of the Gaussian error linear unit. */
    record Gelu(Tensor x, Tensor y) implements Activation {
        public Gelu {
            ShapeException.requireSameShape(x, y);
        }

        @Override
        public Work work() {
            return Work.moving(9.0 * x.elements(), x, y);
        }
    }

    /** The gradient of {@link Gelu}; dx is overwritten. */
    record GeluGradient(Tensor dy, Tensor x, Tensor dx) implements Activation {
        public GeluGradient {
            ShapeException.requireSameShape(x, dy, dx);
        }

        @Override
        public Work work() {
            return Work.moving(17.0 * x.elements(), dy, x, dx);
        }
    }
}
