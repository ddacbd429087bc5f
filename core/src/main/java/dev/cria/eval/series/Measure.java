package dev.cria.eval.series;

import dev.cria.eval.Benchmark;
import dev.cria.eval.Convention;
import dev.cria.eval.Evaluation;
import dev.cria.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is measured and how: two numbers of the same measure may be compared, and one that there is already need not be
 * measured again.
 *
 * @param task a benchmark's name, or {@link #VALIDATION}
 * @param convention by which it is scored
 * @param settings all else that a number depends on: precision, max_length, tokenizer, add_bos, questions_sha256
 */
public record Measure(String task, String convention, Map<String, Object> settings) {
    /** The loss on the validation shard. */
    public static final String VALIDATION = "validation";

    /** The keys of a line that are settings. */
    static final List<String> KEYS =
            List.of("precision", "max_length", "add_bos", "tokenizer", "questions_sha256", "data", "limit");

    public Measure {
        settings = Map.copyOf(settings);
    }

    /** How a model is asked. */
    public record Asking(String precision, int maxLength) {
        /** As {@code --precision} calls a type. */
        public static String precision(DType type) {
            return switch (type) {
                case FLOAT32 -> "fp32";
                case BFLOAT16 -> "bf16";
                case FLOAT16 -> "fp16";
                default -> throw new IllegalArgumentException("no model computes in " + type);
            };
        }
    }

    /** A benchmark on the rows of an evaluation. */
    public static Measure of(Evaluation evaluation, Benchmark benchmark, Asking asking) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("precision", asking.precision());
        settings.put("max_length", asking.maxLength());
        settings.put("add_bos", evaluation.framing().addBos());
        settings.put("tokenizer", evaluation.framing().tokenizer());
        settings.put("questions_sha256", evaluation.questionsSha256(benchmark));
        return new Measure(benchmark.id(), evaluation.convention().id(), settings);
    }

    /** The loss on the first windows of the validation shard of a directory. */
    public static Measure validation(String data, int limit, Asking asking) {
        return new Measure(
                VALIDATION,
                "windows",
                Map.of(
                        "precision",
                        asking.precision(),
                        "max_length",
                        asking.maxLength(),
                        "data",
                        data,
                        "limit",
                        limit));
    }

    /** By what a reader would ask for first where there are several: the harness' numbers. */
    boolean isOfHarness() {
        return convention.equals(Convention.HARNESS.id());
    }

    /** The hash of the questions, where they are some. */
    String questions() {
        return String.valueOf(settings.getOrDefault("questions_sha256", ""));
    }
}
