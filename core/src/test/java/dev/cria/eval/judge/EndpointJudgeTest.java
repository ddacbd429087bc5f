package dev.cria.eval.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cria.WorkException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class EndpointJudgeTest {
    private static final String GOOD = """
        {"coherence": 4, "fluency": 5, "relevance": 6, "factual_accuracy": 2, "depth": 3, "creativity": 10}\
        """;
    private static final Passage PASSAGE = new Passage("1", "runs/a", 100, "A llama \"is\"", " an animal.\nIgnore it.");

    /** What the server does with a request. */
    private interface Reply {
        void to(HttpExchange exchange) throws IOException;
    }

    private final Deque<Reply> replies = new ArrayDeque<>();
    private final List<JsonNode> asked = new ArrayList<>();
    private final List<String> authorizations = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();

    @TempDir
    Path cache;

    private HttpServer server;
    private URI uri;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/");
        server.createContext("/v1/chat/completions", exchange -> {
            asked.add(JsonMapper.shared().readTree(exchange.getRequestBody()));
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            replies.removeFirst().to(exchange);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void readsTheSixScoresAndCountsTokens() {
        replies.add(says(GOOD));
        try (EndpointJudge judge = judge()) {
            Scores scores = judge.score(PASSAGE);

            assertThat(scores.values()).containsEntry(Criterion.FACTUAL_ACCURACY, 2.0);
            assertThat(scores.average()).isEqualTo(5);
            assertThat(judge.usage()).isEqualTo(new Usage(300, 40, 1, 0));
            assertThat(judge.usage().cost(0.5, 2)).isEqualTo(230e-6);
        }
        assertThat(authorizations).containsExactly("Bearer secret");
        assertThat(asked.getFirst().at("/messages/1/content").stringValue())
                .as("the texts as JSON, without the model's name")
                .isEqualTo("{\"prompt\":\"A llama \\\"is\\\"\",\"continuation\":\" an animal.\\nIgnore it.\"}");
        assertThat(asked.getFirst().toString()).doesNotContain("runs/a");
    }

    @Test
    void asksOnceForEachPassageAlsoInALaterRun() {
        replies.add(says(GOOD));
        try (EndpointJudge judge = judge()) {
            judge.score(PASSAGE);
        }
        try (EndpointJudge later = judge()) {
            assertThat(later.score(PASSAGE).average()).isEqualTo(5);
            assertThat(later.usage()).isEqualTo(new Usage(0, 0, 0, 1));
        }
        assertThat(asked).hasSize(1);
    }

    @Test
    void waitsAsLongAsItIsToldAndElseLongerEachTime() {
        replies.add(status(429, "7"));
        replies.add(status(500, ""));
        replies.add(status(503, "soon"));
        replies.add(status(429, "100000"));
        replies.add(says(GOOD));
        try (EndpointJudge judge = judge()) {
            assertThat(judge.score(PASSAGE).average()).isEqualTo(5);
            assertThat(judge.usage().requests()).isEqualTo(5);
        }
        assertThat(pauses)
                .containsExactly(
                        Duration.ofSeconds(7), Duration.ofSeconds(2), Duration.ofSeconds(4), Duration.ofSeconds(60));
    }

    @Test
    void aDateInThePastMeansNow() {
        replies.add(status(503, "Wed, 21 Oct 2015 07:28:00 GMT"));
        replies.add(says(GOOD));
        try (EndpointJudge judge = judge()) {
            judge.score(PASSAGE);
        }
        assertThat(pauses).containsExactly(Duration.ZERO);
    }

    @Test
    void triesAgainAfterABrokenBody() {
        replies.add(exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write("{\"choices\": [".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
        });
        replies.add(body(200, "{\"choices\": [{\"message\": {\"con"));
        replies.add(body(200, "{\"choices\": []}"));
        replies.add(body(200, "<html>welcome</html>"));
        replies.add(says(GOOD));
        try (EndpointJudge judge = judge()) {
            assertThat(judge.score(PASSAGE).average()).isEqualTo(5);
        }
        assertThat(asked).hasSize(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "I'd say 7 out of 10.",
                "```json\n{}\n```",
                "[1, 2, 3, 4, 5, 6]",
                "{\"coherence\": 4, \"fluency\": 5, \"relevance\": 6}",
                "{\"coherence\": 4, \"fluency\": 5, \"relevance\": 6, \"factual_accuracy\": 2, \"depth\": 3,"
                        + " \"creativity\": 11}",
                "{\"coherence\": -1, \"fluency\": 5, \"relevance\": 6, \"factual_accuracy\": 2, \"depth\": 3,"
                        + " \"creativity\": 1}",
                "{\"coherence\": \"4\", \"fluency\": 5, \"relevance\": 6, \"factual_accuracy\": 2, \"depth\": 3,"
                        + " \"creativity\": 1}",
                "{\"coherence\": 4, \"fluency\": 5, \"relevance\": 6, \"factual_accuracy\": 2, \"depth\": 3,"
                        + " \"creativity\": 1, \"overall\": 3}",
                "{\"coherence\": 4, \"fluency\": 5, \"relevance\": 6, \"factual_accuracy\": 2, \"depth\": 3, \"creat"
            })
    void sendsAnUnusableAnswerBackWithTheReason(String bad) {
        replies.add(says(bad));
        replies.add(says(GOOD));
        try (EndpointJudge judge = judge()) {
            assertThat(judge.score(PASSAGE).average()).isEqualTo(5);
            assertThat(judge.usage().promptTokens()).as("both are paid for").isEqualTo(600);
        }
        JsonNode repair = asked.getLast().get("messages");
        assertThat(repair).hasSize(4);
        assertThat(repair.get(2).get("content").stringValue()).isEqualTo(bad);
        assertThat(repair.get(3).get("content").stringValue()).startsWith("That answer cannot be used: ");
        assertThat(pauses).isEmpty();
    }

    @Test
    void givesUpOnAModelThatNeverAnswersInForm() {
        for (int i = 0; i < 3; i++) {
            replies.add(says("no"));
        }
        try (EndpointJudge judge = judge()) {
            assertThatThrownBy(() -> judge.score(PASSAGE))
                    .isInstanceOf(WorkException.class)
                    .hasMessageStartingWith("judge-1 gave no scores for passage 1 after 3 attempts: it is not JSON");
        }
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void givesUpOnAnEndpointThatStaysDown() {
        for (int i = 0; i < 6; i++) {
            replies.add(status(500, ""));
        }
        try (EndpointJudge judge = judge()) {
            assertThatThrownBy(() -> judge.score(PASSAGE))
                    .isInstanceOf(WorkException.class)
                    .hasMessageEndingWith("failed 6 times, at last: status 500: oops");
        }
        assertThat(pauses).hasSize(5);
    }

    @Test
    void doesNotRepeatARefusal() {
        replies.add(status(401, ""));
        try (EndpointJudge judge = judge()) {
            assertThatThrownBy(() -> judge.score(PASSAGE))
                    .isInstanceOfSatisfying(
                            WorkException.class, e -> assertThat(e.hint()).contains("OPENAI_API_KEY"));
        }
        assertThat(asked).hasSize(1);
    }

    private EndpointJudge judge() {
        return new EndpointJudge(new ChatEndpoint(uri, Optional.of("secret"), pauses::add), "judge-1", cache);
    }

    private static Reply says(String content) {
        var json = JsonMapper.shared().createObjectNode();
        json.putArray("choices")
                .addObject()
                .putObject("message")
                .put("role", "assistant")
                .put("content", content);
        json.putObject("usage").put("prompt_tokens", 300).put("completion_tokens", 40);
        return body(200, json.toString());
    }

    private static Reply status(int status, String retryAfter) {
        return exchange -> {
            if (!retryAfter.isEmpty()) {
                exchange.getResponseHeaders().add("Retry-After", retryAfter);
            }
            body(status, "oops").to(exchange);
        };
    }

    private static Reply body(int status, String body) {
        return exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }
}
