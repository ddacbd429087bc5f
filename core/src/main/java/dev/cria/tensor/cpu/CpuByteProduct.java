package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.BytePanels.PANEL;
import static dev.cria.tensor.cpu.Lanes.ALL;
import static dev.cria.tensor.cpu.Lanes.INTS;
import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * y = x·wᵀ for a w of bytes, each of which is read from memory once for up to {@value #BLOCK} rows of x.
 *
 * <p>Where there are products of bytes, a row of x is written as s·(256·high + low) with two signed bytes a number and one
 * scale s, the row's largest magnitude / 32512: an error of 2⁻¹⁶ of that, less than bfloat16 would make. Both products
 * are exact sums of integers, so that a row's result doesn't depend on the rows beside it: decoding a batch, decoding
 * alone and reading a prompt give the same bits. Vectors take the bytes of x without a sign, raised by 128, and 128 times
 * the sum of an output's codes is taken off again. Elsewhere the bytes become floats in registers.
 */
final class CpuByteProduct {
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128;
    private static final int BLOCK = 64;
    private static final int TILE_ROWS = 16;

    /** oneDNN's kernel of two rows reads memory at 60% of what that of four does; sums of rows that aren't there are left. */
    private static final int FEWEST_TOGETHER = 4;

    /** Above this many rows, without products of bytes, it pays to write the matrix out and use the products of floats. */
    private static final long FEW_ROWS = 16;

    private static final long TASK_BYTES = 1 << 17;

    /** Tasks of a small matrix: enough for the threads to end together. */
    private static final int TASKS = 12;

    private static final float LARGEST = 127 * 256;
    private static final float ROUNDING = 12582912;

    private final Optional<Brgemm> exact;
    private final Workers workers;

    CpuByteProduct(Workers workers, Optional<Brgemm> blocks) {
        this.workers = workers;
        this.exact = blocks.filter(Brgemm::hasBytes);
    }

    boolean fits(Matrix x, Matrix y) {
        return (exact.isPresent() || x.rows() <= FEW_ROWS)
                && (x.dtype() == DType.FLOAT32 || x.dtype() == DType.BFLOAT16)
                && (y.dtype() == DType.FLOAT32 || y.dtype() == DType.BFLOAT16);
    }

    void multiply(Matrix x, BytePanels w, Matrix y) {
        int perTask = (int) Math.clamp(TASK_BYTES / w.panelBytes(), 1, Math.max(1, w.panels() / TASKS));
        int tasks = (int) CpuGemm.divideUp(w.panels(), perTask);
        if (exact.isPresent()) {
            withBytes(exact.get(), x, w, y, tasks, perTask);
        } else {
            withFloats(x, w, y, tasks, perTask);
        }
    }

    private void withBytes(Brgemm brgemm, Matrix x, BytePanels w, Matrix y, int tasks, int perTask) {
        long depth = (long) w.groups() * BytePanels.GROUP;
        // Few distinct counts of rows, since a kernel is compiled for each.
        int block = x.rows() >= BLOCK ? BLOCK : Integer.highestOneBit(Math.max(1, 2 * (int) x.rows() - 1));
        // A tile's rows at once go through a panel straight on; two tiles' take every other cache line, twice.
        int together = block == TILE_ROWS ? TILE_ROWS : Math.max(FEWEST_TOGETHER, 2 * block);
        int blocks = (int) CpuGemm.divideUp(x.rows(), block);
        long blockBytes = Math.max(together, 2L * block) * depth;
        int offset = brgemm.byteOffset();
        try (Tensor halves = Tensor.empty(DType.INT8, Device.CPU, blocks * blockBytes);
                Tensor scales = Tensor.empty(DType.FLOAT32, Device.CPU, (long) blocks * block)) {
            long a = halves.address();
            long s = scales.address();
            workers.run(blocks * block, (row, scratch) -> {
                long high = a + row / block * blockBytes + row % block * depth;
                halve(x, row, high, high + block * depth, s + 4L * row, depth, offset, scratch);
            });
            workers.run(tasks, (task, scratch) -> {
                long sums = scratch.floats(Math.max(together, 2L * block) * PANEL);
                long line = scratch.floats(PANEL);
                int end = Math.min(w.panels(), (task + 1) * perTask);
                for (int panel = task * perTask; panel < end; panel++) {
                    boolean isWhole = y.dtype() == DType.FLOAT32 && (panel + 1L) * PANEL <= w.outputs();
                    for (int i = 0; i < blocks; i++) {
                        long halfRows = a + i * blockBytes;
                        for (int row = 0; row < 2 * block; row += together) {
                            long part = halfRows + row * depth;
                            long target = sums + 4L * PANEL * row;
                            brgemm.multiplyBytes(
                                    together, PANEL, depth, part, depth, w.panel(panel), PANEL, target, PANEL);
                        }
                        long first = i * (long) block;
                        int rows = (int) Math.min(block, x.rows() - first);
                        for (int row = 0; row < rows; row++) {
                            long high = sums + 4L * PANEL * row;
                            float scale = Lanes.get(s + 4 * (first + row));
                            long target = isWhole ? y.at(first + row, (long) panel * PANEL) : line;
                            join(high, high + 4L * PANEL * block, offset, scale, w, panel, target);
                            if (!isWhole) {
                                put(line, w, panel, y, first + row);
                            }
                        }
                    }
                }
            });
            brgemm.release();
        }
    }

    /** A row's high bytes and its low ones, with zeros after the last column, or only zeros after the last row. */
    private static void halve(
            Matrix x, int row, long high, long low, long scaleAt, long depth, int offset, Scratch scratch) {
        if (row >= x.rows()) {
            Lanes.zero(high, depth);
            Lanes.zero(low, depth);
            return;
        }
        int width = (int) x.width();
        long floats = Lanes.wholeVectors(x.dtype(), x.at(row), width, scratch);
        float scale = BytePanels.largest(floats, width) / LARGEST;
        Lanes.set(scaleAt, scale);
        halve(floats, width, 1 / Math.max(scale, Float.MIN_NORMAL), high, low, offset, scratch);
        Lanes.zero(high + width, depth - width);
        Lanes.zero(low + width, depth - width);
    }

    private static void halve(long floats, int n, float factor, long high, long low, int offset, Scratch scratch) {
        long whole = scratch.floats(n + WIDTH);
        for (int j = 0; j < n; j += WIDTH) {
            load(floats + 4L * j)
                    .mul(factor)
                    .add(ROUNDING)
                    .reinterpretAsInts()
                    .intoMemorySegment(ALL, whole + 4L * j, NATIVE);
        }
        // 16 bits, of which the low byte is signed: the high one takes over what rounds up.
        int i = 0;
        for (; WIDTH == BYTES.length() && i < Lanes.bound(n); i += WIDTH) {
            var numbers = IntVector.fromMemorySegment(INTS, ALL, whole + 4L * i, NATIVE);
            bytes(numbers.add(offset)).intoMemorySegment(ALL, low + i, NATIVE);
            bytes(numbers.add(128).lanewise(VectorOperators.LSHR, 8).add(offset))
                    .intoMemorySegment(ALL, high + i, NATIVE);
        }
        for (; i < n; i++) {
            int number = ALL.get(ValueLayout.JAVA_INT_UNALIGNED, whole + 4L * i);
            ALL.set(ValueLayout.JAVA_BYTE, low + i, (byte) (number + offset));
            ALL.set(ValueLayout.JAVA_BYTE, high + i, (byte) ((number + 128 >> 8) + offset));
        }
    }

    /** The lowest byte of each number. */
    private static ByteVector bytes(IntVector numbers) {
        return (ByteVector) numbers.convertShape(VectorOperators.I2B, BYTES, 0);
    }

    /** target = scale · scales · (256 · high + low), both less what the offset has added. */
    private static void join(long high, long low, int offset, float scale, BytePanels w, int panel, long target) {
        for (int i = 0; i < PANEL; i += WIDTH) {
            var added = ints(w.sums(panel) + 4L * i).mul(offset);
            var sum = floats(ints(high + 4L * i).sub(added))
                    .fma(
                            FloatVector.broadcast(Lanes.FLOATS, 256),
                            floats(ints(low + 4L * i).sub(added)));
            Lanes.store(target + 4L * i, sum.mul(load(w.scales(panel) + 4L * i)).mul(scale));
        }
    }

    private static IntVector ints(long address) {
        return IntVector.fromMemorySegment(INTS, ALL, address, NATIVE);
    }

    private static FloatVector floats(IntVector ints) {
        return (FloatVector) ints.convert(VectorOperators.I2F, 0);
    }

    private void withFloats(Matrix x, BytePanels w, Matrix y, int tasks, int perTask) {
        long depth = (long) w.groups() * BytePanels.GROUP;
        workers.run(tasks, (task, scratch) -> {
            long xs = scratch.floats(x.rows() * depth);
            long line = scratch.floats(PANEL);
            for (long row = 0; row < x.rows(); row++) {
                long target = xs + 4 * row * depth;
                Lanes.copy(Lanes.widened(x.dtype(), x.at(row), x.width(), scratch), target, 4 * x.width());
                Lanes.zero(target + 4 * x.width(), 4 * (depth - x.width()));
            }
            int end = Math.min(w.panels(), (task + 1) * perTask);
            for (int panel = task * perTask; panel < end; panel++) {
                for (long row = 0; row < x.rows(); row++) {
                    w.product(panel, xs + 4 * row * depth, line);
                    for (int i = 0; i < PANEL; i += WIDTH) {
                        Lanes.store(line + 4L * i, load(line + 4L * i).mul(load(w.scales(panel) + 4L * i)));
                    }
                    put(line, w, panel, y, row);
                }
            }
        });
    }

    /** The outputs of a panel that there are. */
    private static void put(long line, BytePanels w, int panel, Matrix y, long row) {
        long first = (long) panel * PANEL;
        Lanes.finish(y.dtype(), line, y.at(row, first), Math.min(PANEL, w.outputs() - first));
    }
}
