package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.Redaction;
import dev.cria.RequestException;
import dev.cria.eval.FactualAccuracy;
import dev.cria.eval.ModelScorer;
import dev.cria.eval.judge.Agreement;
import dev.cria.eval.judge.EndpointJudge;
import dev.cria.eval.judge.JudgedPassages;
import dev.cria.eval.judge.Judgement;
import dev.cria.eval.judge.Passage;
import dev.cria.eval.judge.PassagePerplexity;
import dev.cria.eval.judge.Prompts;
import dev.cria.eval.judge.ScoringSheet;
import dev.cria.eval.judge.Usage;
import dev.cria.generate.Generator;
import dev.cria.generate.Sampling;
import dev.cria.run.WeightsId;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.tune.OpenModel;
import dev.cria.weights.ModelPlace;
import dev.cria.weights.Models;
import dev.cria.weights.NamedModel;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One run of {@code cria judge}: completions by every model, then the judges, then the table. */
final class JudgeRun {
    /** Of a checkpoint's folder, or of a revision, which published runs name likewise. */
    private static final Pattern STEP = Pattern.compile("(?:.*[/@])?step-?(\\d+)");

    private static final int MOST_FACTS = 500;

    /** How completions are written. */
    record Writing(
            int maxNewTokens,
            double temperature,
            int topK,
            long seed,
            Optional<String> tokenizer,
            ComputeOptions compute) {}

    /** Who judges. */
    record Judges(
            Optional<URI> endpoint, Optional<String> model, List<Double> price, boolean sheet, Optional<Path> facts) {}

    /** A directory with a model, and its name in tables. */
    private record Writer(String name, Path place) {
        long step() {
            Matcher matcher = STEP.matcher(name);
            return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
        }
    }

    private final Path out;
    private final Progress progress;

    JudgeRun(Path out, Progress progress) {
        this.out = out;
        this.progress = progress;
    }

    /** Adds the judgements of filled sheets to the passages that they were made of. */
    void importScores(List<Path> sheets) {
        ScoringSheet sheet = ScoringSheet.beside(out);
        List<Judgement> judgements = new ArrayList<>();
        sheets.forEach(file -> judgements.addAll(sheet.read(file)));
        JudgedPassages judged = JudgedPassages.read(out)
                .orElseGet(() -> new JudgedPassages(sheet.passages(), List.of(), Map.of()))
                .with(judgements);
        judged.write(out);
        show(judged);
    }

    private static void show(JudgedPassages judged) {
        System.out.print(Redaction.lines(judged.table()));
        if (judged.judges().size() < 2) {
            return;
        }
        System.out.println("Krippendorff's alpha of " + Redaction.line(String.join(", ", judged.judges())));
        Agreement.of(judged.judgements())
                .forEach((criterion, alpha) -> System.out.printf(
                        Locale.ROOT,
                        "%-24s %s%n",
                        criterion.title(),
                        alpha.isPresent() ? "%.2f".formatted(alpha.getAsDouble()) : "none: all scores are equal"));
    }

    void judge(List<NamedModel> models, Optional<Path> prompts, Writing writing, Judges judges) {
        if (models.isEmpty()) {
            throw new RequestException("there is no model to judge", "./cria judge RUN --prompts FILE --out FILE");
        }
        writing.compute().refuseInt8();
        if (judges.endpoint().isPresent() != judges.model().isPresent()) {
            throw new RequestException(
                    "--endpoint and --judge-model belong together", "--endpoint URL --judge-model NAME");
        }
        if (!judges.price().isEmpty() && judges.price().size() != 2) {
            throw new RequestException("--price has " + judges.price().size() + " numbers, not two", "--price 0.5,1.5");
        }
        List<Writer> writers = models.stream().flatMap(JudgeRun::writers).toList();
        List<String> texts = prompts.map(Prompts::read).orElse(Prompts.OF_THE_PAPER);
        writers.forEach(writer ->
                ModelScorer.requireFit(tokenizer(writer.place(), writing), Models.readConfig(writer.place())));
        List<Passage> passages = new ArrayList<>();
        Map<String, Double> perplexities = new HashMap<>();
        try (Progress.Task task = progress.begin("complete", "prompts", (long) writers.size() * texts.size())) {
            for (Writer writer : writers) {
                try (OpenModel open = OpenModel.open(
                        writer.place(),
                        writing.compute().device(),
                        writing.compute().precision())) {
                    passages.addAll(completions(open, writer, texts, passages.size(), writing, task));
                    if (writer.equals(writers.getLast())) {
                        perplexities.putAll(measure(open, tokenizer(writer.place(), writing), passages, judges));
                    }
                }
            }
        }
        finish(passages, perplexities, writing, judges);
    }

