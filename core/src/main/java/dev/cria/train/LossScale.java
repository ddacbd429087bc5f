package dev.cria.train;

import dev.cria.tensor.DType;

/**
 * What the loss is multiplied by before the gradients are formed, so that small ones do not vanish in float16, whose
 * smallest number is 6·10⁻⁸. Where a gradient overflows, the step is skipped and the factor halved; after many steps
 * without an overflow it is doubled. In types with float32's range it is 1 and stays so.
 *
 * @param factor a power of two, so that multiplying and dividing by it rounds nothing
 * @param quietSteps steps since the factor last changed
 * @param overflows steps that were skipped for an overflow, over the whole training
 * @see "Micikevicius et al. 2018, Mixed Precision Training, section 3.2"
 */
public record LossScale(double factor, int quietSteps, long overflows) {
    /** No scaling. */
    public static final LossScale NONE = new LossScale(1, 0, 0);

    private static final LossScale FIRST = new LossScale(0x1p16, 0, 0);
    private static final double LARGEST = 0x1p24;

    /** Steps without an overflow after which a larger factor is tried. */
    private static final int PATIENCE = 2000;

    /** Where a training that computes in a type begins. */
    static LossScale of(DType compute) {
        return compute == DType.FLOAT16 ? FIRST : NONE;
    }

    /** The factor to go on with in a type: this one in float16, unless it was none. */
    LossScale under(DType compute) {
        boolean scaled = compute == DType.FLOAT16;
        return scaled && !equals(NONE) ? this : of(compute);
    }

    /** True if a gradient that is not finite may be the factor's fault: a smaller one may be tried. */
    boolean canShrink() {
        return factor > 1;
    }

    /** After a step whose gradient was finite. */
    LossScale quiet() {
        if (factor == 1 && quietSteps == 0 && overflows == 0) {
            return this;
        }
        return quietSteps + 1 < PATIENCE
                ? new LossScale(factor, quietSteps + 1, overflows)
                : new LossScale(Math.min(2 * factor, LARGEST), 0, overflows);
    }

    /** After a step that was skipped because its gradient overflowed. */
    LossScale overflowed() {
        return new LossScale(Math.max(1, factor / 2), 0, overflows + 1);
    }
}
