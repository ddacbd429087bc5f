package dev.cria.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A line of {@code metrics.jsonl} or {@code samples.jsonl}. A number that is not finite is {@code null} there. */
public sealed interface Line {

    /** What the names of numbers of averaged weights begin with. */
    String EMA = "ema_";

    /** The step that was taken, or before which something was evaluated. */
    long step();

    /** The line's keys and values in their order. */
    Map<String, @Nullable Object> toJson();

    /** What a line says; empty where it is none of these. */
    static Optional<Line> of(JsonNode json) {
        if (!json.path("step").isIntegralNumber()) {
            return Optional.empty();
        }
        if (json.has("loss")) {
            return Optional.of(Step.of(json));
        }
        if (json.has("val_loss")) {
            return Optional.of(new Validation(json.path("step").asLong(), number(json, "val_loss")));
        }
        if (json.path("benchmarks").isObject()) {
            return Optional.of(Benchmarks.of(json, ""));
        }
        if (json.has(EMA + "val_loss")) {
            return Optional.of(
                    new Averaged(new Validation(json.path("step").asLong(), number(json, EMA + "val_loss"))));
        }
        if (json.path(EMA + "benchmarks").isObject()) {
            return Optional.of(new Averaged(Benchmarks.of(json, EMA)));
        }
        return json.has("text") ? Optional.of(Sample.of(json)) : Optional.empty();
    }

    /** Whether the line holds for a run that resumes at a step, which it will take and not evaluate again. */
    default boolean isBefore(long resumed) {
        return switch (this) {
            case Step s -> s.step < resumed;
            case Validation _, Benchmarks _, Averaged _, Sample _ -> step() <= resumed;
        };
    }

    /**
     * A finished step.
     *
     * @param tokens seen so far, this step's included
     * @param mfu the model's operations as a share of the machine's peak
     * @param elapsedSeconds of training so far, over all segments
     * @param outcome whether the weights were moved
     * @param parts seconds by part of the step, where it is profiled
     * @param rankTokensPerSecond of each rank, where it is profiled
     */
    record Step(
            long step,
            double loss,
            double learningRate,
            double gradientNorm,
            long tokens,
            double tokensPerSecond,
            double mfu,
            double elapsedSeconds,
            Outcome outcome,
            Map<String, Double> parts,
            List<Long> rankTokensPerSecond)
            implements Line {

        /** What became of a step. */
        public enum Outcome {
            MOVED,
            SKIPPED
        }

        public Step {
            tokensPerSecond = rounded(tokensPerSecond);
            mfu = rounded(mfu);
            elapsedSeconds = rounded(elapsedSeconds);
        }

        private static Step of(JsonNode json) {
            Map<String, Double> parts = new LinkedHashMap<>();
            json.properties().stream()
                    .filter(e -> e.getKey().endsWith("_s")
                            && !e.getKey().equals("tokens_per_s")
                            && !e.getKey().equals("elapsed_s")
                            && e.getValue().isNumber())
                    .forEach(e -> parts.put(e.getKey(), e.getValue().doubleValue()));
            List<Long> ranks = new ArrayList<>();
            json.path("rank_tokens_per_s").forEach(speed -> ranks.add(speed.asLong()));
            return new Step(
                    json.path("step").asLong(),
                    number(json, "loss"),
                    number(json, "lr"),
                    number(json, "grad_norm"),
                    json.path("tokens").asLong(0),
                    number(json, "tokens_per_s"),
                    number(json, "mfu"),
                    number(json, "elapsed_s"),
                    json.path("skipped").asBoolean(false) ? Outcome.SKIPPED : Outcome.MOVED,
                    parts,
                    ranks);
        }

        @Override
        public Map<String, @Nullable Object> toJson() {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("step", step);
            json.put("loss", finite(loss));
            json.put("lr", finite(learningRate));
            json.put("grad_norm", finite(gradientNorm));
            json.put("tokens", tokens);
            json.put("tokens_per_s", finite(tokensPerSecond));
            json.put("mfu", finite(mfu));
            json.put("elapsed_s", finite(elapsedSeconds));
            if (outcome == Outcome.SKIPPED) {
                json.put("skipped", true);
            }
            json.putAll(parts);
            if (!rankTokensPerSecond.isEmpty()) {
                json.put("rank_tokens_per_s", rankTokensPerSecond);
            }
            return json;
        }
    }

    /** The validation loss before a step. */
    record Validation(long step, double loss) implements Line {
        @Override
        public Map<String, @Nullable Object> toJson() {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("step", step);
            json.put("val_loss", finite(loss));
            return json;
        }
    }

    /**
     * Benchmarks before a step: metrics by name, by task.
     *
     * @param convention by which they were scored
     */
    record Benchmarks(long step, String convention, Map<String, Map<String, Double>> tasks) implements Line {
        private static Benchmarks of(JsonNode json, String prefix) {
            Map<String, Map<String, Double>> tasks = new LinkedHashMap<>();
            json.path(prefix + "benchmarks").forEachEntry((task, metrics) -> {
                Map<String, Double> numbers = new LinkedHashMap<>();
                metrics.forEachEntry((metric, value) -> {
                    if (value.isNumber()) {
                        numbers.put(metric, value.doubleValue());
                    }
                });
                tasks.put(task, numbers);
            });
            return new Benchmarks(
                    json.path("step").asLong(), json.path("convention").asString("harness"), tasks);
        }

        @Override
        public Map<String, @Nullable Object> toJson() {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("step", step);
            json.put("benchmarks", tasks);
            json.put("convention", convention);
            return json;
        }
    }

    /**
     * A validation or benchmarks of the average of the weights instead of the weights.
     *
     * @param line what they would be called of the weights
     */
    record Averaged(Line line) implements Line {
        public Averaged {
            if (!(line instanceof Validation) && !(line instanceof Benchmarks)) {
                throw new IllegalArgumentException(line + " is measured of no weights");
            }
        }

        /** What was found out of averaged weights; of others' lines there is none. */
        public static Optional<Line> of(Line line) {
            return switch (line) {
                case Validation _, Benchmarks _ -> Optional.of(new Averaged(line));
                case Step _, Averaged _, Sample _ -> Optional.empty();
            };
        }

        @Override
        public long step() {
            return line.step();
        }

        @Override
        public Map<String, @Nullable Object> toJson() {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            line.toJson()
                    .forEach((key, value) ->
                            json.put(key.equals("val_loss") || key.equals("benchmarks") ? EMA + key : key, value));
            return json;
        }
    }

    /** A completion before a step. */
    record Sample(long step, String prompt, long seed, String text) implements Line {
        /** The text without the prompt in front of it, where another program repeats it there. */
        public String completion() {
            return text.startsWith(prompt) ? text.substring(prompt.length()) : text;
        }

        private static Sample of(JsonNode json) {
            return new Sample(
                    json.path("step").asLong(),
                    json.path("prompt").asString(""),
                    json.path("seed").asLong(0),
                    json.path("text").asString(""));
        }

        @Override
        public Map<String, @Nullable Object> toJson() {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("step", step);
            json.put("prompt", prompt);
            json.put("seed", seed);
            json.put("text", text);
            return json;
        }
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static double number(JsonNode json, String key) {
        JsonNode value = json.path(key);
        return value.isNumber() ? value.doubleValue() : Double.NaN;
    }

    /** To six digits: clocks are no better. */
    private static double rounded(double value) {
        return Double.isFinite(value) ? Double.parseDouble(String.format(Locale.ROOT, "%.6g", value)) : Double.NaN;
    }
}
