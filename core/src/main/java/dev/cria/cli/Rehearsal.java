package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.model.Presets;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.VectorApi;
import dev.cria.tokenizer.BpeTrainer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.weights.Models;
import dev.cria.weights.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Does once what later starts of Cria will do, so that the JVM can note the classes that this takes and keep them ready
 * in an archive. The launcher runs it when it builds. What it prints is of no use.
 */
public final class Rehearsal {
    private static final String PROMPT = "A llama is";
    private static final String TEXT = PROMPT + " a long-haired animal, and a cria is a young llama.";

    /** As small as every kernel of a larger model still takes. */
    private static final Map<String, Object> MODEL = Map.of(
            "vocab_size", 320,
            "hidden_size", 64,
            "intermediate_size", 128,
            "num_hidden_layers", 2,
            "num_attention_heads", 2,
            "num_key_value_heads", 2);

    private static final int POSITIONS = 64;

    private Rehearsal() {}

    public static void main(String[] args) throws IOException {
        VectorApi.load();
        Path directory = Files.createTempDirectory("cria-rehearsal");
        int code;
        try {
            code = run(directory);
        } finally {
            delete(directory);
        }
        System.exit(code);
    }

    /**
     * Writes a small model of random weights and generates with it in each precision.
     *
     * @return the first exit code that was not 0, else 0
     */
    static int run(Path directory) {
        writeModel(directory);
        int code = Main.run("--help");
        for (Precision precision : Precision.values()) {
            int next = Main.run(
                    "generate",
                    directory.toString(),
                    "--prompt",
                    PROMPT,
                    "--max-new-tokens",
                    "8",
                    "--device",
                    "cpu",
                    "--precision",
                    precision.name().toLowerCase(Locale.ROOT));
            code = code == 0 ? next : code;
        }
        return code;
    }

    private static void writeModel(Path directory) {
        var config = Presets.resolve(MODEL, POSITIONS);
        try (var model = Models.create(config, Device.CPU, Storage.inference(DType.FLOAT32), 1)) {
            Models.save(model, directory, DType.FLOAT32);
        }
        var tokenizer = BpeTrainer.train(Stream.of(TEXT), BpeTrainer.SMALLEST_VOCABULARY + 8, Progress.silent());
        Tokenizers.save(tokenizer, directory);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
