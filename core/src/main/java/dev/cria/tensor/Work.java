package dev.cria.tensor;

import java.util.Optional;

/**
 * What a kernel's call has to do at least: floating-point operations, and bytes between the processor and memory. Both
 * follow from the shapes and types of its tensors alone, whichever kernel computes it.
 *
 * <p>Bytes: a tensor that is read is read once, one that is written is written once, one that is added to is both. That
 * is the traffic with a cache that holds what one call works on, and nothing that lasts from call to call. Of tables
 * only the rows that are looked up count; packed copies of operands do not, nor does the rotary table. The head's logits
 * exist for no one but this call, yet caches rarely hold them, so they count: written by their product, read and written
 * by the softmax, read by each product of a gradient.
 *
 * <p>Operations: 2·m·n·k for a product, the half and the diagonal of that where it is known to be symmetric; elsewhere one for each addition, multiplication, division, maximum, root or
 * exponential of the formulas of each {@link Call}. Causal attention counts the pairs of query and key that see each
 * other: two products of them forward, five backward, which forms the scores again.
 *
 * @see "Williams, Waterman and Patterson 2009, Roofline"
 */
public record Work(double operations, double bytes) {
    public static final Work NONE = new Work(0, 0);

    public Work plus(Work other) {
        return new Work(operations + other.operations, bytes + other.bytes);
    }

    /** So many calls of this. */
    public Work times(double calls) {
        return new Work(calls * operations, calls * bytes);
    }

    /** Each tensor read or written once; one that is both is named twice. */
    public static Work moving(double operations, Tensor... tensors) {
        double bytes = 0;
        for (Tensor tensor : tensors) {
            bytes += tensor.bytes();
        }
        return new Work(operations, bytes);
    }

    static Work reading(Optional<Tensor> tensor) {
        return tensor.map(t -> moving(0, t)).orElse(NONE);
    }

    static Work adding(Optional<Tensor> tensor, double operations) {
        return tensor.map(t -> moving(operations, t, t)).orElse(NONE);
    }

    /** What adding to a result costs beyond overwriting it: it is read. */
    static Work into(Into into, Tensor result) {
        return into == Into.ACCUMULATE ? moving(0, result) : NONE;
    }
}
