package dev.cria.eval.judge;

import dev.cria.Redaction;
import dev.cria.WebAddress;
import dev.cria.WorkException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An OpenAI-compatible {@code /chat/completions}. What may pass is tried again: 408, 429, every 5xx, broken connections
 * and bodies that are not whole; after 1, 2, 4 … seconds, or as long as {@code Retry-After} says.
 */
final class ChatEndpoint implements AutoCloseable {
    private static final int ATTEMPTS = 6;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    /** Bytes of an answer; one with scores has a few hundred. */
    private static final int LARGEST_ANSWER = 16 << 20;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
    private final URI uri;
    private final Optional<String> authorization;
    private final Pause pause;

    /** Waits; a test counts instead. */
    @FunctionalInterface
    interface Pause {
        void of(Duration duration) throws InterruptedException;
    }

    /** Told of each request that is sent. */
    @FunctionalInterface
    interface Sent {
        void request();
    }

    /**
     * The model's answer.
     *
     * @param promptTokens as the endpoint counts them, 0 where it doesn't say
     */
    record Answer(String content, long promptTokens, long completionTokens) {}

    private record Failure(String what, Optional<Duration> retryAfter) {}

    ChatEndpoint(URI endpoint, Optional<String> apiKey, Pause pause) {
        WebAddress address = WebAddress.ofSetting("--endpoint", endpoint.toString(), "http://localhost:8080/v1");
        String path = address.uri().toString().replaceFirst("/+$", "");
        this.uri = URI.create(path.endsWith("/chat/completions") ? path : path + "/chat/completions");
        this.authorization =
                apiKey.map(key -> WebAddress.bearer("OPENAI_API_KEY", key)).or(address::authorization);
        this.pause = pause;
    }

    /** @throws WorkException if the endpoint refuses, or fails {@value #ATTEMPTS} times */
    Answer ask(ObjectNode body, Sent sent) {
        Failure last = new Failure("", Optional.empty());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (attempt > 0) {
                waitFor(last.retryAfter().orElse(Duration.ofSeconds(1L << (attempt - 1))));
            }
            sent.request();
            try {
                HttpResponse<String> response = whole(request(body));
                if (response.statusCode() == 200) {
                    return answer(response.body());
                }
                last = failure(response);
            } catch (JacksonException e) {
                last = new Failure("its answer is not complete JSON: " + e.getOriginalMessage(), Optional.empty());
            } catch (IOException e) {
                last = new Failure(
                        e.getMessage() == null ? "the connection failed" : "the connection failed: " + e.getMessage(),
                        Optional.empty());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new WorkException("interrupted while asking " + uri, "start again; scores so far are cached", e);
            }
        }
        throw new WorkException(
                "%s failed %d times, at last: %s".formatted(uri, ATTEMPTS, last.what()),
                "start again later; scores so far are cached");
    }

    /** The client's own timeout ends with the answer's head. */
    private HttpResponse<String> whole(HttpRequest request) throws IOException, InterruptedException {
        var answer = client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), LARGEST_ANSWER));
        try {
            return answer.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException _) {
            answer.cancel(true);
            throw new IOException("no whole answer within " + TIMEOUT.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw new IOException(Objects.requireNonNullElse(e.getCause(), e).getMessage(), e);
        }
    }

    private HttpRequest request(ObjectNode body) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(uri)
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
        authorization.ifPresent(value -> builder.header("Authorization", value));
        return builder.build();
    }

    private static Answer answer(String body) throws IOException {
        JsonNode json = JSON.readTree(body);
        JsonNode content = json.at("/choices/0/message/content");
        if (!content.isString()) {
            throw new IOException("no text at choices[0].message.content in " + shortened(body));
        }
        return new Answer(
                content.stringValue(),
                json.at("/usage/prompt_tokens").asLong(0),
                json.at("/usage/completion_tokens").asLong(0));
    }

    private Failure failure(HttpResponse<String> response) {
        int status = response.statusCode();
        String what = "status " + status + ": " + shortened(response.body());
        if (status != 408 && status != 429 && status < 500) {
            throw new WorkException(
                    uri + " refuses with " + what,
                    status == 401 || status == 403
                            ? "export OPENAI_API_KEY=… with a key for this endpoint"
                            : "give the endpoint's address up to /v1 and one of its models");
        }
        return new Failure(what, response.headers().firstValue("Retry-After").flatMap(ChatEndpoint::delay));
    }

    /** Seconds, or a date. */
    private static Optional<Duration> delay(String retryAfter) {
        try {
            return Optional.of(
                    retryAfter.strip().matches("\\d{1,6}")
                            ? Duration.ofSeconds(Long.parseLong(retryAfter.strip()))
                            : Duration.between(
                                    Instant.now(),
                                    ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME)));
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    private void waitFor(Duration wanted) {
        Duration duration = wanted.isNegative() ? Duration.ZERO : wanted;
        try {
            pause.of(duration.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkException("interrupted while waiting for " + uri, "start again; scores so far are cached", e);
        }
    }

    private static String shortened(String body) {
        String line = Redaction.line(body.strip()).replaceAll("\\s+", " ");
        return line.length() <= 200 ? line : line.substring(0, 200) + "…";
    }

    @Override
    public void close() {
        client.close();
    }
}
