package dev.cria.speedrun;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.ShardManifest;
import dev.cria.format.ConfigFile;
import dev.cria.primer.PrimerOptions;
import dev.cria.primer.PrimerShards;
import dev.cria.train.Recipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The nano model on Primer's tokens, as the demo trains it, where no other configuration is given. */
record PrimerRecipe(Path out) {
    private static final int VOCABULARY = 4096;
    private static final long SHARD_TOKENS = 1 << 16;
    private static final long SEED = 1337;
    private static final int EVALUATIONS = 20;

    private Path tokenizer() {
        return out.resolve("tokenizer");
    }

    private Path data() {
        return out.resolve("data");
    }

    /**
     * Decays to nothing, so that every rate has the same schedule in proportion; no benchmarks, samples or checkpoints
     * beside the last.
     *
     * @param steps the horizon
     */
    Recipe recipe(long steps, List<String> overrides) {
        if (steps < EVALUATIONS) {
            throw new RequestException("--steps is " + steps + ", not at least " + EVALUATIONS, "--steps 1000");
        }
        List<String> settings = new ArrayList<>(List.of(
                "model={preset: nano, vocab_size: " + VOCABULARY + "}",
                ConfigFile.setting("tokenizer", tokenizer().toString()),
                ConfigFile.setting("out", out.toString()),
                ConfigFile.setting("data.path", data().toString()),
                "data.order=shuffled",
                "batch={sequence_length: 256, micro_batch: 4, tokens_per_step: 1024}",
                "schedule={kind: cosine, learning_rate: 1.2e-3, min_learning_rate: 0, warmup_steps: " + steps / 20
                        + ", steps: " + steps + "}",
                "validation={every: " + steps / EVALUATIONS + ", batches: 8}",
                "benchmarks.every=0",
                "samples.every=0",
                "checkpoint={every: 0, keep: 1, keep_every: 0}",
                "log.tensorboard=false"));
        settings.addAll(overrides);
        return ConfigFile.defaults(Recipe.defaults(), settings);
    }

    /** Writes corpus, tokenizer and shards where they are not there yet; the shards' manifest is written last. */
    void write(Progress progress) {
        if (Files.exists(data().resolve(ShardManifest.NAME))) {
            return;
        }
        progress.say("── Primer, its tokenizer and its shards");
        PrimerShards shards = shards();
        shards.writeCorpus(progress);
        shards.trainTokenizer(progress);
        shards.writeShards(Optional.empty(), progress);
    }

    private PrimerShards shards() {
        return new PrimerShards(
                out.resolve("primer"),
                tokenizer(),
                data(),
                new PrimerOptions(PrimerOptions.Size.DEMO, SEED),
                VOCABULARY,
                SHARD_TOKENS);
    }
}
