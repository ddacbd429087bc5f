package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.data.WindowOrder;
import dev.cria.eval.Convention;
import dev.cria.eval.Evaluated;
import dev.cria.eval.Evaluation;
import dev.cria.eval.EvaluationReport;
import dev.cria.eval.EvaluationText;
import dev.cria.eval.ModelScorer;
import dev.cria.eval.ValidationLoss;
import dev.cria.format.AtomicFiles;
import dev.cria.model.ModelConfig;
import dev.cria.model.ModelPlace;
import dev.cria.model.Models;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** One run of {@code cria eval}: everything is read and checked first, then each model is loaded and measured. */
final class EvalRun {

    /** What to measure. */
    record What(
            List<String> tasks,
            Optional<Path> benchmarks,
            Optional<Path> data,
            int limit,
            Convention convention,
            OptionalInt maxLength,
            Optional<String> tokenizer) {}

    /** A model to be measured; no benchmarks where only the validation loss is asked for. */
    private record Candidate(
            Path place, ModelConfig config, Optional<Tokenizer> tokenizer, Optional<Evaluation> evaluation) {}

    private final What what;
    private final ComputeOptions compute;
    private final Progress progress;

    EvalRun(What what, ComputeOptions compute, Progress progress) {
        this.what = what;
        compute.refuseInt8();
        this.compute = compute;
        this.progress = progress;
    }

    void run(List<Path> models, Optional<Path> samples, Optional<Path> json) {
        if (what.benchmarks().isEmpty() && what.data().isEmpty()) {
            throw new RequestException(
                    "there is nothing to measure on", "--benchmarks DIR with rows, or --data DIR with token shards");
        }
        if (what.limit() < 0) {
            throw new RequestException("--limit is " + what.limit() + ", below 0", "--limit 0 for all");
        }
        List<Evaluated> evaluated = new ArrayList<>();
        for (Candidate candidate : candidates(models)) {
            evaluated.add(measure(candidate));
            System.out.print(EvaluationText.of(evaluated.getLast()));
        }
        System.out.print(EvaluationText.comparisons(evaluated));
        samples.ifPresent(directory -> EvaluationReport.writeSamples(evaluated, directory));
        json.ifPresent(
                file -> AtomicFiles.write(file, EvaluationReport.json(evaluated).toPrettyString() + "\n"));
    }

    /** Refuses whatever is wrong with any of the models or rows before the first weight is loaded. */
    private List<Candidate> candidates(List<Path> models) {
        Map<String, Evaluation> byTokenizer = new HashMap<>();
        List<Candidate> candidates = new ArrayList<>();
        for (Path model : models) {
            Path place = ModelPlace.of(model);
            ModelConfig config = Models.readConfig(place);
            Optional<Tokenizer> tokenizer = tokenizer(place);
            tokenizer.ifPresent(t -> requireFit(t, config));
            ModelScorer.requireLength(positions(config), config);
            Optional<Evaluation> evaluation = what.benchmarks().map(directory -> {
                Tokenizer needed = tokenizer.orElseThrow(() -> new RequestException(
                        place + " has no tokenizer.json, and benchmarks are texts",
                        "--tokenizer gpt2, or a directory"));
                return byTokenizer.computeIfAbsent(
                        needed.fingerprint(),
                        _ -> Evaluation.load(directory, what.tasks(), what.limit(), what.convention(), needed));
            });
            candidates.add(new Candidate(place, config, tokenizer, evaluation));
        }
        return candidates;
    }

    private void requireFit(Tokenizer tokenizer, ModelConfig config) {
        ModelScorer.requireFit(tokenizer, config);
        if (tokenizer.vocabularySize() < config.vocabSize() / 2) {
            progress.say("the tokenizer has %d ids and the model's vocabulary %d: is it the model's own?"
                    .formatted(tokenizer.vocabularySize(), config.vocabSize()));
        }
    }

    private Optional<Tokenizer> tokenizer(Path place) {
        if (what.tokenizer().isPresent()) {
            return what.tokenizer().map(Tokenizers::named);
        }
        return Files.isRegularFile(place.resolve("tokenizer.json"))
                ? Optional.of(Tokenizers.load(place))
                : Optional.empty();
    }

    private int positions(ModelConfig config) {
        return what.maxLength().orElse(config.positions());
    }

    private Evaluated measure(Candidate candidate) {
        long start = System.nanoTime();
        try (OpenModel open = OpenModel.open(candidate.place(), compute)) {
            var scorer = new ModelScorer(open.model(), open.kernels(), positions(candidate.config()));
            var results = candidate
                    .evaluation()
                    .map(evaluation -> evaluation.run(scorer, progress))
                    .orElse(List.of());
            var validation = what.data().map(shards -> validation(open, candidate, shards));
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Evaluated(candidate.place().toString(), results, validation, config(candidate, seconds));
        }
    }

    private ValidationLoss.Result validation(OpenModel open, Candidate candidate, Path directory) {
        ModelConfig config = candidate.config();
        try (Shards shards = Shards.open(directory)) {
            var windows = shards.windows(
                    Split.VALIDATION, positions(config), config.vocabSize(), new WindowOrder.Sequential());
            return new ValidationLoss(open.model(), open.kernels(), candidate.tokenizer())
                    .over(windows, what.limit(), progress);
        }
    }

    private Map<String, Object> config(Candidate candidate, double seconds) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("model", candidate.place().toString());
        config.put("convention", what.convention().id());
        config.put("num_fewshot", 0);
        config.put("precision", compute.precision().name().toLowerCase(Locale.ROOT));
        config.put("device", compute.device().toString());
        config.put("max_length", positions(candidate.config()));
        config.put("limit", what.limit());
        candidate.tokenizer().ifPresent(t -> config.put("tokenizer", t.fingerprint()));
        config.put("seconds", seconds);
        return config;
    }
}
