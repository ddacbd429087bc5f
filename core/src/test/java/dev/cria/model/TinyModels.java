package dev.cria.model;

import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Tape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.weights.Models;

/** Small random models of both families whose weights are large enough that nothing about them is uniform. */
public final class TinyModels {
    public static final int VOCABULARY = 53;
    private static final long[] IDS = {5, 17, 3, 40, 8, 52, 0, 31, 9};

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

    /** A model of the family that is called llama or gpt2. */
    public static LanguageModel of(String family, int positions, DType dtype) {
        return family.equals("llama") ? llama(positions, dtype) : gpt2(positions, dtype);
    }

    /** The logits after one row of nine tokens, by the fast kernels. */
    public static float[] logits(LanguageModel model) {
        try (var scope = new Scope();
                var tape = new Tape(Kernels.of(Device.CPU, Kernels.Choice.AUTO), Tape.Mode.INFERENCE)) {
            var tokens = Tokens.of(scope, Device.CPU, IDS, 1, 0);
            var hidden = model.hidden(tape, tokens, Attention.wholeRows());
            return tape.logits(hidden.data(), model.output()).toFloats();
        }
    }
}
