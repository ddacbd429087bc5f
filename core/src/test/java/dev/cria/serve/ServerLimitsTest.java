package dev.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.serve.Catalogue.Served;
import dev.cria.tensor.DType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoublePredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server of one row and little patience, and those who ask too much of it or take too long. */
@Timeout(300)
final class ServerLimitsTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private static Path folder;

    private Server server;

    @BeforeEach
    void start() {
        Path plain = SmallDirectories.write(
                SmallDirectories.llama(new RopeScaling.None(), false), folder.resolve("plain"), DType.FLOAT32);
        var catalogue = Catalogue.of(List.of(new Served("plain", plain)), Map.of());
        server = Server.of(
                new ServeOptions("127.0.0.1", 0, Optional.empty(), Duration.ofSeconds(1)),
                Optional.of(new ModelRoom(catalogue, ServerTest::open, 1, 1e9)),
                Optional.of(BoardRoom.of(List.of(folder))),
                Progress.silent());
    }

    /** What nobody waits for any more must not keep the server from its end. */
    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> ask(String method, String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.address() + path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private Socket connect() throws IOException {
        var socket = new Socket();
        socket.setSoTimeout(60_000);
        socket.setReceiveBufferSize(4096);
        socket.connect(
                new InetSocketAddress("127.0.0.1", URI.create(server.address()).getPort()));
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GE",
                "GET /health HTTP/1.1\r\nHost: localhost\r\nX: ",
                "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 1000000\r\n\r\n{\"model\""
            })
    void aRequestThatComesByDropsIsCutOff(String beginning) throws Exception {
        try (Socket socket = connect()) {
            write(socket, beginning);
            assertThat(reachesItsEnd(socket)).isTrue();
        }
        assertThat(ask("GET", "/health", "").statusCode()).isEqualTo(200);
    }

    /** Whether the other side hangs up, though a byte comes more often than it is silent for too long. */
    private static boolean reachesItsEnd(Socket socket) throws InterruptedException {
        try {
            while (true) {
                write(socket, "y");
                Thread.sleep(50);
            }
        } catch (IOException _) {
            return true;
        }
    }

    /** Megabytes that nobody reads: more than the system takes over. */
    @Test
    void anAnswerThatNobodyReadsIsGivenUp() throws Exception {
        String body = """
            {"model": "plain", "prompt": [%s9], "n": 16, "max_tokens": 1, "echo": true, "logprobs": 20, "stream": true}\
            """.formatted("9, ".repeat(240));
        try (Socket deaf = connect()) {
            write(
                    deaf,
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            assertThat(deaf.getInputStream().read()).isEqualTo('H');
            server.close();
        }
    }

    /** Of an answer that goes out whole nothing is written meanwhile, by which its leaving would show. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoLeavesIsWrittenForNoLonger(boolean stream) throws Exception {
        String body = """
            {"model": "plain", "prompt": "A llama", "n": 10, "max_tokens": 240, "logit_bias": {"299": -100}, "stream": %b}\
            """.formatted(stream);
        try (Socket leaving = connect()) {
            write(
                    leaving,
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            awaitMetric("cria_completion_tokens_total ", tokens -> tokens > 0);
        }
        awaitMetric("cria_queue ", waiting -> waiting == 0);
        awaitMetric("cria_rows ", rows -> rows == 0);
        assertThat(metric("cria_completion_tokens_total ")).isLessThan(2400);
    }

    private void awaitMetric(String name, DoublePredicate wanted) throws Exception {
        while (!wanted.test(metric(name))) {
            Thread.sleep(5);
        }
    }

    private double metric(String name) throws Exception {
        return ask("GET", "/metrics", "")
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .findFirst()
                .orElse(0);
    }

    @Test
    void tooManyCompletionsAreTurnedAwayAndToldWhenToComeAgain() throws Exception {
        HttpResponse<String> response =
                ask("POST", "/v1/completions", "{\"model\": \"plain\", \"prompt\": \"A\", \"n\": 40}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).contains("2");
        assertThat(response.body()).contains("\"type\":\"server_error\"");
    }

    @Test
    void aHundredHeadersAreEnough() throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.address() + "/health"));
        for (int i = 0; i < 101; i++) {
            request.header("x-" + i, "y");
        }
        assertThat(CLIENT.send(request.build(), BodyHandlers.discarding()).statusCode())
                .isEqualTo(431);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/page/chat.js", "/health", "/v1/models", "/v1/models/plain", "/cria/board/runs"})
    void headTellsOfWhatGetWouldGive(String path) throws Exception {
        HttpResponse<String> whole = ask("GET", path, "");
        HttpResponse<String> head = ask("HEAD", path, "");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        for (String name : List.of("Content-Length", "Content-Type", "Content-Security-Policy")) {
            assertThat(head.headers().firstValue(name))
                    .isPresent()
                    .isEqualTo(whole.headers().firstValue(name));
        }
    }

    @Test
    void aStreamThatNeverEndsHasAHeadThatDoes() throws Exception {
        assertThat(ask("HEAD", "/cria/board/changes", "").statusCode()).isEqualTo(200);
    }

    @Test
    void anAddressThatWantsAnotherMethodSaysSo() throws Exception {
        assertThat(ask("GET", "/v1/completions", "").statusCode()).isEqualTo(405);
        assertThat(ask("DELETE", "/v1/models/plain", "").statusCode()).isEqualTo(405);
        assertThat(ask("POST", "/nowhere", "").statusCode()).isEqualTo(404);
    }
}
