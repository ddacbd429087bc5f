package dev.cria.parallel;

import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Adds tensors up as the leaves of a binary tree: of n leaves the left branch has the largest power of two below n. That
 * order depends on n alone, and leaves 2^k·i to 2^k·(i + 1) − 1 are always one branch: whoever has them can sum them apart.
 *
 * <p>It counts as binary numbers do. Level k holds the sum of 2^k leaves, as long as its bit is set in the number of leaves
 * so far; the next leaf carries. So log2(n) sums are held, where an exact sum that is free of any order would hold at
 * least two words for every number, and send them.
 */
final class PartialSums implements AutoCloseable {
    private final Kernels kernels;
    private final Order order;
    private final List<Tensor> levels = new ArrayList<>();
    private long count;

    /** In which order leaves are added. */
    enum Order {
        TREE,
        /** One after the other, to one sum: the order then depends on who has which leaves. */
        SEQUENCE
    }

    PartialSums(Kernels kernels, Order order) {
        this.kernels = kernels;
        this.order = order;
    }

    /** Adds a leaf that others will follow; its numbers are overwritten. */
    void push(Tensor leaf) {
        if (order == Order.SEQUENCE && count == 1) {
            kernels.run(new Elementwise.Add(leaf, levels.getFirst()));
            return;
        }
        int level = 0;
        for (; (count >> level & 1) == 1; level++) {
            kernels.run(new Elementwise.Add(levels.get(level), leaf));
        }
        if (level == levels.size()) {
            levels.add(Tensor.empty(leaf.dtype(), leaf.device(), leaf.shape()));
        }
        levels.get(level).copyFrom(leaf);
        count++;
    }

    /**
     * Adds all that was pushed to the last leaf.
     *
     * @param leaf elements {@code start} and following of it
     */
    void addTo(Tensor leaf, long start) {
        for (int level = 0; level < levels.size(); level++) {
            if ((count >> level & 1) == 1) {
                try (Tensor part = levels.get(level).rows(start, leaf.elements())) {
                    kernels.run(new Elementwise.Add(part, leaf));
                }
            }
        }
    }

    /** Forgets what was pushed. */
    void clear() {
        count = 0;
    }

    /** Of equal leaves that lie one behind the other, the sum is left in the first. {@code leaves [count · width]} */
    static void sum(Kernels kernels, Tensor leaves, int count) {
        long width = leaves.elements() / count;
        sum(kernels, leaves, 0, count, width);
    }

    private static void sum(Kernels kernels, Tensor leaves, int first, int count, long width) {
        if (count == 1) {
            return;
        }
        int left = Integer.highestOneBit(count - 1);
        sum(kernels, leaves, first, left, width);
        sum(kernels, leaves, first + left, count - left, width);
        try (Tensor into = leaves.rows(first * width, width);
                Tensor from = leaves.rows((first + left) * width, width)) {
            kernels.run(new Elementwise.Add(from, into));
        }
    }

    long bytes() {
        return levels.stream().mapToLong(Tensor::bytes).sum();
    }

    @Override
    public void close() {
        levels.forEach(Tensor::close);
    }
}
