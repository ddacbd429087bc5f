package dev.cria.model;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** The cosines and sines of every position, computed in float64. */
final class RopeTable {

    private RopeTable() {}

    /** [positions, 2, headDim/2]: cosines, then sines of position·theta^(−2i/headDim), as they are scaled. The caller closes it. */
    static Tensor of(LlamaConfig config, DType dtype, Device device) {
        RopeScaling scaling = config.ropeScaling();
        double factor = scaling.attentionFactor();
        int half = config.headDim() / 2;
        int positions = config.positions();
        double[] table = new double[positions * 2 * half];
        for (int i = 0; i < half; i++) {
            double frequency = scaling.frequency(config.ropeTheta(), config.headDim(), i);
            for (int position = 0; position < positions; position++) {
                table[position * 2 * half + i] = factor * Math.cos(position * frequency);
                table[position * 2 * half + half + i] = factor * Math.sin(position * frequency);
            }
        }
        return dtype == DType.FLOAT32 && device.isCpu()
                ? Tensor.of(floats(table), positions, 2, half)
                : converted(table, dtype, device, positions, 2, half);
    }

    private static float[] floats(double[] exact) {
        float[] rounded = new float[exact.length];
        for (int i = 0; i < exact.length; i++) {
            rounded[i] = (float) exact[i];
        }
        return rounded;
    }

    private static Tensor converted(double[] table, DType dtype, Device device, long... shape) {
        Tensor made = Tensor.empty(dtype, device, shape);
        try (Tensor exact = Tensor.empty(DType.FLOAT64, Device.CPU, shape)) {
            exact.copyFrom(MemorySegment.ofArray(table));
            made.copyFrom(exact);
        }
        return made;
    }
}
