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
import dev.cria.model.EndOfText;
import dev.cria.model.ModelConfig;
import dev.cria.run.WeightsId;
import dev.cria.tokenizer.Roles;
import dev.cria.tokenizer.Roles.Frame;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.DataTokenizer;
import dev.cria.tune.OpenModel;
import dev.cria.weights.ModelPlace;
import dev.cria.weights.Models;
import dev.cria.weights.NamedModel;
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
            Optional<String> tokenizer,
            Roles.Adding addBos) {

        /** Refuses a request that asks for nothing. */
        void require() {
            if (benchmarks.isEmpty() && data.isEmpty()) {
                throw new RequestException(
                        "there is nothing to measure: neither --benchmarks nor --data is given",
                        "--benchmarks DIR with rows, or --data DIR with token shards");
            }
            if (limit < 0) {
                throw new RequestException("--limit is " + limit + ", below 0", "--limit 0 for all");
            }
        }
    }

    /** A model to be measured; no benchmarks where only the validation loss is asked for. */
    record Candidate(
            NamedModel model,
            Path place,
            ModelConfig config,
            Optional<Tokenizer> tokenizer,
            Optional<Evaluation> evaluation) {

        /** The same of another checkpoint of its run. */
        Candidate at(Path other) {
            return new Candidate(new NamedModel(other.toString(), other), other, config, tokenizer, evaluation);
        }

        String name() {
            return model.shown(place);
        }
    }

    private final What what;
    private final ComputeOptions compute;
    private final Progress progress;

    EvalRun(What what, ComputeOptions compute, Progress progress) {
        this.what = what;
        compute.refuseInt8();
        this.compute = compute;
        this.progress = progress;
    }

    void run(List<NamedModel> models, Optional<Path> samples, Optional<Path> json) {
        what.require();
        List<Evaluated> evaluated = new ArrayList<>();
        for (Candidate candidate : candidates(models)) {
            evaluated.add(measure(candidate));
            System.out.print(EvaluationText.of(evaluated.getLast()));
        }
        System.out.print(EvaluationText.summary(evaluated));
        System.out.print(EvaluationText.comparisons(evaluated));
        samples.ifPresent(directory -> EvaluationReport.writeSamples(evaluated, directory));
        json.ifPresent(
                file -> AtomicFiles.write(file, EvaluationReport.json(evaluated).toPrettyString() + "\n"));
    }

    /** Refuses whatever is wrong with any of the models or rows before the first weight is loaded. */
    List<Candidate> candidates(List<NamedModel> models) {
        Map<String, Evaluation> byTokenizer = new HashMap<>();
        List<Candidate> candidates = new ArrayList<>();
        for (NamedModel model : models) {
            Path place = ModelPlace.of(model.path());
            ModelConfig config = Models.readConfig(place);
            Optional<Tokenizer> tokenizer = tokenizer(place);
            tokenizer.ifPresent(t -> requireFit(t, config, place));
            ModelScorer.requireLength(positions(config), config);
            Optional<Evaluation> evaluation = what.benchmarks().map(directory -> {
                Tokenizer needed = tokenizer.orElseThrow(() -> new RequestException(
                        place + " has no tokenizer.json, and benchmarks are texts",
                        Tokenizers.conversion(place).orElse("--tokenizer gpt2, or a directory")));
                return byTokenizer.computeIfAbsent(needed.fingerprint(), _ -> loaded(directory, needed));
            });
            candidates.add(new Candidate(model, place, config, tokenizer, evaluation));
        }
        return candidates;
    }

    private void requireFit(Tokenizer tokenizer, ModelConfig config, Path place) {
        ModelScorer.requireFit(tokenizer, config);
        String name = what.tokenizer().orElse(place.toString());
        what.data().ifPresent(shards -> DataTokenizer.require(shards, tokenizer, name, "--tokenizer "));
        EndOfText.warning(config, tokenizer).ifPresent(progress::say);
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

    /** What is put around texts is told, for it moves scores. */
    private Evaluation loaded(Path directory, Tokenizer tokenizer) {
        Frame frame = tokenizer.roles().frame(what.addBos());
        Evaluation evaluation =
                Evaluation.load(directory, what.tasks(), what.limit(), what.convention(), tokenizer, frame);
        progress.say("texts are scored %s (--add-bos %s)"
                .formatted(
                        frame.before().length == 0
                                ? "without a token before them"
                                : "after " + tokenizer.decode(frame.before()),
                        what.addBos().name().toLowerCase(Locale.ROOT)));
        return evaluation;
    }

    int positions(ModelConfig config) {
        return what.maxLength().orElse(config.positions());
    }

    private Evaluated measure(Candidate candidate) {
        long start = System.nanoTime();
        try (OpenModel open = compute.open(candidate.place())) {
            var scorer = new ModelScorer(open.model(), open.kernels(), positions(candidate.config()));
            var results = candidate
                    .evaluation()
                    .map(evaluation -> evaluation.run(scorer, progress))
                    .orElse(List.of());
            var validation = what.data().map(_ -> validation(open, candidate));
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Evaluated(candidate.name(), results, validation, config(candidate, seconds));
        }
    }

    ValidationLoss.Result validation(OpenModel open, Candidate candidate) {
        ModelConfig config = candidate.config();
        try (Shards shards = Shards.open(what.data().orElseThrow())) {
            var windows = shards.windows(
                    Split.VALIDATION, positions(config), config.vocabSize(), new WindowOrder.Sequential());
            return new ValidationLoss(open.model(), open.kernels(), candidate.tokenizer())
                    .over(windows, what.limit(), progress);
        }
    }

    private Map<String, Object> config(Candidate candidate, double seconds) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("model", candidate.name());
        WeightsId.of(candidate.place()).ifPresent(weights -> weights.putInto(config));
        config.put("convention", what.convention().id());
        config.put("num_fewshot", 0);
        config.put("precision", compute.precision().name().toLowerCase(Locale.ROOT));
        config.put("device", compute.device().toString());
        config.put("max_length", positions(candidate.config()));
        config.put("limit", what.limit());
        candidate.tokenizer().ifPresent(t -> {
            config.put("tokenizer", t.fingerprint());
            config.put("add_bos", t.roles().frame(what.addBos()).before().length > 0);
        });
        config.put("seconds", seconds);
        return config;
    }
}
