package dev.cria.demo;

import dev.cria.Progress;
import dev.cria.eval.BenchmarkResult;
import dev.cria.eval.Convention;
import dev.cria.eval.Evaluated;
import dev.cria.eval.Evaluation;
import dev.cria.eval.EvaluationReport;
import dev.cria.eval.FactualAccuracy;
import dev.cria.eval.ModelScorer;
import dev.cria.format.AtomicFiles;
import dev.cria.run.WeightsId;
import dev.cria.train.TrainerState;
import dev.cria.weights.ModelPlace;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the trained model knows: the seven benchmarks in wordings that no document has, the same on facts that no document
 * states, and for each checkpoint how many facts it prefers to false ones.
 */
record Examination(DemoSize size, DemoFiles files, Progress progress) {
    /** Of each split; the standard error is then at most 2.5 points. */
    private static final int MOST_FACTS = 300;

    private static final double TWO_ERRORS = 2;
    private static final JsonMapper JSON = new JsonMapper();

    void run() {
        Path last = ModelPlace.of(files.run());
        try (OpenModel open = OpenModel.open(last)) {
            List<BenchmarkResult> told = benchmarks(open, last, "benchmarks", "eval.json");
            benchmarks(open, last, "heldout", "heldout.json");
            long above = told.stream().filter(Examination::isAboveChance).count();
            progress.say(above + " of " + told.size() + " benchmarks are two standard errors or more above chance");
        }
        facts();
    }

    static boolean isAboveChance(BenchmarkResult result) {
        var score = result.headline();
        return score.value() - result.chance() >= TWO_ERRORS * score.standardError();
    }

    private List<BenchmarkResult> benchmarks(OpenModel open, Path checkpoint, String folder, String file) {
        Path rows = files.primer().resolve(folder);
        var evaluation = Evaluation.load(rows, List.of(), size.rowsPerTask(), Convention.HARNESS, open.tokenizer());
        List<BenchmarkResult> results = evaluation.run(new ModelScorer(open.model(), open.kernels()), progress);
        Map<String, Object> config =
                new LinkedHashMap<>(Map.of("benchmarks", rows.toString(), "limit", size.rowsPerTask()));
        WeightsId.of(checkpoint).ifPresent(weights -> weights.putInto(config));
        var evaluated = new Evaluated(checkpoint.toString(), results, Optional.empty(), config);
        write(file, EvaluationReport.json(List.of(evaluated)).toPrettyString());
        StringBuilder words = new StringBuilder("%-11s".formatted(folder));
        results.forEach(result -> words.append(String.format(
                Locale.ROOT,
                "%s %.1f%%  ",
                result.benchmark().id(),
                100 * result.headline().value())));
        progress.say(words.toString().strip());
        return results;
    }

    /** A line a checkpoint, so that the report can show what was learned when. */
    private void facts() {
        int most = size.rowsPerTask() == 0 ? MOST_FACTS : 2 * size.rowsPerTask();
        ArrayNode lines = JSON.createArrayNode();
        for (Path checkpoint : ModelPlace.allOf(files.run())) {
            try (OpenModel open = OpenModel.open(checkpoint)) {
                var scorer = new ModelScorer(open.model(), open.kernels());
                var known = FactualAccuracy.of(
                        files.primer().resolve("facts.jsonl"), most, open.tokenizer(), scorer, progress);
                ObjectNode line = lines.addObject()
                        .put("step", TrainerState.read(checkpoint).step())
                        .put(
                                "weights_sha256",
                                WeightsId.of(checkpoint).orElseThrow().sha256());
                known.forEach((split, k) -> line.putObject(split)
                        .put("accuracy", k.accuracy().value())
                        .put("stderr", k.accuracy().standardError())
                        .put("facts", k.facts())
                        .put("true_stated", k.trueStated())
                        .put("wrong_stated", k.wrongStated()));
            }
        }
        write("facts.json", lines.toPrettyString());
    }

    private void write(String file, String json) {
        AtomicFiles.write(files.run().resolve(file), json + "\n");
    }
}
