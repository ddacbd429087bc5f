package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.eval.Convention.EncodedQuestion;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Requests and metrics as lm-eval 0.4 makes them, from golden files. */
final class LmEvalOracleTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Tokenizer GPT2 = Tokenizers.gpt2();

    static Stream<GoldenScores> goldens() {
        return GoldenScores.all();
    }

    static Stream<GoldenScores> nanogptGoldens() {
        return GoldenScores.allWithNanogpt();
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void everyRequestHasTheGoldenIds(GoldenScores scores) throws IOException {
        for (String line : Files.readAllLines(scores.requests())) {
            JsonNode golden = JSON.readTree(line);
            Benchmark benchmark = Benchmark.named(golden.get("task").stringValue());
            int doc = golden.get("doc").intValue();
            Row row = BenchmarkRows.read(scores.rows(), benchmark, doc + 1).get(doc);
            Question question = Convention.HARNESS.question(benchmark, row);
            EncodedQuestion encoded = Convention.HARNESS.encode(question, GPT2);

            assertThat(question.choices().stream().map(Question.Choice::context).toList())
                    .isEqualTo(texts(golden.get("contexts")));
            assertThat(question.choices().stream()
                            .map(Question.Choice::continuation)
                            .toList())
                    .isEqualTo(texts(golden.get("continuations")));
            assertThat(encoded.requests().stream().map(Request::context)).containsExactly(ids(golden, "context_ids"));
            assertThat(encoded.requests().stream().map(Request::continuation))
                    .containsExactly(ids(golden, "continuation_ids"));
            assertThat(encoded.gold()).isEqualTo(golden.get("gold").intValue());
            if (benchmark.hasAccNorm()) {
                assertThat(encoded.lengths())
                        .isEqualTo(golden.get("choice_lengths").values().stream()
                                .mapToInt(JsonNode::intValue)
                                .toArray());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void metricsOfTheGoldenLogLikelihoodsAreTheGoldenMetrics(GoldenScores scores) throws IOException {
        JsonNode golden = JSON.readTree(Files.readString(scores.results()));
        for (Map.Entry<String, JsonNode> task : golden.properties()) {
            JsonNode want = task.getValue();
            Evaluation evaluation = Evaluation.load(
                    scores.rows(), List.of(task.getKey()), want.get("n").intValue(), Convention.HARNESS, GPT2);
            BenchmarkResult result = evaluation
                    .run(new Canned(want.get("lls")), Progress.silent())
                    .getFirst();

            result.metrics().forEach((name, value) -> assertThat(value)
                    .as("%s %s", task.getKey(), name)
                    .isCloseTo(want.get(name).doubleValue(), within(1e-12)));
            assertThat(result.metrics().containsKey("acc_norm")).isEqualTo(want.has("acc_norm"));
            assertThat(result.documents().stream().map(DocumentScore::prediction))
                    .containsExactlyElementsOf(integers(want.get("pred")));
        }
    }

    @ParameterizedTest
    @MethodSource("nanogptGoldens")
    void nanoGptHellaSwagHasTheGoldenIdsAndAccuracies(GoldenScores scores) throws IOException {
        List<JsonNode> golden = Files.readAllLines(scores.nanogpt()).stream()
                .map(JSON::readTree)
                .toList();
        Evaluation evaluation =
                Evaluation.load(scores.rows(), List.of("hellaswag"), golden.size(), Convention.NANOGPT, GPT2);
        var sums = JSON.createArrayNode();
        for (JsonNode doc : golden) {
            var row = sums.addArray();
            doc.get("sum_loss").forEach(sum -> row.add(-sum.doubleValue()));
        }
        Canned scorer = new Canned(sums);
        BenchmarkResult result = evaluation.run(scorer, Progress.silent()).getFirst();

        assertThat(scorer.asked.stream().map(Request::continuation))
                .containsExactly(golden.stream()
                        .flatMap(doc -> java.util.Arrays.stream(ids(doc, "ending_ids")))
                        .toArray(int[][]::new));
        assertThat(result.documents().stream().map(DocumentScore::predictionByLength))
                .containsExactlyElementsOf(golden.stream()
                        .map(doc -> doc.get("pred_norm").intValue())
                        .toList());
        JsonNode want = JSON.readTree(Files.readString(scores.nanogptResults()));
        assertThat(result.acc().value()).isEqualTo(want.get("acc").doubleValue());
        assertThat(result.accNorm().orElseThrow().value())
                .isEqualTo(want.get("acc_norm").doubleValue());
    }

    private static List<String> texts(JsonNode array) {
        return array.values().stream().map(JsonNode::stringValue).toList();
    }

    private static List<Integer> integers(JsonNode array) {
        return array.values().stream().map(JsonNode::intValue).toList();
    }

    private static int[][] ids(JsonNode golden, String field) {
        return golden.get(field).values().stream()
                .map(ids -> ids.values().stream().mapToInt(JsonNode::intValue).toArray())
                .toArray(int[][]::new);
    }

    /** Answers with given log-likelihoods, in order. */
    private static final class Canned implements Scorer {
        private final double[] answers;
        private final List<Request> asked = new ArrayList<>();

        Canned(JsonNode documents) {
            answers = documents.values().stream()
                    .flatMap(document -> document.values().stream())
                    .mapToDouble(JsonNode::doubleValue)
                    .toArray();
        }

        @Override
        public int positions() {
            return 256;
        }

        @Override
        public double[] logLikelihoods(List<Request> requests, Progress.Task progress) {
            asked.addAll(requests);
            return answers;
        }
    }
}
