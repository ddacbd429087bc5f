package dev.cria.tensor;

/** One of the three matrix products of a linear layer, by its sizes: x [rows, in], w [out, in], y [rows, out]. */
public record Product(Form form, long rows, long in, long out) {

    /** Which of the three. */
    public enum Form {
        /** y = x·wᵀ. */
        FORWARD,
        /** dx = dy·w. */
        INPUT_GRADIENT,
        /** dw = dyᵀ·x. */
        WEIGHT_GRADIENT;

        /** The name for readers: {@code input gradient}. */
        public String words() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        }
    }

    /** A multiplication and an addition for each of rows · in · out. */
    public double operations() {
        return 2.0 * rows * in * out;
    }

    static Product forward(Tensor x, Tensor w) {
        return new Product(Form.FORWARD, x.size(0), w.size(1), w.size(0));
    }

    static Product inputGradient(Tensor dy, Tensor w) {
        return new Product(Form.INPUT_GRADIENT, dy.size(0), w.size(1), w.size(0));
    }

    static Product weightGradient(Tensor dy, Tensor x) {
        return new Product(Form.WEIGHT_GRADIENT, dy.size(0), x.size(1), dy.size(1));
    }

    /** The sizes for readers: {@code 1024 × 768 × 3072}. */
    public String sizes() {
        return rows + " × " + in + " × " + out;
    }
}