    private static Stream<Writer> writers(NamedModel model) {
        return ModelPlace.allOf(model.path()).stream().map(place -> new Writer(model.shown(place), place));
    }

    private static Tokenizer tokenizer(Path place, Writing writing) {
        return writing.tokenizer().map(Tokenizers::named).orElseGet(() -> Tokenizers.load(place));
    }

    private static List<Passage> completions(
            OpenModel open, Writer writer, List<String> prompts, int before, Writing writing, Progress.Task task) {
        Tokenizer tokenizer = tokenizer(writer.place(), writing);
        OpenModel known = new OpenModel(open.model(), open.kernels(), Optional.of(tokenizer), open.generation());
        var sampling = new Sampling(writing.temperature(), writing.topK(), 1);
        var options = known.options(writing.maxNewTokens(), sampling, writing.seed(), 1);
        var generator = new Generator(open.model(), open.kernels());
        String weights = WeightsId.of(writer.place()).map(WeightsId::sha256).orElse("");
        List<Passage> passages = new ArrayList<>();
        for (String prompt : prompts) {
            int[] ids = generator
                    .generate(tokenizer.roles().frame().around(tokenizer.encode(prompt)), options)
                    .getFirst()
                    .ids();
            String id = Integer.toString(before + passages.size() + 1);
            passages.add(new Passage(id, writer.name(), weights, writer.step(), prompt, tokenizer.decode(ids)));
            task.advance(1);
        }
        return passages;
    }

    /** What the last model makes of all passages, and of the facts. */
    private Map<String, Double> measure(OpenModel open, Tokenizer tokenizer, List<Passage> passages, Judges judges) {
        ModelScorer scorer = new ModelScorer(open.model(), open.kernels());
        judges.facts()
                .map(facts -> FactualAccuracy.of(facts, MOST_FACTS, tokenizer, scorer, progress))
                .ifPresent(splits -> splits.forEach((split, known) -> System.out.printf(
                        Locale.ROOT,
                        "facts %s: %.1f%% ± %.1f of %d known, guessing reaches 25%%%n",
                        split,
                        100 * known.accuracy().value(),
                        100 * known.accuracy().standardError(),
                        known.facts())));
        return PassagePerplexity.of(passages, tokenizer, scorer, progress);
    }

    private void finish(List<Passage> passages, Map<String, Double> perplexities, Writing writing, Judges judges) {
        // Scores that stand there already and are of these very texts stay: people's beside a model's.
        List<Judgement> earlier = JudgedPassages.read(out).map(JudgedPassages::judgements).orElse(List.of()).stream()
                .filter(judgement -> passages.contains(judgement.passage()))
                .toList();
        List<Judgement> judgements = judges.endpoint().isPresent() ? ask(passages, judges) : List.of();
        JudgedPassages judged = new JudgedPassages(passages, earlier, perplexities).with(judgements);
        judged.write(out);
        show(judged);
        if (judges.sheet()) {
            ScoringSheet sheet = ScoringSheet.beside(out);
            sheet.write(passages, writing.seed());
            progress.say("scoring sheet " + sheet.files().get(0) + ", for spreadsheets "
                    + sheet.files().get(1) + "; keep " + sheet.files().get(2) + " from the raters");
        }
    }

    private List<Judgement> ask(List<Passage> passages, Judges judges) {
        Path cache = out.resolveSibling(out.getFileName() + ".cache");
        Optional<String> key =
                Optional.ofNullable(System.getenv("OPENAI_API_KEY")).filter(k -> !k.isBlank());
        try (var judge = new EndpointJudge(
                        judges.endpoint().orElseThrow(), judges.model().orElseThrow(), key, cache);
                Progress.Task task = progress.begin("judge", "passages", passages.size())) {
            List<Judgement> judgements = new ArrayList<>();
            for (Passage passage : passages) {
                judgements.add(new Judgement(passage, judge.name(), judge.score(passage)));
                task.advance(1);
            }
            progress.say(used(judge.usage(), judges.price()));
            return judgements;
        }
    }

    private static String used(Usage usage, List<Double> price) {
        String tokens = "judge read %,d and wrote %,d tokens in %d requests, %d passages from the cache"
                .formatted(usage.promptTokens(), usage.completionTokens(), usage.requests(), usage.fromCache());
        return price.isEmpty()
                ? tokens
                : tokens + "  cost %.4f".formatted(usage.cost(price.getFirst(), price.getLast()));
    }
}
