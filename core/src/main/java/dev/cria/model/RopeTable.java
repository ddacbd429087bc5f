package dev.cria.model;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** The cosines and sines of every position, computed in float64. */
final class RopeTable {

    private RopeTable() {}

    /** [positions, 2, headDim/2]: cosines, then sines of position·theta^(−2i/headDim). The caller closes it. */
    static Tensor of(LlamaConfig config, DType dtype, Device device) {
        int half = config.headDim() / 2;
        int positions = config.positions();
        double[] table = new double[positions * 2 * half];
        for (int i = 0; i < half; i++) {
            double frequency = config.ropeScaling().scale(Math.pow(config.ropeTheta(), -2.0 * i / config.headDim()));
            for (int position = 0; position < positions; position++) {
                table[position * 2 * half + i] = Math.cos(position * frequency);
                table[position * 2 * half + half + i] = Math.sin(position * frequency);
            }
        }
        Tensor made = Tensor.empty(dtype, device, positions, 2, half);
        try (Tensor exact = Tensor.empty(DType.FLOAT64, Device.CPU, positions, 2, half)) {
            exact.copyFrom(MemorySegment.ofArray(table));
            made.copyFrom(exact);
        }
        return made;
    }
}
