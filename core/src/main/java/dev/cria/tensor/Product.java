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

    /** The sizes for readers: {@code 1024 × 768 × 3072}. */
    public String sizes() {
        return rows + " × " + in + " × " + out;
    }
}
