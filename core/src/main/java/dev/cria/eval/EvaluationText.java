package dev.cria.eval;

import java.util.List;
import java.util.Locale;

/** Results as lines to read; the tables are Markdown. */
public final class EvaluationText {
    private EvaluationText() {}

    /** One model: its accuracies with standard errors beside what guessing reaches, and its validation loss. */
    public static String of(Evaluated model) {
        StringBuilder text = new StringBuilder(model.model()).append('\n');
        if (!model.benchmarks().isEmpty()) {
            table(model.benchmarks(), text);
        }
        model.validation().ifPresent(validation -> {
            text.append(format("validation loss %.4f", validation.loss()));
            validation.bitsPerByte().ifPresent(bits -> text.append(format("  bits per byte %.4f", bits)));
            text.append(format("  perplexity %.2f  tokens %,d\n", validation.perplexity(), validation.tokens()));
        });
        return text.toString();
    }

    private static void table(List<BenchmarkResult> results, StringBuilder text) {
        text.append("| benchmark     | documents |     acc ± stderr | acc_norm ± stderr | chance |\n");
        text.append("|:--------------|----------:|-----------------:|------------------:|-------:|\n");
        for (BenchmarkResult result : results) {
            text.append(format(
                    "| %-13s | %9d | %16s | %17s | %5.1f%% |\n",
                    result.benchmark().id(),
                    result.documents().size(),
                    shown(result.acc()),
                    result.accNorm().map(EvaluationText::shown).orElse(""),
                    100 * result.chance()));
        }
        for (BenchmarkResult result : results) {
            String name = result.benchmark().id();
            result.yesShare()
                    .ifPresent(yes -> text.append(format(
                            "%s: yes said %.1f%%, yes true %.1f%%\n", name, 100 * yes.said(), 100 * yes.isTrue())));
            if (result.cutDocuments() > 0) {
                text.append(format(
                        "%s: %d of %d documents longer than the model, cut on the left\n",
                        name, result.cutDocuments(), result.documents().size()));
            }
        }
    }

    private static String shown(Accuracy accuracy) {
        return Double.isNaN(accuracy.standardError())
                ? format("%.2f%%", 100 * accuracy.value())
                : format("%.2f%% ± %.2f", 100 * accuracy.value(), 100 * accuracy.standardError());
    }

    /** All models in one table, a row each; empty where there is one alone. A benchmark's own measure is shown. */
    public static String summary(List<Evaluated> models) {
        if (models.size() < 2) {
            return "";
        }
        List<BenchmarkResult> benchmarks = models.getFirst().benchmarks();
        boolean validated = models.getFirst().validation().isPresent();
        StringBuilder text = new StringBuilder("| model |");
        benchmarks.forEach(one -> text.append(
                format(" %s %s |", one.benchmark().id(), one.accNorm().isPresent() ? "acc_norm" : "acc")));
        text.append(validated ? " validation loss |\n" : "\n").append("|:------|");
        text.append("-----:|".repeat(benchmarks.size() + (validated ? 1 : 0))).append('\n');
        for (Evaluated model : models) {
            text.append(format("| %s |", model.model()));
            model.benchmarks()
                    .forEach(one ->
                            text.append(format(" %s |", shown(one.accNorm().orElse(one.acc())))));
            model.validation().ifPresent(loss -> text.append(format(" %.4f |", loss.loss())));
            text.append('\n');
        }
        return text.toString();
    }

    /** The first model against each of the others on the benchmarks; empty where there is one alone. */
    public static String comparisons(List<Evaluated> models) {
        StringBuilder text = new StringBuilder();
        boolean measured = !models.getFirst().benchmarks().isEmpty();
        for (Evaluated other : measured ? models.subList(1, models.size()) : List.<Evaluated>of()) {
            text.append(format("A = %s, B = %s\n", models.getFirst().model(), other.model()));
            text.append("| benchmark     |  B − A, points (95 %)  | A alone | B alone | McNemar p |\n");
            text.append("|:--------------|-----------------------:|--------:|--------:|----------:|\n");
            models.getFirst()
                    .against(other)
                    .forEach((benchmark, paired) -> text.append(format(
                            "| %-13s | %+6.2f (%+6.2f, %+6.2f) | %7d | %7d | %9.4f |\n",
                            benchmark.id(),
                            100 * paired.difference(),
                            100 * paired.low(),
                            100 * paired.high(),
                            paired.onlyA(),
                            paired.onlyB(),
                            paired.pValue())));
        }
        return text.toString();
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
