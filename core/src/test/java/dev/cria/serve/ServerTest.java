package dev.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.generate.GenerateOptions;
import dev.cria.generate.Generator;
import dev.cria.generate.Sampling;
import dev.cria.model.LanguageModel;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.nn.Parameters.Storage;
import dev.cria.serve.Catalogue.Served;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.tune.Message;
import dev.cria.tune.Template;
import dev.cria.weights.ModelPlace;
import dev.cria.weights.Models;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client written from the interface's definition, against a server of a run with two checkpoints and a model. */
@Timeout(300)
final class ServerTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Kernels KERNELS = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Tokenizer TOKENIZER = SmallDirectories.TOKENIZER;

    @TempDir
    private static Path folder;

    private static Server server;
    private static LanguageModel model;

    @BeforeAll
    static void start() throws IOException {
        var config = SmallDirectories.llama(new RopeScaling.None(), false);
        Path plain = SmallDirectories.write(config, folder.resolve("plain"), DType.FLOAT32);
        Path checkpoints = Files.createDirectories(folder.resolve("run/checkpoints"));
        Files.writeString(folder.resolve("run/config.yaml"), "out: run\n");
        Files.writeString(folder.resolve("run/metrics.jsonl"), "");
        SmallDirectories.write(config, checkpoints.resolve("step-0000010"), DType.FLOAT32);
        SmallDirectories.write(SmallDirectories.gpt2(), checkpoints.resolve("step-0000020"), DType.FLOAT32);
        var catalogue =
                Catalogue.of(List.of(new Served("plain", plain), new Served("run", folder.resolve("run"))), Map.of());
        var room = new ModelRoom(catalogue, ServerTest::open, 4, 1e9);
        server = Server.of(
                new ServeOptions("127.0.0.1", 0, Optional.empty()),
                Optional.of(room),
                Optional.of(BoardRoom.of(List.of(folder))),
                Progress.silent());
        model = Models.load(plain, Device.CPU, Storage.inference(DType.FLOAT32));
    }

    static Opened open(Path place, Optional<Path> adapter) {
        assertThat(adapter).isEmpty();
        Path directory = ModelPlace.of(place);
        return new Opened(
                Models.load(directory, Device.CPU, Storage.inference(DType.FLOAT32)),
                KERNELS,
                Optional.of(Tokenizers.load(directory)),
                Set.of(SmallDirectories.TOKENS - 1),
                "vicuna_v1.1");
    }

    @AfterAll
    static void stop() {
        server.close();
        model.close();
    }

    private static HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.address() + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.address() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private static JsonNode completed(String json) throws IOException, InterruptedException {
        HttpResponse<String> response = post("/v1/completions", json);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    /** The data of a stream's events but for the last, which is DONE. */
    private static List<JsonNode> events(HttpResponse<String> response) {
        assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
        List<String> data = response.body()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring(6))
                .toList();
        assertThat(data.getLast()).isEqualTo("[DONE]");
        return data.subList(0, data.size() - 1).stream().map(JSON::readTree).toList();
    }

    private static String generated(String prompt, int tokens, Sampling sampling, long seed) {
        var options = new GenerateOptions(
                tokens, sampling, seed, 1, SmallDirectories.TOKENS, Set.of(SmallDirectories.TOKENS - 1));
        int[] ids = TOKENIZER.roles().frame().around(TOKENIZER.encode(prompt));
        return TOKENIZER.decode(
                new Generator(model, KERNELS).generate(ids, options).getFirst().ids());
    }

    @Test
    void theModelsAreTheDirectoryTheRunAndEachOfItsCheckpoints() throws Exception {
        JsonNode models = JSON.readTree(get("/v1/models").body());
        assertThat(models.path("object").asString()).isEqualTo("list");
        assertThat(models.path("data").valueStream().map(m -> m.path("id").asString()))
                .containsExactly("plain", "run", "run@20", "run@10");
        assertThat(JSON.readTree(get("/v1/models/run@10").body()).path("object").asString())
                .isEqualTo("model");
        assertThat(get("/v1/models/other").statusCode()).isEqualTo(404);
    }

    @Test
    void aCompletionIsWhatGenerateWrites() throws Exception {
        JsonNode json = completed("""
            {"model": "plain", "prompt": ["A llama", "Bread"], "max_tokens": 12, "temperature": 0.9, "top_k": 20,
             "seed": 5, "n": 1}\
            """);
        assertThat(json.path("object").asString()).isEqualTo("text_completion");
        assertThat(json.path("choices")).hasSize(2);
        var sampling = new Sampling(0.9, 20, 1);
        assertThat(json.path("choices").path(0).path("text").asString())
                .isEqualTo(generated("A llama", 12, sampling, 5));
        assertThat(json.path("choices").path(1).path("text").asString()).isEqualTo(generated("Bread", 12, sampling, 5));
        assertThat(json.path("usage").path("total_tokens").asInt())
                .isEqualTo(json.path("usage").path("prompt_tokens").asInt()
                        + json.path("usage").path("completion_tokens").asInt());
    }

    @Test
    void aStreamSaysTheSameInParts() throws Exception {
        String body = """
            {"model": "plain", "prompt": "The quick", "max_tokens": 30, "temperature": 0, "logprobs": 2%s}\
            """;
        JsonNode whole = completed(body.formatted(""));
        List<JsonNode> parts = events(post(
                "/v1/completions",
                body.formatted(", \"stream\": true, \"stream_options\": {\"include_usage\": true}")));
        StringBuilder text = new StringBuilder();
        List<String> tokens = new ArrayList<>();
        for (JsonNode part : parts) {
            JsonNode choice = part.path("choices").path(0);
            text.append(choice.path("text").asString(""));
            choice.path("logprobs").path("tokens").forEach(t -> tokens.add(t.asString()));
        }
        JsonNode choice = whole.path("choices").path(0);
        assertThat(text).hasToString(choice.path("text").asString());
        assertThat(tokens)
                .isEqualTo(choice.path("logprobs")
                        .path("tokens")
                        .valueStream()
                        .map(JsonNode::asString)
                        .toList());
        assertThat(parts.getLast().path("usage").path("completion_tokens"))
                .isEqualTo(whole.path("usage").path("completion_tokens"));
        assertThat(parts.get(parts.size() - 2)
                        .path("choices")
                        .path(0)
                        .path("finish_reason")
                        .asString())
                .isIn("stop", "length");
    }

    /** What lm_eval asks for: the prompt's own probabilities, nothing written. */
    @Test
    void anEchoOfIdsHasTheLogprobOfEveryPromptToken() throws Exception {
        int[] ids = TOKENIZER.encode("A llama is an animal");
        JsonNode choice =
                completed("""
                    {"model": "plain", "prompt": [%s], "max_tokens": 0, "temperature": 0, "logprobs": 1, "echo": true}\
                    """.formatted(Arrays.toString(ids))).path("choices").path(0);
        JsonNode logprobs = choice.path("logprobs");
        assertThat(logprobs.path("token_logprobs")).hasSize(ids.length);
        assertThat(logprobs.path("token_logprobs").path(0).isNull()).isTrue();
        var generator = new Generator(model, KERNELS);
        for (int i = 1; i < ids.length; i++) {
            double p = generator.nextToken(Arrays.copyOf(ids, i), model.config().vocabSize())[ids[i]];
            assertThat(Math.exp(logprobs.path("token_logprobs").path(i).asDouble()))
                    .isCloseTo(p, within(1e-5));
        }
        assertThat(choice.path("text").asString()).isEqualTo("A llama is an animal");
    }

    @Test
    void aChatIsAskedInTheModelsTemplate() throws Exception {
        HttpResponse<String> response = post("/v1/chat/completions", """
            {"model": "plain", "messages": [{"role": "user", "content": "Who is lazy?"}], "max_tokens": 8,
             "temperature": 0, "logprobs": true, "top_logprobs": 3}\
            """);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode choice = JSON.readTree(response.body()).path("choices").path(0);
        int[] prompt = Template.named("vicuna_v1.1", TOKENIZER)
                .prompt(List.of(new Message(Message.Role.USER, "Who is lazy?")));
        var options = new GenerateOptions(
                8, Sampling.greedy(), 0, 1, SmallDirectories.TOKENS, Set.of(SmallDirectories.TOKENS - 1));
        String expected = TOKENIZER.decode(new Generator(model, KERNELS)
                .generate(prompt, options)
                .getFirst()
                .ids());
        assertThat(choice.path("message").path("content").asString()).isEqualTo(expected);
        assertThat(choice.path("message").path("role").asString()).isEqualTo("assistant");
        assertThat(choice.path("logprobs").path("content").path(0).path("top_logprobs"))
                .hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"role": "user", "content": "a", "name": "Ann"}                                    | messages.name
        {"role": "assistant", "content": "a", "tool_calls": [{"id": "1"}]}                 | messages.tool_calls
        {"role": "tool", "content": "a"}                                                   | messages
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]} | messages
        """)
    void whatAMessageMayNotHoldIsRefusedByName(String message, String param) throws Exception {
        HttpResponse<String> response =
                post("/v1/chat/completions", "{\"model\": \"plain\", \"messages\": [%s]}".formatted(message));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(JSON.readTree(response.body()).path("error").path("param").asString(null))
                .isEqualTo(param);
    }

    @Test
    void anAnswersMessageMayBeSentBackAsItCame() throws Exception {
        HttpResponse<String> response = post("/v1/chat/completions", """
            {"model": "plain", "max_tokens": 2, "messages": [{"role": "user", "content": "a"},
             {"role": "assistant", "content": "b", "refusal": null, "tool_calls": null, "annotations": []},
             {"role": "user", "content": [{"type": "text", "text": "c"}]}]}\
            """);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }

    /** Choice i of a seed is completion i of {@code generate}. */
    @Test
    void severalChoicesAreTheCompletionsOfOneSeed() throws Exception {
        JsonNode json = completed("""
            {"model": "plain", "prompt": ["A llama", "Bread"], "max_tokens": 9, "temperature": 0.8, "seed": 6, "n": 3}\
            """);
        var sampling = new Sampling(0.8, 0, 1);
        for (int i = 0; i < 6; i++) {
            JsonNode choice = json.path("choices").path(i);
            assertThat(choice.path("index").asInt()).isEqualTo(i);
            int[] ids = TOKENIZER.encode(i < 3 ? "A llama" : "Bread");
            var options = new GenerateOptions(
                    9, sampling, 6, 3, SmallDirectories.TOKENS, Set.of(SmallDirectories.TOKENS - 1));
            assertThat(choice.path("text").asString())
                    .isEqualTo(TOKENIZER.decode(new Generator(model, KERNELS)
                            .generate(ids, options)
                            .get(i % 3)
                            .ids()));
        }
    }

    /** Half a character is shown as its bytes, and begins where the text before it ends. */
    @Test
    void offsetsCountTheTextsCharacters() throws Exception {
        JsonNode choice = completed("""
            {"model": "plain", "prompt": "aé€!", "max_tokens": 0, "logprobs": 0, "echo": true}\
            """).path("choices").path(0);
        JsonNode logprobs = choice.path("logprobs");
        assertThat(choice.path("text").asString()).isEqualTo("aé€!");
        assertThat(logprobs.path("tokens").path(1).asString()).isEqualTo("bytes:\\xc3");
        assertThat(logprobs.path("text_offset").valueStream().map(JsonNode::asInt))
                .containsExactly(0, 1, 1, 2, 2, 2, 3);
    }

    @Test
    void aStopWordEndsTheTextBeforeIt() throws Exception {
        String free = generated("The dog", 40, Sampling.greedy(), 0);
        String word = free.substring(free.length() / 2, free.length() / 2 + 3);
        JsonNode choice = completed(JSON.writeValueAsString(Map.of(
                        "model", "plain", "prompt", "The dog", "max_tokens", 40, "temperature", 0, "stop", word)))
                .path("choices")
                .path(0);
        assertThat(choice.path("text").asString()).isEqualTo(free.substring(0, free.indexOf(word)));
        assertThat(choice.path("finish_reason").asString()).isEqualTo("stop");
    }

    @Test
    void aBiasOfMinusAHundredForbidsAToken() throws Exception {
        String body = """
            {"model": "plain", "prompt": "The dog", "max_tokens": 1, "temperature": 0, "logprobs": 1, "logit_bias": {%s}}\
            """;
        int[] prompt = TOKENIZER.encode("The dog");
        var options = new GenerateOptions(1, Sampling.greedy(), 0, 1, SmallDirectories.TOKENS, Set.of());
        int first = new Generator(model, KERNELS)
                .generate(prompt, options)
                .getFirst()
                .ids()[0];
        assertThat(token(completed(body.formatted("\"%d\": -100".formatted(first)))))
                .isNotEqualTo(token(completed(body.formatted(""))));
    }

    private static String token(JsonNode completion) {
        return completion
                .path("choices")
                .path(0)
                .path("logprobs")
                .path("tokens")
                .path(0)
                .asString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"prompt": "a"}                                              | 400 | model
        {"model": "nobody", "prompt": "a"}                           | 404 | model
        {"model": "../plain", "prompt": "a"}                         | 404 | model
        {"model": "plain"}                                           | 400 | prompt
        {"model": "plain", "prompt": "a", "tools": [1]}              | 400 | tools
        {"model": "plain", "prompt": "a", "best_of": 3}              | 400 | best_of
        {"model": "plain", "prompt": "a", "max_tokns": 3}            | 400 | max_tokns
        {"model": "plain", "prompt": "a", "temperature": "hot"}      | 400 | temperature
        {"model": "plain", "prompt": "a", "temperature": -1}         | 400 | temperature
        {"model": "plain", "prompt": "a", "n": 1000}                 | 400 | n
        {"model": "plain", "prompt": [1, 99999]}                     | 400 | prompt
        {"model": "plain", "prompt": "a", "logit_bias": {"x": 1}}    | 400 | logit_bias
        {"model": "plain", "prompt": "a", "stream_options": {"x": 1}} | 400 | stream_options.x
        {"model": "plain", "prompt": "a", "stream_options": 1}       | 400 | stream_options
        {"model": "plain", "prompt": "a", "max_tokens": 4096}        | 400 |
        [1]                                                          | 400 |
        {"model":                                                    | 400 |
        """)
    void aWrongRequestIsRefusedInOpenAisShapeByName(String body, int status, String param) throws Exception {
        HttpResponse<String> response = post("/v1/completions", body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonNode error = JSON.readTree(response.body()).path("error");
        assertThat(error.path("message").asString()).isNotEmpty();
        assertThat(error.path("type").asString()).isEqualTo("invalid_request_error");
        assertThat(error.path("param").asString(null)).isEqualTo(param);
    }

    @Test
    void pagesOfOtherOriginsAndOtherNamesMayNotAsk() throws Exception {
        HttpResponse<String> response = get("/v1/models", "Origin", "https://elsewhere.example");
        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        assertThat(raw("GET /v1/models HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403");
    }

    @Test
    void nothingButTheListedFilesIsServed() throws Exception {
        for (String path : List.of(
                "/page/../Server.class", "/page/%2e%2e/Server.class", "/page/", "/page/chat.html", "//etc/passwd")) {
            assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    .as(path)
                    .matches("(?s)HTTP/1.1 4\\d\\d.*");
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2", "3", "4"})
    void garbageIsAnsweredOrCutOffAndTheServerGoesOn(long seed) throws Exception {
        byte[] bytes = new byte[20_000];
        new Random(seed).nextBytes(bytes);
        try (var socket = connect()) {
            socket.getOutputStream().write(bytes);
        } catch (IOException _) {
            // It may hang up while it is being shouted at.
        }
        assertThat(raw("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: " + "y".repeat(100_000)
                        + "\r\n\r\n"))
                .doesNotStartWith("HTTP/1.1 200");
        assertThat(raw("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 999999999999\r\n\r\n{"))
                .doesNotStartWith("HTTP/1.1 200");
        assertThat(get("/health").body()).isEqualTo("{\"status\":\"ok\"}");
    }

    private static Socket connect() throws IOException {
        var socket = new Socket("127.0.0.1", URI.create(server.address()).getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static String raw(String request) throws IOException {
        try (var socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException _) {
            return "";
        }
    }

    @Test
    void manyAtOnceGetTheirOwnAnswers() throws Exception {
        List<String> prompts = List.of("A llama", "Bread is", "The dog", "A cria");
        List<Future<Void>> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 24; i++) {
                int number = i;
                answers.add(threads.submit((Callable<Void>) () -> {
                    String prompt = prompts.get(number % 4);
                    int tokens = 5 + number;
                    if (number % 5 == 4) {
                        leave(prompt);
                        return null;
                    }
                    JsonNode json = completed("""
                        {"model": "plain", "prompt": "%s", "max_tokens": %d, "temperature": 0.8, "seed": %d}\
                        """.formatted(prompt, tokens, number));
                    assertThat(json.path("choices").path(0).path("text").asString())
                            .isEqualTo(generated(prompt, tokens, new Sampling(0.8, 0, 1), number));
                    return null;
                }));
            }
        }
        for (Future<Void> answer : answers) {
            answer.get();
        }
        assertThat(get("/metrics").body()).contains("cria_rows 0.0", "cria_queue 0.0");
    }

    /** Asks for a stream and hangs up. */
    private static void leave(String prompt) throws IOException {
        String body =
                "{\"model\": \"plain\", \"prompt\": \"%s\", \"max_tokens\": 200, \"stream\": true}".formatted(prompt);
        try (var socket = connect()) {
            socket.getOutputStream()
                    .write(("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.UTF_8));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
        }
    }

    @Test
    void checkpointsOfARunAreDifferentModels() throws Exception {
        String body = "{\"model\": \"%s\", \"prompt\": \"The dog\", \"max_tokens\": 8, \"temperature\": 0}";
        String newest = completed(body.formatted("run"))
                .path("choices")
                .path(0)
                .path("text")
                .asString();
        assertThat(completed(body.formatted("run@20"))
                        .path("choices")
                        .path(0)
                        .path("text")
                        .asString())
                .isEqualTo(newest);
        assertThat(completed(body.formatted("run@10"))
                        .path("choices")
                        .path(0)
                        .path("text")
                        .asString())
                .isEqualTo(generated("The dog", 8, Sampling.greedy(), 0))
                .isNotEqualTo(newest);
    }

    @Test
    void aKeyIsAskedForWhereThereIsOneAndDemandedOffLoopback() throws Exception {
        assertThatThrownBy(() -> new ServeOptions("0.0.0.0", 0, Optional.empty()))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("--host 0.0.0.0");
        var catalogue = Catalogue.of(List.of(new Served("plain", folder.resolve("plain"))), Map.of());
        try (var room = new ModelRoom(catalogue, ServerTest::open, 1, 1e9);
                var locked = Server.of(
                        new ServeOptions("127.0.0.1", 0, Optional.of("a-key-of-some-length")),
                        Optional.of(room),
                        Optional.empty(),
                        Progress.silent())) {
            assertThat(status(locked, "/v1/models", Optional.empty())).isEqualTo(401);
            assertThat(status(locked, "/v1/models", Optional.of("a-key-of-some-lengtH")))
                    .isEqualTo(401);
            assertThat(status(locked, "/v1/models", Optional.of("a-key-of-some-length")))
                    .isEqualTo(200);
            assertThat(status(locked, "/", Optional.empty())).isEqualTo(200);
            assertThat(status(locked, "/metrics", Optional.empty())).isEqualTo(401);
        }
    }

    private static int status(Server asked, String path, Optional<String> key) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(asked.address() + path));
        key.ifPresent(k -> request.header("Authorization", "Bearer " + k));
        return CLIENT.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    /** What runs is finished before the server ends. */
    @Test
    void drainingFinishesWhatRuns() throws Exception {
        var catalogue = Catalogue.of(List.of(new Served("plain", folder.resolve("plain"))), Map.of());
        var room = new ModelRoom(catalogue, ServerTest::open, 1, 1e9);
        Server ending = Server.of(
                new ServeOptions("127.0.0.1", 0, Optional.empty()),
                Optional.of(room),
                Optional.empty(),
                Progress.silent());
        HttpRequest request = HttpRequest.newBuilder(URI.create(ending.address() + "/v1/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\": \"plain\", \"prompt\": \"A\", \"max_tokens\": 150, \"stream\": true,"
                                + " \"seed\": 2}"))
                .build();
        HttpResponse<InputStream> response = CLIENT.send(request, BodyHandlers.ofInputStream());
        Thread closing = Thread.ofVirtual().start(ending::close);
        String all = new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
        closing.join();
        assertThat(all).endsWith("data: [DONE]\n\n");
        assertThatThrownBy(() -> CLIENT.send(request, BodyHandlers.discarding()))
                .isInstanceOf(IOException.class);
    }
}
