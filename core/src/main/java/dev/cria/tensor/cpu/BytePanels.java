package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.ALL;
import static dev.cria.tensor.cpu.Lanes.FLOATS;
import static dev.cria.tensor.cpu.Lanes.INTS;
import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A matrix [out, in] of signed bytes in the host's memory, a float32 scale for each row of it, laid out as products read
 * it: panels of 64 outputs, in each of which four inputs of an output stand together, {@code [out/64, in/4, 64, 4]},
 * filled up with zeros. A product then goes through memory once and straight on.
 */
public final class BytePanels implements AutoCloseable {
    static final int PANEL = 64;
    static final int GROUP = 4;

    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    /** Rows that a task packs: a cache line of each group of four inputs. */
    private static final int PACKED_TOGETHER = 16;

    private static final float LARGEST_CODE = 127;

    /** Added and subtracted, rounds a small float to a whole number, ties to even: 1.5·2²³. */
    private static final float ROUNDING = 12582912;

    private final long outputs;
    private final long inputs;
    private final Tensor codes;
    private final Tensor scales;
    private final Tensor sums;

    public BytePanels(long outputs, long inputs) {
        this.outputs = outputs;
        this.inputs = inputs;
        this.codes = Tensor.zeros(DType.INT8, Device.CPU, panels() * panelBytes());
        this.scales = Tensor.zeros(DType.FLOAT32, Device.CPU, panels() * PANEL);
        this.sums = Tensor.zeros(DType.INT32, Device.CPU, panels() * PANEL);
    }

    public long outputs() {
        return outputs;
    }

    public long inputs() {
        return inputs;
    }

    int panels() {
        return (int) CpuGemm.divideUp(outputs, PANEL);
    }

    /** Groups of four inputs. */
    int groups() {
        return (int) CpuGemm.divideUp(inputs, GROUP);
    }

    long panelBytes() {
        return (long) groups() * GROUP * PANEL;
    }

    long panel(int panel) {
        return codes.address() + panel * panelBytes();
    }

    /** The scales of a panel's outputs. */
    long scales(int panel) {
        return scales.address() + 4L * PANEL * panel;
    }

    /** The sums of the codes of each of a panel's outputs, int32. */
    long sums(int panel) {
        return sums.address() + 4L * PANEL * panel;
    }

    public long bytes() {
        return codes.bytes() + scales.bytes() + sums.bytes();
    }

    /** Rounds rows and stores them from {@code start} on. */
    public void pack(Workers workers, long start, Matrix rows) {
        long firstTask = start / PACKED_TOGETHER;
        long end = start + rows.rows();
        workers.run((int) (CpuGemm.divideUp(end, PACKED_TOGETHER) - firstTask), (task, scratch) -> {
            long first = Math.max(start, (firstTask + task) * PACKED_TOGETHER);
            long last = Math.min(end, (firstTask + task + 1) * PACKED_TOGETHER);
            long rowBytes = (long) groups() * GROUP;
            long rounded = scratch.take((last - first) * rowBytes);
            for (long row = first; row < last; row++) {
                var mark = scratch.mark();
                long floats = Lanes.wholeVectors(rows.dtype(), rows.at(row - start), inputs, scratch);
                float scale = round(floats, rounded + (row - first) * rowBytes, scratch);
                Lanes.set(scales.address() + 4 * row, scale);
                int sum = sum(rounded + (row - first) * rowBytes, rowBytes);
                ALL.set(ValueLayout.JAVA_INT_UNALIGNED, sums.address() + 4 * row, sum);
                scratch.reset(mark);
            }
            long target = panel((int) (first / PANEL)) + first % PANEL * GROUP;
            Packing.transpose(rounded, rowBytes, last - first, groups(), target, PANEL * GROUP, scratch);
        });
    }

