package dev.cria.model;

import dev.cria.Progress;
import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import dev.cria.tokenizer.BpeTrainer;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.weights.Models;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Model directories with a tokenizer, and what such a model is trained and tested on, small enough to make in every test. */
public final class SmallDirectories {
    public static final int TOKENS = 300;
    public static final Tokenizer TOKENIZER = BpeTrainer.train(
            Stream.of(
                    "A llama is a woolly animal of the high Andes, and a cria is a baby llama.",
                    "The quick brown fox jumps over the lazy dog; the dog, being lazy, does not mind.",
                    "Bread is made from flour, water, salt and yeast, and it is baked in an oven."),
            TOKENS,
            Progress.silent());

    private SmallDirectories() {}

    /** A LLaMA whose vocabulary is padded beyond the tokenizer's, on sharp random weights. */
    public static LlamaConfig llama(RopeScaling scaling, boolean tied) {
        return new LlamaConfig(320, 64, 96, 2, 4, 2, 16, 256, 1e-5, 10000, scaling, tied, 0.12, TOKENS - 1, TOKENS - 1);
    }

    /** A member of LLaMA's family with the same sizes, and other keys of its config.json. */
    public static ModelConfig kin(String modelType, Map<String, Object> keys) {
        Map<String, Object> all =
                new LinkedHashMap<>(llama(new RopeScaling.None(), false).toHuggingFace());
        all.put("model_type", modelType);
        all.putAll(keys);
        return ModelConfig.ofHuggingFace(new HuggingFaceKeys("config.json", all));
    }

    public static Gpt2Config gpt2() {
        return new Gpt2Config(320, 64, 256, 2, 4, 256, 1e-5, 0.12, TOKENS - 1, TOKENS - 1);
    }

    /** Writes a random model of this shape; returns the directory. */
    public static Path write(ModelConfig config, Path directory, DType dtype) {
        try (LanguageModel model =
                Models.create(config, Device.CPU, Storage.training(DType.FLOAT32, DType.FLOAT32), 3)) {
            model.parameters().list().forEach(SmallDirectories::randomizeBias);
            Models.save(model, directory, dtype);
            Tokenizers.save(TOKENIZER, directory);
        }
        return directory;
    }

    /** Writes random tokens of the tokenizer, the same for training and for validation; returns the directory. */
    public static Path writeShards(Path directory) throws IOException {
        Files.createDirectories(directory);
        int[] tokens = new SplittableRandom(3).ints(4000, 0, TOKENS).toArray();
        Npy.write(directory.resolve("t_train_000001.npy"), NpyType.UINT16, tokens);
        Npy.write(directory.resolve("t_val_000000.npy"), NpyType.UINT16, tokens);
        return directory;
    }

    /** Writes rows of PIQA; returns the directory. */
    public static Path writePiqa(Path directory, int rows) throws IOException {
        Files.createDirectories(directory);
        String text = IntStream.range(0, rows)
                .mapToObj(i -> "{\"goal\": \"mind %d\", \"sol1\": \"bake bread\", \"sol2\": \"jump\", \"label\": %d}\n"
                        .formatted(i, i % 2))
                .collect(Collectors.joining());
        Files.writeString(directory.resolve("piqa.jsonl"), text);
        return directory;
    }

    /** New biases are zeros, which hide where they go. */
    private static void randomizeBias(Parameter parameter) {
        if (parameter.spec().name().endsWith("_proj.bias")) {
            double[] numbers =
                    new Random(5).doubles(parameter.elements(), -0.5, 0.5).toArray();
            try (Tensor wide = Tensor.empty(DType.FLOAT64, Device.CPU, numbers.length)) {
                wide.copyFrom(MemorySegment.ofArray(numbers));
                parameter.value().copyFrom(wide);
            }
        }
    }
}
