package dev.cria.model;

import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;

/** Small random models of both families whose weights are large enough that nothing about them is uniform. */
public final class TinyModels {
    public static final int VOCABULARY = 53;

    private TinyModels() {}

    public static LlamaConfig llamaConfig(int positions) {
        return new LlamaConfig(
                VOCABULARY, 24, 40, 3, 4, 2, 6, positions, 1e-5, 10000, new RopeScaling.None(), false, 0.3, -1, -1);
    }

    public static Gpt2Config gpt2Config(int positions) {
        return new Gpt2Config(VOCABULARY, 24, 96, 3, 4, positions, 1e-5, 0.3, -1, -1);
    }

    public static LanguageModel llama(int positions, DType dtype) {
        return Models.create(llamaConfig(positions), Device.CPU, Storage.inference(dtype), 7);
    }

    public static LanguageModel gpt2(int positions, DType dtype) {
        return Models.create(gpt2Config(positions), Device.CPU, Storage.inference(dtype), 7);
    }
}
