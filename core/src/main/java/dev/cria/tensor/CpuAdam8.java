package dev.cria.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * {@link Kernels#adamW8}, a block of {@link Quantized#BLOCK} at a time: its moments become floats, move, and become
 * codes again while they lie in the nearest cache. The loops run over short arrays, which the compiler turns into
 * vector instructions by itself; codes may differ by one from the reference's, which rounds halves to even.
 */
final class CpuAdam8 {
    private static final int BLOCK = Quantized.BLOCK;

    /** Blocks of one task. */
    private static final int PIECE = 256;

    private CpuAdam8() {}

    static void step(
            Workers workers,
            Matrix w,
            Matrix gradient,
            Quantized mean,
            Quantized square,
            AdamStep step,
            Optional<Matrix> copy) {
        long elements = w.width();
        int blocks = Math.toIntExact(Quantized.blocks(elements));
        Codes m = Codes.of(mean);
        Codes v = Codes.of(square);
        workers.run((blocks + PIECE - 1) / PIECE, (task, scratch) -> {
            Buffers buffers = new Buffers();
            for (int block = task * PIECE; block < Math.min(blocks, (task + 1) * PIECE); block++) {
                long first = (long) block * BLOCK;
                int n = (int) Math.min(BLOCK, elements - first);
                long wide = Lanes.widened(gradient.dtype(), gradient.at(0, first), n, scratch);
                MemorySegment.copy(Lanes.ALL, ValueLayout.JAVA_FLOAT, wide, buffers.g, 0, n);
                MemorySegment.copy(Lanes.ALL, ValueLayout.JAVA_FLOAT, w.at(0, first), buffers.w, 0, n);
                readSigned(m, block, n, buffers);
                readSquare(v, block, n, buffers);
                update(buffers, step, n);
                writeSigned(m, block, n, buffers);
                writeSquare(v, block, n, buffers);
                MemorySegment.copy(buffers.w, 0, Lanes.ALL, ValueLayout.JAVA_FLOAT, w.at(0, first), n);
                copy.ifPresent(c -> Lanes.narrow(w.at(0, first), c.at(0, first), n));
            }
        });
    }

    /** Where codes and scales lie. */
    private record Codes(long codes, long scales) {
        static Codes of(Quantized x) {
            return new Codes(x.codes().address(), x.scales().address());
        }
    }

    /** One block of everything, as floats. */
    private static final class Buffers {
        final float[] w = new float[BLOCK];
        final float[] g = new float[BLOCK];
        final float[] m = new float[BLOCK];
        final float[] v = new float[BLOCK];
        final byte[] codes = new byte[BLOCK];
    }

    private static void readSigned(Codes x, int block, int n, Buffers b) {
        MemorySegment.copy(Lanes.ALL, ValueLayout.JAVA_BYTE, x.codes() + (long) block * BLOCK, b.codes, 0, n);
        float scale = Lanes.get(x.scales() + 4L * block);
        for (int i = 0; i < n; i++) {
            float ratio = b.codes[i] / 127f;
            b.m[i] = ratio * Math.abs(ratio) * scale;
        }
    }

    private static void readSquare(Codes x, int block, int n, Buffers b) {
        MemorySegment.copy(Lanes.ALL, ValueLayout.JAVA_BYTE, x.codes() + (long) block * BLOCK, b.codes, 0, n);
        float scale = Lanes.get(x.scales() + 4L * block);
        for (int i = 0; i < n; i++) {
            float ratio = (b.codes[i] + 128) / 255f;
            float root = ratio * ratio;
            b.v[i] = root * root * scale;
        }
    }

    private static void update(Buffers b, AdamStep step, int n) {
        float decay = (float) (1 - step.learningRate() * step.weightDecay());
        float scale = (float) step.gradientScale();
        float beta1 = (float) step.beta1();
        float beta2 = (float) step.beta2();
        float rest1 = (float) (1 - step.beta1());
        float rest2 = (float) (1 - step.beta2());
        float correction = (float) (1 / step.biasCorrection2());
        float eps = (float) step.eps();
        float rate = (float) (step.learningRate() / step.biasCorrection1());
        for (int i = 0; i < n; i++) {
            float g = b.g[i] * scale;
            float m = b.m[i] * beta1 + g * rest1;
            float v = b.v[i] * beta2 + g * g * rest2;
            b.m[i] = m;
            b.v[i] = v;
            b.w[i] = b.w[i] * decay - rate * m / ((float) Math.sqrt(v * correction) + eps);
        }
    }

    private static void writeSigned(Codes x, int block, int n, Buffers b) {
        float largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, Math.abs(b.m[i]));
        }
        Lanes.set(x.scales() + 4L * block, largest);
        float inverse = 1 / Math.max(largest, Float.MIN_NORMAL);
        for (int i = 0; i < n; i++) {
            float code = (float) Math.sqrt(Math.abs(b.m[i]) * inverse) * 127f + 0.5f;
            b.codes[i] = (byte) (b.m[i] < 0 ? -(int) code : (int) code);
        }
        MemorySegment.copy(b.codes, 0, Lanes.ALL, ValueLayout.JAVA_BYTE, x.codes() + (long) block * BLOCK, n);
    }

    /** A square above zero gets at least the code above zero's. */
    private static void writeSquare(Codes x, int block, int n, Buffers b) {
        float largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, b.v[i]);
        }
        Lanes.set(x.scales() + 4L * block, largest);
        float inverse = 1 / Math.max(largest, Float.MIN_NORMAL);
        for (int i = 0; i < n; i++) {
            float code = (float) Math.sqrt((float) Math.sqrt(b.v[i] * inverse)) * 255f + 0.5f;
            b.codes[i] = (byte) (Math.max((int) code, b.v[i] > 0 ? 1 : 0) - 128);
        }
        MemorySegment.copy(b.codes, 0, Lanes.ALL, ValueLayout.JAVA_BYTE, x.codes() + (long) block * BLOCK, n);
    }
}
