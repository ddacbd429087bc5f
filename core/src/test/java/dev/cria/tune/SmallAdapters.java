package dev.cria.tune;

import dev.cria.model.LlamaConfig;
import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import dev.cria.weights.Models;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Random;

/** Adapters that change much of what a small model says. */
public final class SmallAdapters {
    private SmallAdapters() {}

    /** Writes a random adapter of rank 4 for models of this shape; returns the directory. */
    public static Path write(LlamaConfig config, Path directory) {
        var lora = new Lora(4, 8, 0, Lora.ALL_TARGETS);
        Storage storage = Storage.training(DType.FLOAT32, DType.FLOAT32);
        var random = new Random(11);
        try (Adapters made = Adapters.allocate(
                config,
                lora.rank(),
                lora.alpha() / lora.rank(),
                Adapters.isOneOf(lora.targets()),
                Device.CPU,
                storage)) {
            made.parameters().list().forEach(parameter -> randomize(parameter, random));
            PeftFiles.write(made, lora, "base", directory, Models::weights);
        }
        return directory;
    }

    private static void randomize(Parameter parameter, Random random) {
        double[] numbers = random.doubles(parameter.elements(), -0.3, 0.3).toArray();
        try (Tensor wide =
                Tensor.empty(DType.FLOAT64, Device.CPU, parameter.value().shape())) {
            wide.copyFrom(MemorySegment.ofArray(numbers));
            parameter.value().copyFrom(wide);
        }
    }
}
