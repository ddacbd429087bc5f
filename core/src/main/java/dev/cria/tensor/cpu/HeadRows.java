package dev.cria.tensor.cpu;

import dev.cria.tensor.DType;
import dev.cria.tensor.Tensor;

/**
 * The rows of one head of one sequence: position i lies at {@code address + i · stride}.
 *
 * @param stride bytes from position to position
 */
record HeadRows(long address, long stride, int positions, int headDim, DType dtype) {
    /** Positions of a panel: what attention multiplies at one time. */
    private static final int PANEL = CpuAttention.BLOCK;

    /**
     * A head of [batch·positions, heads·headDim], or of [batch, positions, heads·headDim] with any stride between
     * batches.
     */
    static HeadRows of(Tensor x, int positions, int headDim, long batch, long head) {
        int bytes = x.dtype().bytes();
        boolean cached = x.dimensions() == 3;
        long stride = x.stride(cached ? 1 : 0) * bytes;
        long batchStride = cached ? x.stride(0) * bytes : stride * positions;
        return new HeadRows(
                x.address() + batch * batchStride + head * headDim * bytes, stride, positions, headDim, x.dtype());
    }

    long at(long position) {
        return address + position * stride;
    }

    /** Bytes of one position's numbers. */
    long bytes() {
        return (long) headDim * dtype.bytes();
    }

    /** 4-byte words of one position's numbers. */
    private long words() {
        return bytes() / 4;
    }

    /** Positions rounded up to whole panels. */
    long padded() {
        return CpuGemm.divideUp(positions, PANEL) * PANEL;
    }

    /** Rows for whole panels: these, or a copy with zeros after the last. */
    HeadRows whole(Scratch scratch) {
        if (positions == padded()) {
            return this;
        }
        return new HeadRows(dense(scratch), bytes(), (int) padded(), headDim, dtype);
    }

    /** Elements from row to row. */
    long strideElements() {
        return stride / dtype.bytes();
    }

    /** The rows side by side, zeros after the last: [padded, headDim]. */
    private long dense(Scratch scratch) {
        long target = scratch.take(padded() * bytes());
        for (long i = 0; i < positions; i++) {
            Lanes.copy(at(i), target + i * bytes(), bytes());
        }
        Lanes.zero(target + positions * bytes(), (padded() - positions) * bytes());
        return target;
    }

    /** The right operand of products with the transpose: panels of 64 positions, [panel, headDim, 64]. */
    long transposedPanels(Scratch scratch) {
        long panelBytes = PANEL * bytes();
        long target = scratch.take(padded() * bytes());
        var mark = scratch.mark();
        for (long first = 0; first < positions; first += PANEL) {
            long count = Math.min(PANEL, positions - first);
            long panel = target + first / PANEL * panelBytes;
            if (count < PANEL) {
                Lanes.zero(panel, panelBytes);
            }
            Packing.transpose(at(first), stride, count, words(), panel, 4 * PANEL, scratch);
            scratch.reset(mark);
        }
        return target;
    }

    /** The right operand of products that sum over positions: [padded, headDim], in bfloat16 in pairs of positions. */
    long summedPanel(Scratch scratch) {
        if (dtype == DType.FLOAT32) {
            return dense(scratch);
        }
        long target = scratch.take(padded() * bytes());
        for (long i = 0; i < positions; i += 2) {
            Packing.zip(at(i), i + 1 < positions ? at(i + 1) : 0, headDim, target + i * bytes());
        }
        long written = CpuGemm.divideUp(positions, 2) * 2;
        Lanes.zero(target + written * bytes(), (padded() - written) * bytes());
        return target;
    }

    /** Writes rows of floats that lie side by side. */
    void put(long floats) {
        for (long i = 0; i < positions; i++) {
            put(i, floats + 4 * i * headDim, 1);
        }
    }

    /** Writes a row of floats times a factor. */
    void put(long position, long floats, float factor) {
        if (dtype == DType.FLOAT32) {
            CpuElementwise.scale(floats, factor, at(position), headDim);
        } else {
            Lanes.narrowScaled(floats, factor, at(position), headDim);
        }
    }
}
