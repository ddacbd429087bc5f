package dev.cria.eval;

import dev.cria.format.AtomicFiles;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Results in the harness' shapes: the JSON of {@code --json} and the files of {@code --samples}. */
public final class EvaluationReport {
    private static final JsonMapper JSON = JsonMapper.shared();

    private EvaluationReport() {}

    /**
     * {@code {"results": {task: {"acc,none": …}}, "n-samples": …, "config": …}}; of several models the first one's, with
     * all of them under {@code models} and their comparisons with the first under {@code comparisons}.
     */
    public static ObjectNode json(List<Evaluated> models) {
        ObjectNode json = json(models.getFirst());
        if (models.size() > 1) {
            ArrayNode all = json.putArray("models");
            models.forEach(model -> all.add(json(model)));
            ArrayNode comparisons = json.putArray("comparisons");
            models.stream().skip(1).forEach(other -> comparisons.add(comparison(models.getFirst(), other)));
        }
        return json;
    }

    private static ObjectNode json(Evaluated model) {
        ObjectNode json = JSON.createObjectNode();
        ObjectNode tasks = json.putObject("results");
        ObjectNode samples = json.putObject("n-samples");
        for (BenchmarkResult result : model.benchmarks()) {
            tasks.set(result.benchmark().id(), metrics(result));
            samples.putObject(result.benchmark().id())
                    .put("original", result.available())
                    .put("effective", result.documents().size())
                    .put("cut_on_the_left", result.cutDocuments());
        }
        model.validation().ifPresent(validation -> {
            ObjectNode node = json.putObject("validation");
            node.put("loss", validation.loss());
            validation.bitsPerByte().ifPresent(bits -> node.put("bits_per_byte", bits));
            node.put("perplexity", validation.perplexity()).put("tokens", validation.tokens());
            ArrayNode positions = node.putArray("loss_by_position");
            for (double loss : validation.lossByPosition()) {
                positions.add(loss);
            }
        });
        json.set("config", JSON.valueToTree(model.config()));
        return json;
    }

    private static ObjectNode metrics(BenchmarkResult result) {
        ObjectNode task =
                JSON.createObjectNode().put("alias", result.benchmark().id());
        result.metrics().forEach((name, value) -> {
            if (Double.isNaN(value)) {
                task.put(name + ",none", "N/A");
            } else {
                task.put(name + ",none", value);
            }
        });
        result.yesShare().ifPresent(yes -> task.put("said_yes", yes.said()).put("is_yes", yes.isTrue()));
        return task.put("chance", result.chance());
    }

    private static ObjectNode comparison(Evaluated a, Evaluated b) {
        ObjectNode json = JSON.createObjectNode().put("a", a.model()).put("b", b.model());
        ObjectNode tasks = json.putObject("tasks");
        a.against(b).forEach((benchmark, paired) -> tasks.set(benchmark.id(), JSON.valueToTree(paired)));
        return json;
    }

    /**
     * Writes {@code samples_{task}.jsonl}, a line a document in order; of several models each into a directory named by
     * its number.
     */
    public static void writeSamples(List<Evaluated> models, Path directory) {
        try {
            for (int i = 0; i < models.size(); i++) {
                Path own = models.size() == 1 ? directory : directory.resolve(Integer.toString(i + 1));
                Files.createDirectories(own);
                for (BenchmarkResult result : models.get(i).benchmarks()) {
                    writeSamples(
                            result, own.resolve("samples_" + result.benchmark().id() + ".jsonl"));
                }
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(directory, e);
        }
    }

    private static void writeSamples(BenchmarkResult result, Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (DocumentScore score : result.documents()) {
                out.write(sample(result.benchmark(), score).toString());
                out.write('\n');
            }
        }
    }

    /** A line about one document. */
    public static ObjectNode sample(Benchmark benchmark, DocumentScore score) {
        ObjectNode line = JSON.createObjectNode().put("doc", score.document()).put("gold", score.gold());
        score.logLikelihoods().forEach(line.putArray("lls")::add);
        line.put("acc", score.isRight() ? 1.0 : 0.0);
        if (benchmark.hasAccNorm()) {
            line.put("acc_norm", score.isRightByLength() ? 1.0 : 0.0);
        }
        return line;
    }
}
