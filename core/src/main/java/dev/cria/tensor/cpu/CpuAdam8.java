package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.ALL;
import static dev.cria.tensor.cpu.Lanes.INTS;
import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;
import static dev.cria.tensor.cpu.Lanes.store;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.F2I;
import static jdk.incubator.vector.VectorOperators.I2B;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.SQRT;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.cria.tensor.AdamUpdate;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.QuantizedMoments;
import dev.cria.tensor.cpu.CpuAdam.Numbers;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link AdamUpdate.Quantized}, a block of {@link QuantizedMoments#BLOCK} at a time: its moments become floats, move as
 * {@link CpuAdam}'s do, and become codes again while they lie in the nearest cache. Codes may differ by one from the
 * reference's, which rounds halves to even.
 */
final class CpuAdam8 {
    private static final int BLOCK = QuantizedMoments.BLOCK;

    /** Blocks of one task. */
    private static final int PIECE = 256;

    private static final int LEAST_BITS = 64;
    private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(
            byte.class,
            VectorShape.forBitSize(Math.max(LEAST_BITS, FloatVector.SPECIES_PREFERRED.vectorBitSize() / 4)));
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private CpuAdam8() {}

    static void step(Workers workers, AdamUpdate.Quantized call) {
        var w = Matrix.flat(call.w());
        var gradient = Matrix.flat(call.gradient());
        Optional<Matrix> copy = call.copy().map(Matrix::flat);
        long elements = w.width();
        int blocks = Math.toIntExact(QuantizedMoments.blocks(elements));
        var numbers = new Numbers(call.step());
        Codes means = Codes.of(call.m());
        Codes squares = Codes.of(call.v());
        workers.run((blocks + PIECE - 1) / PIECE, (task, scratch) -> {
            long m = scratch.floats(BLOCK);
            long v = scratch.floats(BLOCK);
            for (int block = task * PIECE; block < Math.min(blocks, (task + 1) * PIECE); block++) {
                var mark = scratch.mark();
                long first = (long) block * BLOCK;
                int n = (int) Math.min(BLOCK, elements - first);
                long g = Lanes.widened(gradient.dtype(), gradient.at(0, first), n, scratch);
                readSigned(means.at(block), means.scale(block), m, n);
                readSquare(squares.at(block), squares.scale(block), v, n);
                CpuAdam.update(w.at(0, first), g, m, v, numbers, n);
                writeSigned(m, means.rescale(block, largest(m, n)), means.at(block), n);
                writeSquare(v, squares.rescale(block, largest(v, n)), squares.at(block), n);
                copy.ifPresent(c -> Lanes.toBf16(w.at(0, first), c.at(0, first), n));
                scratch.reset(mark);
            }
        });
    }

    /** Where codes and scales lie. */
    private record Codes(long codes, long scales) {
        static Codes of(QuantizedMoments x) {
            return new Codes(x.codes().address(), x.scales().address());
        }

        long at(int block) {
            return codes + (long) block * BLOCK;
        }

        float scale(int block) {
            return Lanes.get(scales + 4L * block);
        }

        /** Sets the scale; what numbers are multiplied by to lie between −1 and 1. */
        float rescale(int block, float largest) {
            Lanes.set(scales + 4L * block, largest);
            return 1 / Math.max(largest, Float.MIN_NORMAL);
        }
    }

    /** How many of n numbers whole vectors cover: none where a vector has fewer lanes than the shortest has bytes. */
    private static int bound(int n) {
        return BYTES.length() == WIDTH ? Lanes.bound(n) : 0;
    }

    private static FloatVector loadCodes(long address) {
        var ints = (IntVector)
                ByteVector.fromMemorySegment(BYTES, ALL, address, NATIVE).convertShape(B2I, INTS, 0);
        return (FloatVector) ints.convert(I2F, 0);
    }

    private static void storeCodes(long address, IntVector codes) {
        ((ByteVector) codes.convertShape(I2B, BYTES, 0)).intoMemorySegment(ALL, address, NATIVE);
    }

    private static byte code(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    private static void readSigned(long codes, float scale, long m, int n) {
        int i = 0;
        for (; i < bound(n); i += WIDTH) {
            var ratio = loadCodes(codes + i).div(127f);
            store(m + 4L * i, ratio.mul(ratio.abs()).mul(scale));
        }
        for (; i < n; i++) {
            float ratio = code(codes + i) / 127f;
            Lanes.set(m + 4L * i, ratio * Math.abs(ratio) * scale);
        }
    }

    private static void readSquare(long codes, float scale, long v, int n) {
        int i = 0;
        for (; i < bound(n); i += WIDTH) {
            var ratio = loadCodes(codes + i).add(128f).div(255f);
            var root = ratio.mul(ratio);
            store(v + 4L * i, root.mul(root).mul(scale));
        }
        for (; i < n; i++) {
            float ratio = (code(codes + i) + 128) / 255f;
            float root = ratio * ratio;
            Lanes.set(v + 4L * i, root * root * scale);
        }
    }

    private static float largest(long x, int n) {
        var top = FloatVector.zero(FloatVector.SPECIES_PREFERRED);
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            top = top.max(load(x + 4L * i).abs());
        }
        float largest = Lanes.max(top);
        for (; i < n; i++) {
            largest = Math.max(largest, Math.abs(Lanes.get(x + 4L * i)));
        }
        return largest;
    }

    private static void writeSigned(long m, float inverse, long codes, int n) {
        int i = 0;
        for (; i < bound(n); i += WIDTH) {
            var ms = load(m + 4L * i);
            var root = ms.abs().mul(inverse).lanewise(SQRT);
            var size = (IntVector) root.mul(127f).add(0.5f).convert(F2I, 0);
            // All ones where m is negative: the complement, less minus one, is the negative.
            var sign = ms.reinterpretAsInts().lanewise(ASHR, 31);
            storeCodes(codes + i, size.lanewise(XOR, sign).sub(sign));
        }
        for (; i < n; i++) {
            float each = Lanes.get(m + 4L * i);
            int size = (int) ((float) Math.sqrt(Math.abs(each) * inverse) * 127f + 0.5f);
            ALL.set(ValueLayout.JAVA_BYTE, codes + i, (byte) (each < 0 ? -size : size));
        }
    }

    /** A square above zero gets at least the code above zero's. */
    private static void writeSquare(long v, float inverse, long codes, int n) {
        int i = 0;
        for (; i < bound(n); i += WIDTH) {
            var vs = load(v + 4L * i);
            var root = vs.mul(inverse).lanewise(SQRT).lanewise(SQRT);
            var size = (IntVector) root.mul(255f).add(0.5f).convert(F2I, 0);
            var least = vs.reinterpretAsInts().neg().lanewise(LSHR, 31); // 1 above zero
            storeCodes(codes + i, size.max(least).sub(128));
        }
        for (; i < n; i++) {
            float each = Lanes.get(v + 4L * i);
            int size = (int) ((float) Math.sqrt((float) Math.sqrt(each * inverse)) * 255f + 0.5f);
            ALL.set(ValueLayout.JAVA_BYTE, codes + i, (byte) (Math.max(size, each > 0 ? 1 : 0) - 128));
        }
    }
}
