package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class EvaluationTest {
    private static final ByteTokenizer BYTES = new ByteTokenizer();

    @TempDir
    Path directory;

    @BeforeEach
    void rows() throws IOException {
        // A scorer of vowels likes "aaaa" best in all, "eio" best for its length only.
        Files.writeString(directory.resolve("piqa.jsonl"), """
            {"goal": "one", "sol1": "aaaa", "sol2": "eio", "label": 0}
            {"goal": "two", "sol1": "aaaa", "sol2": "x", "label": 1}
            {"goal": "three", "sol1": "x", "sol2": "x", "label": 0}
            """);
        Files.writeString(directory.resolve("boolq.jsonl"), """
            {"passage": "p", "question": "q", "label": 1}
            {"passage": "p", "question": "q", "label": 1}
            {"passage": "p", "question": "q", "label": 0}
            """);
    }

    @Test
    void countsRightAnswersWithStandardErrors() {
        BenchmarkResult piqa = run(List.of("piqa"), 0).getFirst();

        assertThat(piqa.acc().value()).isCloseTo(2 / 3.0, within(1e-15));
        assertThat(piqa.acc().standardError()).isCloseTo(1 / 3.0, within(1e-15));
        assertThat(piqa.documents()).extracting(DocumentScore::prediction).containsExactly(0, 0, 0);
        assertThat(piqa.documents())
                .extracting(DocumentScore::predictionByLength)
                .containsExactly(0, 0, 0);
        assertThat(piqa.chance()).isEqualTo(0.5);
        assertThat(piqa.cutDocuments()).isZero();
    }

    @Test
    void boolQShowsHowOftenItSaysYes() {
        BenchmarkResult boolq = run(List.of("boolq"), 0).getFirst();

        assertThat(boolq.accNorm()).isEmpty();
        assertThat(boolq.yesShare()).contains(new BenchmarkResult.YesShare(0, 2 / 3.0));
    }

    @Test
    void runsWhatTheDirectoryHasUnlessTold() {
        assertThat(run(List.of(), 0))
                .extracting(BenchmarkResult::benchmark)
                .containsExactly(Benchmark.PIQA, Benchmark.BOOLQ);
        assertThat(run(List.of("boolq"), 2).getFirst().documents()).hasSize(2);
    }

    @Test
    void countsDocumentsThatAreCut() {
        Evaluation evaluation = Evaluation.load(directory, List.of("piqa"), 0, Convention.HARNESS, BYTES);
        // "Question: one\nAnswer:" has 21 bytes and " aaaa" 5: 26 tokens need 25 positions; the third document has 25.
        assertThat(evaluation
                        .run(new VowelScorer(25), Progress.silent())
                        .getFirst()
                        .cutDocuments())
                .isZero();
        assertThat(evaluation
                        .run(new VowelScorer(24), Progress.silent())
                        .getFirst()
                        .cutDocuments())
                .isEqualTo(2);
    }

    @Test
    void aSpentBudgetStillScoresTheFirstDocumentsOfEach() throws IOException {
        String row = "{\"goal\": \"one\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 0}\n";
        Files.writeString(directory.resolve("piqa.jsonl"), row.repeat(600));
        Evaluation evaluation = Evaluation.load(directory, List.of(), 0, Convention.HARNESS, BYTES);

        List<BenchmarkResult> results = evaluation.run(new VowelScorer(99), Duration.ofNanos(1), Progress.silent());

        assertThat(results.getFirst().documents()).hasSize(256);
        assertThat(results.getFirst().available()).isEqualTo(600);
        assertThat(results.getLast().documents()).hasSize(3);
        assertThat(evaluation.run(new VowelScorer(99), Duration.ofDays(1), Progress.silent()))
                .isEqualTo(evaluation.run(new VowelScorer(99), Progress.silent()));
    }

    @Test
    void writesTheHarnessShapes() throws IOException {
        List<BenchmarkResult> results = run(List.of(), 0);

        Evaluated model = new Evaluated("m", results, Optional.empty(), Map.of("model", "m"));
        JsonNode json = EvaluationReport.json(List.of(model));
        EvaluationReport.writeSamples(List.of(model), directory.resolve("samples"));

        assertThat(json.at("/results/piqa/acc,none").doubleValue()).isCloseTo(2 / 3.0, within(1e-15));
        assertThat(json.at("/results/piqa").propertyNames())
                .contains("acc,none", "acc_stderr,none", "acc_norm,none", "acc_norm_stderr,none");
        assertThat(json.at("/results/boolq").has("acc_norm,none")).isFalse();
        assertThat(json.at("/config/model").stringValue()).isEqualTo("m");
        JsonNode first = JsonMapper.shared()
                .readTree(Files.readAllLines(directory.resolve("samples/samples_piqa.jsonl"))
                        .getFirst());
        assertThat(first.toString())
                .isEqualTo("{\"doc\":0,\"gold\":0,\"lls\":[-1.0,-1.0],\"acc\":1.0,\"acc_norm\":1.0}");
        assertThat(Files.readAllLines(directory.resolve("samples/samples_boolq.jsonl")))
                .hasSize(3)
                .noneMatch(line -> line.contains("acc_norm"));
    }

    @Test
    void theTextShowsChanceTheYesShareAndTheLoss() {
        var validation = new ValidationLoss.Result(3.25, OptionalDouble.of(1.125), 25.79, 12_345, new double[] {3.25});

        assertThat(EvaluationText.of(new Evaluated("m", run(List.of(), 0), Optional.of(validation), Map.of())))
                .isEqualTo("""
                    m
                    | benchmark     | documents |     acc ± stderr | acc_norm ± stderr | chance |
                    |:--------------|----------:|-----------------:|------------------:|-------:|
                    | piqa          |         3 |   66.67% ± 33.33 |    66.67% ± 33.33 |  50.0% |
                    | boolq         |         3 |   33.33% ± 33.33 |                   |  50.0% |
                    boolq: yes said 0.0%, yes true 66.7%
                    validation loss 3.2500  bits per byte 1.1250  perplexity 25.79  tokens 12,345
                    """);
    }

    @Test
    void severalModelsAreComparedWithTheFirst() {
        Evaluated a = new Evaluated("a", run(List.of("piqa"), 0), Optional.empty(), Map.of());
        Evaluated b = new Evaluated("b", a.benchmarks(), Optional.empty(), Map.of());

        assertThat(EvaluationText.comparisons(List.of(a))).isEmpty();
        assertThat(EvaluationText.comparisons(List.of(a, b))).isEqualTo("""
            A = a, B = b
            | benchmark     |  B − A, points (95 %)  | A alone | B alone | McNemar p |
            |:--------------|-----------------------:|--------:|--------:|----------:|
            | piqa          |  +0.00 ( +0.00,  +0.00) |       0 |       0 |    1.0000 |
            """);
        JsonNode json = EvaluationReport.json(List.of(a, b));
        assertThat(json.get("models")).hasSize(2);
        assertThat(json.at("/results/piqa/acc,none").isNumber()).isTrue();
        assertThat(json.at("/comparisons/0/tasks/piqa/pValue").doubleValue()).isEqualTo(1);
    }

    @Test
    void aSingleDocumentHasNoStandardError() {
        Evaluated one = new Evaluated("m", run(List.of("piqa"), 1), Optional.empty(), Map.of());

        assertThat(EvaluationReport.json(List.of(one))
                        .at("/results/piqa/acc_stderr,none")
                        .stringValue())
                .isEqualTo("N/A");
        assertThat(EvaluationText.of(one)).contains("|          100.00% |");
    }

    @Test
    void refusesADirectoryWithoutRows() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));

        assertThatThrownBy(() -> Evaluation.load(empty, List.of(), 0, Convention.HARNESS, BYTES))
                .isInstanceOf(RequestException.class)
                .hasMessage(empty + " has no benchmark's rows");
    }

    private List<BenchmarkResult> run(List<String> tasks, int limit) {
        return Evaluation.load(directory, tasks, limit, Convention.HARNESS, BYTES)
                .run(new VowelScorer(99), Progress.silent());
    }

    /** Every byte that is no vowel costs one. */
    private record VowelScorer(int positions) implements Scorer {
        @Override
        public double[] logLikelihoods(List<Request> requests, Progress.Task progress) {
            return requests.stream()
                    .mapToDouble(request -> -BYTES.decode(request.continuation())
                            .chars()
                            .filter(c -> "aeiou".indexOf(c) < 0)
                            .count())
                    .toArray();
        }
    }
}
