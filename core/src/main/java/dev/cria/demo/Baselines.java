package dev.cria.demo;

import dev.cria.data.Batch;
import dev.cria.data.Shard;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.data.WindowOrder;
import dev.cria.data.Windows;
import dev.cria.eval.NgramBaselines;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.run.RunFiles;
import dev.cria.run.WeightsId;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.train.Recipe;
import dev.cria.weights.ModelPlace;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The model's validation loss beside those of n-gram models that were fitted on the very tokens that it has seen, all
 * in nats a token of the same validation shard.
 *
 * @param trigram interpolated Kneser-Ney
 * @param bytesPerToken of the validation text, for bits a byte
 */
record Baselines(double unigram, double bigram, double trigram, double model, double bytesPerToken) {
    private static final String FILE = "baselines.json";
    private static final JsonMapper JSON = new JsonMapper();

    static Baselines measure(Path run, Tokenizer tokenizer, DemoSize size) {
        Recipe recipe = ConfigFile.read(run.resolve("config.yaml"), Recipe.defaults(), List.of());
        try (Shards shards = Shards.open(Path.of(recipe.data().path()))) {
            int[] seen = seen(shards, recipe, size);
            int[] heldOut = all(shards.of(Split.VALIDATION));
            var losses = NgramBaselines.fit(size.vocabulary(), seen).losses(heldOut);
            double bytes = 0;
            for (int id : heldOut) {
                bytes += tokenizer.bytes(id).length;
            }
            return new Baselines(
                    losses.unigram(), losses.bigram(), losses.trigram(), lastValidation(run), bytes / heldOut.length);
        }
    }

    /** The tokens of the windows that the steps went through; of an epoch at most, since counting twice adds nothing. */
    private static int[] seen(Shards shards, Recipe recipe, DemoSize size) {
        WindowOrder order = new WindowOrder.Shuffled(recipe.seed());
        Windows windows = shards.windows(Split.TRAIN, size.sequenceLength(), size.vocabulary(), order);
        long count = Math.min(
                windows.count(), recipe.schedule().steps() * recipe.batch().windowsPerStep());
        int[] tokens = new int[Math.toIntExact(count * size.sequenceLength())];
        int at = 0;
        try (Arena arena = Arena.ofConfined()) {
            Batch batch = Batch.allocate(arena, 1, size.sequenceLength());
            for (long window = 0; window < count; window++) {
                windows.read(window, batch);
                for (int column = 0; column < size.sequenceLength(); column++) {
                    tokens[at++] = (int) batch.input(0, column);
                }
            }
        }
        return tokens;
    }

    private static int[] all(List<Shard> shards) {
        return shards.stream()
                .flatMapToInt(shard -> IntStream.range(0, Math.toIntExact(shard.length()))
                        .map(i -> shard.tokens().tokenAt(i)))
                .toArray();
    }

    private static double lastValidation(Path run) {
        return new RunFiles(run).validations().getLast().loss();
    }

    /** What {@link #write} has written. */
    static Baselines read(Path run) {
        JsonNode numbers = JSON.readTree(run.resolve(FILE));
        return new Baselines(
                numbers.path("unigram").asDouble(),
                numbers.path("bigram").asDouble(),
                numbers.path("kneser_ney_trigram").asDouble(),
                numbers.path("model").asDouble(),
                numbers.path("bytes_per_token").asDouble());
    }

    void write(Path run) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        WeightsId.of(ModelPlace.of(run)).ifPresent(weights -> weights.putInto(numbers));
        numbers.put("unigram", unigram);
        numbers.put("bigram", bigram);
        numbers.put("kneser_ney_trigram", trigram);
        numbers.put("model", model);
        numbers.put("bytes_per_token", bytesPerToken);
        AtomicFiles.write(run.resolve(FILE), JSON.writeValueAsString(numbers) + "\n");
    }

    double bitsPerByte(double nats) {
        return nats / Math.log(2) / bytesPerToken;
    }
}
