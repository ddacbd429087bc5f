package dev.cria.train;

import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.model.ModelConfig;
import dev.cria.model.Presets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A pretraining for a text, a machine and a time. The model is the largest that the time trains on twenty tokens a
 * parameter, which is what a given number of operations is best spent on (Hoffmann et al. 2022, "Training Compute-Optimal
 * Large Language Models", approach 1 and 2), unless the text runs out first: it is read four times at most, for as long
 * repeated tokens are worth nearly as much as new ones (Muennighoff et al. 2023, "Scaling Data-Constrained Language
 * Models"). Batch and learning rate follow from the operations (DeepSeek-AI 2024, "DeepSeek LLM", section 3.1).
 *
 * @param shape of the model
 * @param tokens to train on, over all epochs
 * @param limit what decides how long the training is
 */
public record Suggestion(
        TextSize text,
        double hours,
        Shape shape,
        long tokens,
        int tokensPerStep,
        int sequenceLength,
        int microBatch,
        double learningRate,
        Limit limit) {
    private static final double TOKENS_PER_PARAMETER = 20;
    private static final double MOST_EPOCHS = 4;

    /** Validation, samples and checkpoints take the rest. */
    private static final double SHARE_OF_STEPS = 0.9;

    /** Below this a batch's rows keep no core busy; above it so few tokens would be too few steps. */
    private static final int SMALLEST_STEP = 1024;

    private static final int FEWEST_STEPS = 200;

    /** From here on a text does not decide the model's size: smaller ones are not better on a small text, only faster. */
    private static final int SMALL_MODEL = 2;

    /** Beyond it small models become unsteady. */
    private static final double HIGHEST_RATE = 3e-3;

    /** Models that the field has trained, from the smallest that writes words. */
    private static final List<Shape> SHAPES = List.of(
            new Shape(128, 4, 4, 2),
            new Shape(192, 6, 6, 2),
            new Shape(256, 6, 8, 4),
            new Shape(384, 8, 6, 2),
            new Shape(512, 8, 8, 4),
            new Shape(640, 10, 10, 5),
            new Shape(768, 12, 12, 4),
            new Shape(1024, 16, 16, 4),
            new Shape(1280, 20, 20, 4),
            new Shape(1536, 24, 24, 8),
            new Shape(2048, 24, 32, 8),
            new Shape(2048, 36, 32, 8));

    /** What decides how long the training is. */
    public enum Limit {
        TIME,
        TEXT
    }

    /** Sizes of a LLaMA; the feed-forward is 8/3 times as wide as the model, in multiples of 64. */
    public record Shape(int hidden, int layers, int heads, int kvHeads) {
        int intermediate() {
            return (hidden * 8 / 3 + 63) / 64 * 64;
        }

        Map<String, Object> keys(int vocabulary, int positions) {
            Map<String, Object> keys = new LinkedHashMap<>();
            keys.put("hidden_size", hidden);
            keys.put("intermediate_size", intermediate());
            keys.put("num_hidden_layers", layers);
            keys.put("num_attention_heads", heads);
            keys.put("num_key_value_heads", kvHeads);
            keys.put("vocab_size", (vocabulary + 127) / 128 * 128);
            keys.put("max_position_embeddings", positions);
            keys.put("tie_word_embeddings", vocabulary > hidden * 8);
            return keys;
        }
    }

    /**
     * What computes.
     *
     * @param flops a second that training reaches
     * @param room bytes of memory that it may take, besides those of the JVM and its libraries
     */
    public record Machine(double flops, double room) {}

    /** The largest vocabulary whose table is not most of the model that the time is enough for. */
    public static int mostVocabulary(Machine machine, double hours) {
        double parameters = Math.sqrt(machine.flops() * hours * 3600 / (6 * TOKENS_PER_PARAMETER));
        return parameters < 2e7 ? 4096 : parameters < 8e7 ? 16_384 : Integer.MAX_VALUE;
    }

    /** @throws RequestException if not even the smallest model comes to anything in the time or the memory */
    public static Suggestion of(TextSize text, Machine machine, double hours) {
        double operations = machine.flops() * hours * 3600 * SHARE_OF_STEPS;
        Suggestion best = null;
        for (int i = 0; i < SHAPES.size(); i++) {
            Suggestion candidate = of(text, hours, SHAPES.get(i), operations);
            boolean enoughTime = operations / candidate.flopsPerToken()
                    >= Math.min(TOKENS_PER_PARAMETER * candidate.parameters(), candidate.mostTokens());
            boolean enoughText =
                    i <= SMALL_MODEL || candidate.mostTokens() >= TOKENS_PER_PARAMETER * candidate.parameters();
            if (i == 0 || enoughTime && enoughText) {
                best = candidate.fitting(machine.room()) ? candidate.inRoom(machine.room()) : best;
            }
        }
        if (best == null || best.steps() < 1) {
            throw new RequestException(
                    "%.3g hours on this machine are too few for the smallest model".formatted(hours),
                    "--hours 1 is a start");
        }
        return best;
    }

    private static Suggestion of(TextSize text, double hours, Shape shape, double operations) {
        int positions = shape.hidden() <= 256 ? 256 : shape.hidden() <= 640 ? 512 : 1024;
        var blank = new Suggestion(text, hours, shape, 0, SMALLEST_STEP, positions, 1, HIGHEST_RATE, Limit.TIME);
        double inTime = operations / blank.flopsPerToken();
        long tokens = (long) Math.min(inTime, blank.mostTokens());
        double spent = tokens * blank.flopsPerToken();
        int step = powerOfTwo(Math.min(0.2920 * Math.pow(spent, 0.3271), (double) tokens / FEWEST_STEPS));
        double rate = Math.min(0.3118 * Math.pow(spent, -0.1250), HIGHEST_RATE);
        int tokensPerStep = Math.max(step, Math.max(SMALLEST_STEP, positions));
        return new Suggestion(
                text,
                hours,
                shape,
                tokens,
                tokensPerStep,
                positions,
                Math.min(tokensPerStep / positions, 32),
                rounded(rate),
                inTime <= blank.mostTokens() ? Limit.TIME : Limit.TEXT);
    }

    private static int powerOfTwo(double atMost) {
        return Integer.highestOneBit((int) Math.max(1, Math.min(atMost, 1 << 19)));
    }

    /** To two digits: nobody knows it better. */
    private static double rounded(double value) {
        double scale = Math.pow(10, Math.floor(Math.log10(value)) - 1);
        return Math.round(value / scale) * scale;
    }

    private double mostTokens() {
        return MOST_EPOCHS * text.trainingTokens();
    }

    ModelConfig config() {
        return Presets.resolve(shape.keys(text.vocabulary(), sequenceLength), sequenceLength);
    }

    long parameters() {
        return config().parameterCount();
    }

    private double flopsPerToken() {
        return config().flopsPerToken(sequenceLength);
    }

    public long steps() {
        return tokens / tokensPerStep;
    }

    public double epochs() {
        return (double) steps() * tokensPerStep / text.trainingTokens();
    }

    /** Of the whole training. */
    double operations() {
        return (double) steps() * tokensPerStep * flopsPerToken();
    }

    private boolean fitting(double room) {
        return withMicroBatch(1).bytes() <= room;
    }

    /** With as many rows in one forward as the memory holds. */
    private Suggestion inRoom(double room) {
        Suggestion smaller = this;
        while (smaller.bytes() > room) {
            smaller = smaller.withMicroBatch(smaller.microBatch / 2);
        }
        return smaller;
    }

    private Suggestion withMicroBatch(int rows) {
        return new Suggestion(text, hours, shape, tokens, tokensPerStep, sequenceLength, rows, learningRate, limit);
    }

    private long bytes() {
        TrainingPlan plan = TrainingPlan.of(recipe());
        return plan.memory().needed(plan.device(), 0);
    }

    /** What the configuration that this is written as says of sizes. */
    Recipe recipe() {
        return ConfigFile.defaults(Recipe.defaults(), settings());
    }

    private List<String> settings() {
        return List.of(
                ConfigFile.setting("model", shape.keys(text.vocabulary(), sequenceLength)),
                ConfigFile.setting("batch.sequence_length", sequenceLength),
                ConfigFile.setting("batch.micro_batch", microBatch),
                ConfigFile.setting("batch.tokens_per_step", tokensPerStep));
    }
}
