package dev.cria.format.hub;

import dev.cria.RequestException;
import dev.cria.WebAddress;
import dev.cria.WorkException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Requests that are tried again: after cut connections, timeouts, 429 and 5xx, with pauses that double, or as long as
 * Retry-After says. Redirects are followed here, since the token must not travel to another host.
 */
final class HubHttp implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(20);

    /** Bytes of a page of JSON; the hub's own have a thousand files, some hundred kilobytes. */
    private static final int LARGEST_PAGE = 64 << 20;

    /** How many times as long as one silence a whole page may take. */
    private static final int PAGE_PATIENCE = 10;

    private static final int MOST_REDIRECTS = 5;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final int BUFFER = 1 << 16;

    private final HubSettings settings;
    private final HttpClient client;
    private final ScheduledExecutorService clock;

    HubHttp(HubSettings settings) {
        this.settings = settings;
        this.client = HttpClient.newBuilder()
                .connectTimeout(CONNECT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        this.clock = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("download-clock").factory());
    }

    /** An answer that is worth another try. */
    private static final class TryAgain extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient Optional<Duration> pause;

        TryAgain(String why, Optional<Duration> pause) {
            super(why);
            this.pause = pause;
        }
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T run() throws IOException, InterruptedException;
    }

    /** The text of a JSON answer, and the address of the page that follows it. */
    record Page(String json, Optional<URI> next) {}

    /**
     * The JSON at an address.
     *
     * @throws WorkException at once, not after many attempts, where no connection can be made at all
     */
    Page json(URI address) {
        Reach.require(address);
        return retrying(address, () -> {
            var response = send(request(address), HttpResponse.BodyHandlers.ofInputStream());
            try (var body = watched(response)) {
                requireStatus(address, response, 200);
                String type = response.headers().firstValue("content-type").orElse("");
                if (!type.contains("json")) {
                    throw notTheHub(address, type);
                }
                return new Page(page(address, body), next(response));
            }
        });
    }

    /** The whole of an answer that is neither endless nor dripping. */
    private String page(URI address, InputStream body) throws IOException {
        var bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER];
        long end = System.nanoTime()
                + settings.patience().multipliedBy(PAGE_PATIENCE).toNanos();
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
            bytes.write(buffer, 0, n);
            if (bytes.size() > LARGEST_PAGE) {
                throw new WorkException(
                        address + " answers with more than " + (LARGEST_PAGE >> 20) + " MiB of JSON",
                        "is HF_ENDPOINT a hub?");
            }
            if (System.nanoTime() > end) {
                throw new TryAgain(
                        "the answer was not whole after "
                                + settings.patience()
                                        .multipliedBy(PAGE_PATIENCE)
                                        .toSeconds() + " s",
                        Optional.empty());
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static Optional<URI> next(HttpResponse<?> response) {
        return response.headers()
                .firstValue("link")
                .filter(link -> link.contains("rel=\"next\"") && link.indexOf('<') < link.indexOf('>'))
                .map(link -> target(response.uri(), link.substring(link.indexOf('<') + 1, link.indexOf('>'))));
    }

    /** Where a server sends us on to, which may be nothing but another web address. */
    private static URI target(URI from, String reference) {
        return WebAddress.referredTo(from, reference)
                .orElseThrow(() -> new WorkException(
                        from + " sends on to " + shortened(reference) + ", not an http or https address",
                        "is HF_ENDPOINT a hub?"));
    }

    private static String shortened(String reference) {
        return reference.length() > 100 ? reference.substring(0, 100) + "…" : reference;
    }

    /** Fetches the bytes from {@code from} to before {@code to} of a file of {@code total} bytes into their place. */
    void piece(URI address, long from, long to, long total, FileChannel into) {
        retrying(address, () -> {
            HttpRequest.Builder request = request(address).header("Range", "bytes=" + from + "-" + (to - 1));
            var response = send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (var body = watched(response)) {
                boolean whole = from == 0 && to == total && response.statusCode() == 200;
                requireStatus(address, response, whole ? 200 : 206);
                String type = response.headers().firstValue("content-type").orElse("");
                if (type.startsWith("text/html")) {
                    throw notTheHub(address, type);
                }
                if (whole) {
                    requireLength(response, total);
                } else {
                    requireRange(response, from, to, total);
                }
                copy(body, from, to, into);
            }
            return to;
        });
    }

    private InputStream watched(HttpResponse<InputStream> response) {
        return new WatchedStream(response.body(), settings.patience(), clock);
    }

    private static void copy(InputStream body, long from, long to, FileChannel into) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long at = from;
        while (at < to) {
            int n = body.read(buffer, 0, (int) Math.min(buffer.length, to - at));
            if (n < 0) {
                throw new TryAgain(
                        "the answer ended after %d of %d bytes".formatted(at - from, to - from), Optional.empty());
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
            while (bytes.hasRemaining()) {
                at += into.write(bytes, at);
            }
        }
    }

    private static void requireLength(HttpResponse<?> response, long total) throws TryAgain {
        long length = response.headers().firstValueAsLong("content-length").orElse(total);
        if (length != total) {
            throw new TryAgain("the answer has " + length + " bytes, not " + total, Optional.empty());
        }
    }

    private static void requireRange(HttpResponse<?> response, long from, long to, long total) throws TryAgain {
        String range = response.headers().firstValue("content-range").orElse("none");
        String wanted = "bytes " + from + "-" + (to - 1) + "/" + total;
        if (!range.equals(wanted)) {
            throw new TryAgain("the answer has the range " + range + ", not " + wanted, Optional.empty());
        }
    }

    private HttpRequest.Builder request(URI address) {
        return HttpRequest.newBuilder(address).timeout(settings.patience()).header("User-Agent", "cria");
    }

    private <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        HttpRequest.Builder current = request;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            HttpRequest plain = current.build();
            boolean home = plain.uri().getAuthority().equals(settings.endpoint().getAuthority())
                    && plain.uri().getScheme().equals(settings.endpoint().getScheme());
            HttpRequest sent = home && settings.authorization().isPresent()
                    ? HttpRequest.newBuilder(plain, (_, _) -> true)
                            .header("Authorization", settings.authorization().get())
                            .build()
                    : plain;
            HttpResponse<T> response = client.send(sent, handler);
            Optional<String> location = response.headers().firstValue("location");
            if (!REDIRECTS.contains(response.statusCode()) || location.isEmpty()) {
                return response;
            }
            if (response.body() instanceof AutoCloseable body) {
                close(body);
            }
            current = HttpRequest.newBuilder(plain, (_, _) -> true).uri(target(plain.uri(), location.get()));
        }
        throw new WorkException(
                request.build().uri() + " sends on more than " + MOST_REDIRECTS + " times", "is HF_ENDPOINT a hub?");
    }

    private static void close(AutoCloseable body) throws IOException {
        try {
            body.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private void requireStatus(URI address, HttpResponse<?> response, int wanted) throws TryAgain {
        int status = response.statusCode();
        if (status == wanted) {
            return;
        }
        if (status == 429 || status >= 500) {
            throw new TryAgain("the server answers " + status, retryAfter(response));
        }
        if (status == 401 || status == 403) {
            throw new RequestException(
                    address + " is not for everyone (" + status + ")",
                    "HF_TOKEN=hf_… with a token of someone who has accepted the repository's terms");
        }
        if (status == 404) {
            throw new RequestException(address + " is not there (404)", "look at " + settings.endpoint());
        }
        throw new TryAgain("the server answers " + status + " where " + wanted + " was due", Optional.empty());
    }

    /** Seconds, or a date. */
    private static Optional<Duration> retryAfter(HttpResponse<?> response) {
        return response.headers().firstValue("retry-after").flatMap(value -> {
            try {
                return Optional.of(Duration.ofSeconds(Long.parseLong(value.strip())));
            } catch (NumberFormatException _) {
                return date(value);
            }
        });
    }

    private static Optional<Duration> date(String value) {
        try {
            Instant then = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Optional.of(Duration.between(Instant.now(), then)).filter(d -> !d.isNegative());
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }

    private static WorkException notTheHub(URI address, String type) {
        return new WorkException(
                address + " answers with " + (type.isEmpty() ? "something" : type) + " where data was due",
                "is a login page or a proxy between? HF_TOKEN, HF_ENDPOINT");
    }

    private <T> T retrying(URI address, Attempt<T> attempt) {
        Duration pause = settings.firstPause();
        for (int tried = 1; ; tried++) {
            try {
                return attempt.run();
            } catch (IOException e) {
                if (tried >= settings.attempts()) {
                    throw new WorkException(
                            "%s failed %d times: %s".formatted(address, tried, e.getMessage()),
                            "start the same command again: what was fetched is kept",
                            e);
                }
                Optional<Duration> asked = e instanceof TryAgain again ? again.pause : Optional.empty();
                sleep(asked.orElse(pause));
                pause = pause.multipliedBy(2);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new WorkException("interrupted while fetching " + address, "start the same command again", e);
            }
        }
    }

    private void sleep(Duration pause) {
        try {
            Thread.sleep(pause.compareTo(settings.longestPause()) > 0 ? settings.longestPause() : pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkException("interrupted between two attempts", "start the same command again", e);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        client.close();
    }
}