    /** A row's codes, in order; its scale, the largest magnitude / 127. */
    private float round(long floats, long target, Scratch scratch) {
        int n = (int) inputs;
        float scale = largest(floats, n) / LARGEST_CODE;
        var divisor = FloatVector.broadcast(FLOATS, Math.max(scale, Float.MIN_NORMAL));
        long whole = scratch.floats((long) groups() * GROUP + WIDTH);
        Lanes.zero(whole + 4L * (n & -GROUP), 4L * (GROUP + WIDTH));
        for (int i = 0; i < n; i += WIDTH) {
            var shifted = load(floats + 4L * i).div(divisor).add(ROUNDING);
            shifted.reinterpretAsInts().intoMemorySegment(ALL, whole + 4L * i, NATIVE);
        }
        for (int i = n; i < groups() * GROUP; i++) {
            Lanes.set(whole + 4L * i, ROUNDING);
        }
        // The lowest byte of the shifted float is the whole number.
        for (int group = 0; group < groups(); group++) {
            long at = whole + 16L * group;
            int four = word(at) & 0xFF | (word(at + 4) & 0xFF) << 8 | (word(at + 8) & 0xFF) << 16 | word(at + 12) << 24;
            ALL.set(ValueLayout.JAVA_INT_UNALIGNED, target + 4L * group, four);
        }
        return scale;
    }

    private static int sum(long codes, long n) {
        int sum = 0;
        for (long i = 0; i < n; i += GROUP) {
            int four = word(codes + i);
            sum += (byte) four + (byte) (four >> 8) + (byte) (four >> 16) + (four >> 24);
        }
        return sum;
    }

    private static int word(long address) {
        return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    /** The largest magnitude of n floats, NaN if one of them is. */
    static float largest(long floats, int n) {
        var most = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            most = most.max(load(floats + 4L * i).abs());
        }
        float largest = most.reduceLanes(VectorOperators.MAX);
        for (; i < n; i++) {
            largest = Math.max(largest, Math.abs(Lanes.get(floats + 4L * i)));
        }
        return largest;
    }

    /** Writes the numbers that the codes stand for, in float32 or bfloat16. {@code into [out, in]} */
    public void unpack(Workers workers, Matrix into) {
        workers.run(panels(), (panel, scratch) -> {
            long rows = Math.min(PANEL, outputs - (long) panel * PANEL);
            long rowBytes = (long) groups() * GROUP;
            long inOrder = scratch.take(PANEL * rowBytes);
            Packing.transpose(panel(panel), PANEL * GROUP, groups(), PANEL, inOrder, rowBytes, scratch);
            long floats = scratch.floats(inputs);
            for (long row = 0; row < rows; row++) {
                float scale = Lanes.get(scales(panel) + 4 * row);
                for (long i = 0; i < inputs; i++) {
                    Lanes.set(floats + 4 * i, scale * ALL.get(ValueLayout.JAVA_BYTE, inOrder + row * rowBytes + i));
                }
                long target = into.at((long) panel * PANEL + row);
                if (into.dtype() == DType.FLOAT32) {
                    Lanes.copy(floats, target, 4 * inputs);
                } else {
                    Lanes.toBf16(floats, target, inputs);
                }
            }
        });
    }

    /** target [64] = a panel's codes · x, without scales. {@code x [in]}, floats, with zeros up to a group of four */
    void product(int panel, long x, long target) {
        for (int lane = 0; lane < PANEL; lane += WIDTH) {
            product(panel(panel) + (long) lane * GROUP, x, groups()).intoMemorySegment(ALL, target + 4L * lane, NATIVE);
        }
    }

    private static FloatVector product(long codes, long x, int groups) {
        var a = FloatVector.zero(FLOATS);
        var b = FloatVector.zero(FLOATS);
        var c = FloatVector.zero(FLOATS);
        var d = FloatVector.zero(FLOATS);
        for (int group = 0; group < groups; group++) {
            var four = IntVector.fromMemorySegment(INTS, ALL, codes + (long) group * GROUP * PANEL, NATIVE);
            long at = x + 16L * group;
            a = floats(four.lanewise(VectorOperators.LSHL, 24)).fma(broadcast(at), a);
            b = floats(four.lanewise(VectorOperators.LSHL, 16)).fma(broadcast(at + 4), b);
            c = floats(four.lanewise(VectorOperators.LSHL, 8)).fma(broadcast(at + 8), c);
            d = floats(four).fma(broadcast(at + 12), d);
        }
        return a.add(b).add(c.add(d));
    }

    /** The highest bytes, as floats. */
    private static FloatVector floats(IntVector bytes) {
        return (FloatVector) bytes.lanewise(VectorOperators.ASHR, 24).convert(VectorOperators.I2F, 0);
    }

    private static FloatVector broadcast(long address) {
        return FloatVector.broadcast(FLOATS, Lanes.get(address));
    }

    @Override
    public void close() {
        codes.close();
        scales.close();
        sums.close();
    }
}
