package dev.cria.eval;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.eval.Convention.EncodedQuestion;
import dev.cria.tokenizer.Roles.Frame;
import dev.cria.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Benchmarks to be run on models: their rows are read and encoded once, whatever the number of models or checkpoints.
 * Reading refuses what is wrong with the rows before anything is computed.
 */
public final class Evaluation {
    /** Documents between two looks at the clock; within them, requests are sorted and batched. */
    private static final int CHUNK = 256;

    private record Loaded(Benchmark benchmark, List<Question> texts, String hash, List<EncodedQuestion> questions) {
        static Loaded of(
                Benchmark benchmark, List<Question> texts, Convention convention, Tokenizer tokenizer, Frame frame) {
            return new Loaded(
                    benchmark,
                    texts,
                    Question.hash(texts),
                    texts.stream()
                            .map(question -> convention.encode(question, tokenizer, frame))
                            .toList());
        }
    }

    private final List<Loaded> benchmarks;
    private final Convention convention;
    private final Framing framing;

    private Evaluation(List<Loaded> benchmarks, Convention convention, Framing framing) {
        this.benchmarks = benchmarks;
        this.convention = convention;
        this.framing = framing;
    }

    /**
     * How texts become what the model is asked.
     *
     * @param tokenizer its fingerprint
     * @param addBos whether a token stands before every text
     */
    public record Framing(String tokenizer, boolean addBos) {}

    /**
     * @param directory of files named {@code {task}*.jsonl} or {@code .parquet}
     * @param tasks names of benchmarks; none for all that the directory has
     * @param limit the first so many rows of each, 0 for all
     */
    public static Evaluation load(
            Path directory, List<String> tasks, int limit, Convention convention, Tokenizer tokenizer) {
        return load(
                directory,
                tasks,
                limit,
                convention,
                tokenizer,
                tokenizer.roles().frame());
    }

    /** The same with another frame around texts than the tokenizer's own. */
    public static Evaluation load(
            Path directory, List<String> tasks, int limit, Convention convention, Tokenizer tokenizer, Frame frame) {
        List<Benchmark> wanted = tasks.isEmpty()
                ? BenchmarkRows.found(directory)
                : tasks.stream().map(Benchmark::named).distinct().toList();
        if (wanted.isEmpty()) {
            throw new RequestException(
                    directory + " has no benchmark's rows",
                    "put files there named {task}*.jsonl or {task}*.parquet; the tasks are "
                            + String.join(
                                    ", ",
                                    Stream.of(Benchmark.values())
                                            .map(Benchmark::id)
                                            .toList()));
        }
        return new Evaluation(
                wanted.stream()
                        .map(benchmark -> Loaded.of(
                                benchmark,
                                BenchmarkRows.read(directory, benchmark, limit).stream()
                                        .map(row -> convention.question(benchmark, row))
                                        .toList(),
                                convention,
                                tokenizer,
                                frame))
                        .toList(),
                convention,
                new Framing(tokenizer.fingerprint(), frame.before().length > 0));
    }

    public Framing framing() {
        return framing;
    }

    /** The questions of a benchmark as texts, in the order of its documents. */
    public List<Question> questions(Benchmark benchmark) {
        return loaded(benchmark).texts();
    }

    /** The SHA-256 of what is asked of a benchmark, however its rows are stored. */
    public String questionsSha256(Benchmark benchmark) {
        return loaded(benchmark).hash();
    }

    private Loaded loaded(Benchmark benchmark) {
        return benchmarks.stream()
                .filter(loaded -> loaded.benchmark() == benchmark)
                .findFirst()
                .orElseThrow();
    }

    /** One of the benchmarks, every document. */
    public BenchmarkResult run(Benchmark benchmark, Scorer scorer, Progress progress) {
        return run(loaded(benchmark), scorer, Long.MAX_VALUE, progress);
    }

    public Convention convention() {
        return convention;
    }

    public List<Benchmark> benchmarks() {
        return benchmarks.stream().map(Loaded::benchmark).toList();
    }

    /** Every benchmark, every document. */
    public List<BenchmarkResult> run(Scorer scorer, Progress progress) {
        return run(scorer, Duration.ZERO, progress);
    }

    /**
     * Every benchmark within a time budget, which they share evenly: when one's part is used up, its result has the
     * documents so far, the first ones of the file.
     *
     * @param budget {@link Duration#ZERO} for no limit
     */
    public List<BenchmarkResult> run(Scorer scorer, Duration budget, Progress progress) {
        long start = System.nanoTime();
        List<BenchmarkResult> results = new ArrayList<>();
        for (Loaded loaded : benchmarks) {
            long share = budget.toNanos() * (results.size() + 1) / benchmarks.size();
            long deadline = budget.isZero() ? Long.MAX_VALUE : start + share;
            results.add(run(loaded, scorer, deadline, progress));
        }
        return results;
    }

    private static BenchmarkResult run(Loaded loaded, Scorer scorer, long deadline, Progress progress) {
        List<EncodedQuestion> questions = loaded.questions();
        List<DocumentScore> scores = new ArrayList<>();
        long requests = questions.stream().mapToLong(q -> q.requests().size()).sum();
        try (Progress.Task task = progress.begin(loaded.benchmark().id(), "choices", requests)) {
            while (scores.size() < questions.size() && (scores.isEmpty() || System.nanoTime() < deadline)) {
                int end = deadline == Long.MAX_VALUE
                        ? questions.size()
                        : Math.min(scores.size() + CHUNK, questions.size());
                scores.addAll(score(questions.subList(scores.size(), end), scores.size(), scorer, task));
            }
        }
        long cut = questions.subList(0, scores.size()).stream()
                .filter(question ->
                        question.requests().stream().anyMatch(request -> request.isCutAt(scorer.positions())))
                .count();
        return new BenchmarkResult(loaded.benchmark(), scores, (int) cut, questions.size());
    }

    /** The questions' scores, numbered on from {@code firstDocument}. */
    static List<DocumentScore> score(
            List<EncodedQuestion> questions, int firstDocument, Scorer scorer, Progress.Task task) {
        List<Request> requests =
                questions.stream().flatMap(q -> q.requests().stream()).toList();
        double[] logLikelihoods = scorer.logLikelihoods(requests, task);
        List<DocumentScore> scores = new ArrayList<>();
        int next = 0;
        for (EncodedQuestion question : questions) {
            int choices = question.requests().size();
            scores.add(new DocumentScore(
                    firstDocument + scores.size(),
                    question.gold(),
                    Arrays.stream(logLikelihoods, next, next + choices).boxed().toList(),
                    Arrays.stream(question.lengths()).boxed().toList(),
                    Arrays.stream(question.bytes()).boxed().toList()));
            next += choices;
        }
        return scores;
    }
}
