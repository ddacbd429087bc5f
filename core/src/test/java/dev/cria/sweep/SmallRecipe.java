package dev.cria.sweep;

import dev.cria.format.ConfigFile;
import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import dev.cria.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A model of some thousand weights on shards of some thousand tokens, trained for 24 steps. */
public final class SmallRecipe {
    private SmallRecipe() {}

    /** Writes the shards where there are none, and returns the configuration. */
    public static Recipe in(Path folder, String... overrides) throws IOException {
        Path data = folder.resolve("data");
        if (!Files.exists(data)) {
            Files.createDirectories(data);
            shard(data, "t_train_000001.npy", 5000);
            shard(data, "t_val_000000.npy", 600);
        }
        List<String> settings = new ArrayList<>(List.of(
                "model={hidden_size: 24, intermediate_size: 40, num_hidden_layers: 2, num_attention_heads: 2,"
                        + " vocab_size: 61}",
                "tokenizer=none",
                ConfigFile.setting("data.path", data.toString()),
                "batch={sequence_length: 16, micro_batch: 2, tokens_per_step: 32}",
                "schedule={learning_rate: 0.01, min_learning_rate: 0, warmup_steps: 2, steps: 24}",
                "precision.compute=fp32",
                "validation={every: 4, batches: 4}",
                "benchmarks.every=0",
                "checkpoint.every=4",
                "log.tensorboard=false",
                "device=cpu"));
        settings.addAll(Stream.of(overrides).toList());
        return ConfigFile.defaults(Recipe.defaults(), settings);
    }

    static void shard(Path data, String name, int length) throws IOException {
        int[] tokens = IntStream.range(0, length).map(i -> (i * i + i / 7) % 61).toArray();
        Npy.write(data.resolve(name), NpyType.UINT16, tokens);
    }
}
