package dev.cria.eval;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Results in the harness' shapes: the JSON of {@code --json}, the files of {@code --samples}; and as lines to read. */
public final class EvaluationReport {
    private static final JsonMapper JSON = JsonMapper.shared();

    private EvaluationReport() {}

    /** {@code {"results": {task: {"acc,none": …}}, "n-samples": …, "config": …}}. */
    public static ObjectNode json(List<BenchmarkResult> results, Map<String, ?> config) {
        ObjectNode json = JSON.createObjectNode();
        ObjectNode tasks = json.putObject("results");
        ObjectNode samples = json.putObject("n-samples");
        for (BenchmarkResult result : results) {
            ObjectNode task = tasks.putObject(result.benchmark().id());
            task.put("alias", result.benchmark().id());
            result.metrics().forEach((name, value) -> {
                if (Double.isNaN(value)) {
                    task.put(name + ",none", "N/A");
                } else {
                    task.put(name + ",none", value);
                }
            });
            result.yesShare().ifPresent(yes -> task.put("said_yes", yes.said()).put("is_yes", yes.isTrue()));
            task.put("chance", result.chance());
            samples.putObject(result.benchmark().id())
                    .put("original", result.available())
                    .put("effective", result.documents().size())
                    .put("cut_on_the_left", result.cutDocuments());
        }
        json.set("config", JSON.valueToTree(config));
        return json;
    }

    /** Writes {@code samples_{task}.jsonl}, a line a document in order. */
    public static void writeSamples(List<BenchmarkResult> results, Path directory) throws IOException {
        Files.createDirectories(directory);
        for (BenchmarkResult result : results) {
            Path file = directory.resolve("samples_" + result.benchmark().id() + ".jsonl");
            try (BufferedWriter out = Files.newBufferedWriter(file)) {
                for (DocumentScore score : result.documents()) {
                    out.write(sample(result.benchmark(), score).toString());
                    out.write('\n');
                }
            }
        }
    }

    private static ObjectNode sample(Benchmark benchmark, DocumentScore score) {
        ObjectNode line = JSON.createObjectNode().put("doc", score.document()).put("gold", score.gold());
        score.logLikelihoods().forEach(line.putArray("lls")::add);
        line.put("acc", score.isRight() ? 1.0 : 0.0);
        if (benchmark.hasAccNorm()) {
            line.put("acc_norm", score.isRightByLength() ? 1.0 : 0.0);
        }
        return line;
    }

    /** A table in Markdown: each benchmark's accuracies with their standard errors beside what guessing reaches. */
    public static String table(List<BenchmarkResult> results) {
        StringBuilder table = new StringBuilder();
        table.append("| benchmark     | documents |     acc ± stderr | acc_norm ± stderr | chance |\n");
        table.append("|:--------------|----------:|-----------------:|------------------:|-------:|\n");
        for (BenchmarkResult result : results) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %-13s | %9d | %16s | %17s | %5.1f%% |\n",
                    result.benchmark().id(),
                    result.documents().size(),
                    shown(result.acc()),
                    result.accNorm().map(EvaluationReport::shown).orElse(""),
                    100 * result.chance()));
        }
        for (BenchmarkResult result : results) {
            result.yesShare()
                    .ifPresent(yes -> table.append(String.format(
                            Locale.ROOT,
                            "%s: yes said %.1f%%, yes true %.1f%%\n",
                            result.benchmark().id(),
                            100 * yes.said(),
                            100 * yes.isTrue())));
            if (result.cutDocuments() > 0) {
                table.append("%s: %d of %d documents longer than the model, cut on the left\n"
                        .formatted(
                                result.benchmark().id(),
                                result.cutDocuments(),
                                result.documents().size()));
            }
        }
        return table.toString();
    }

    private static String shown(Accuracy accuracy) {
        return String.format(Locale.ROOT, "%.2f%% ± %.2f", 100 * accuracy.value(), 100 * accuracy.standardError());
    }
}
