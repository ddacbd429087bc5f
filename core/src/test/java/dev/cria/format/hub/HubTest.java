package dev.cria.format.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hub, played by a server of this test that misbehaves when told to. */
final class HubTest {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    private static final HubAddress ADDRESS = HubAddress.parse("hf://datasets/Owner/Name/sample");
    private static final int PIECE = 1_000;
    private static final Duration PATIENCE = Duration.ofMillis(1500);

    /** Answers one request in place of the good answer. */
    @FunctionalInterface
    private interface Trouble {
        void answer(HttpExchange exchange) throws IOException;
    }

    @TempDir
    Path directory;

    private final byte[] large = new byte[10_500];
    private final byte[] small = "small and plain\n".getBytes(StandardCharsets.UTF_8);
    private final ConcurrentLinkedQueue<Trouble> troubles = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> tokens = new ConcurrentLinkedQueue<>();
    private final AtomicInteger contentRequests = new AtomicInteger();
    private HttpServer server;
    private Duration patience = Duration.ofSeconds(30);

    @BeforeEach
    void start() throws IOException {
        new Random(1).nextBytes(large);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().toString();
        tokens.add(exchange.getRequestHeaders().getFirst("Authorization") + " " + path);
        if (path.contains("/resolve/")) {
            exchange.getResponseHeaders().add("Location", "/cdn/" + path.substring(path.lastIndexOf('/') + 1));
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
            return;
        }
        if (path.startsWith("/cdn/")) {
            contentRequests.incrementAndGet();
        }
        Trouble trouble = troubles.poll();
        if (trouble != null) {
            trouble.answer(exchange);
        } else {
            wellBehaved(exchange, path);
        }
        exchange.close();
    }

    private void wellBehaved(HttpExchange exchange, String path) throws IOException {
        switch (path) {
            case "/api/datasets/Owner/Name/revision/main" -> json(exchange, "{\"sha\": \"" + COMMIT + "\"}");
            case "/api/datasets/Owner/Name/tree/" + COMMIT + "/sample?recursive=true" -> {
                exchange.getResponseHeaders().add("Link", "</page2>; rel=\"next\"");
                json(
                        exchange,
                        "[{\"type\":\"directory\",\"path\":\"sample/d\",\"oid\":\"x\",\"size\":0},{\"type\":\"file\",\"path\":\"sample/d/large"
                            + " one.parquet\",\"size\":10500,\"oid\":\"ff\","
                            + "\"lfs\":{\"oid\":\"" + sha256(large) + "\",\"size\":10500}}]");
            }
            case "/page2" ->
                json(
                        exchange,
                        "[{\"type\":\"file\",\"path\":\"sample/a.txt\",\"size\":16,\"oid\":\"" + gitHash(small)
                                + "\"},{\"type\":\"file\",\"path\":\"sample/skip.bin\",\"size\":1,\"oid\":\"" + COMMIT
                                + "\"}]");
            case "/cdn/large%20one.parquet" -> content(exchange, large);
            case "/cdn/a.txt" -> content(exchange, small);
            default -> exchange.sendResponseHeaders(404, -1);
        }
    }

    private static void json(HttpExchange exchange, String body) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "application/json; charset=utf-8");
        send(exchange, 200, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void content(HttpExchange exchange, byte[] all) throws IOException {
        int[] range = range(exchange);
        exchange.getResponseHeaders().add("Content-Range", "bytes %d-%d/%d".formatted(range[0], range[1], all.length));
        send(exchange, 206, Arrays.copyOfRange(all, range[0], range[1] + 1));
    }

    private static int[] range(HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        return Arrays.stream(range.substring("bytes=".length()).split("-"))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    @Test
    void filesLieInTheHubsOwnLayoutUnderNamesThatNameNoMachine() throws IOException {
        List<Hub.Cached> files = fetch();
        assertThat(files)
                .extracting(Hub.Cached::name)
                .containsExactly(
                        "hf://datasets/Owner/Name@" + COMMIT + "/sample/a.txt",
                        "hf://datasets/Owner/Name@" + COMMIT + "/sample/d/large one.parquet");
        Path repository = directory.resolve("datasets--Owner--Name");
        assertThat(files.getLast().path())
                .isEqualTo(repository.resolve("snapshots/" + COMMIT + "/sample/d/large one.parquet"))
                .isSymbolicLink()
                .hasBinaryContent(large);
        assertThat(Files.readSymbolicLink(files.getLast().path()))
                .isEqualTo(Path.of("../../../../blobs/" + sha256(large)));
        assertThat(repository.resolve("refs/main")).hasContent(COMMIT);
        assertThat(repository.resolve("blobs/" + gitHash(small))).hasBinaryContent(small);
        try (var blobs = Files.list(repository.resolve("blobs"))) {
            assertThat(blobs).hasSize(2);
        }
        assertThat(contentRequests).hasValue(12);
    }

    @Test
    void whatIsInTheCacheIsNotFetchedAgainAndServesOffline() {
        fetch();
        List<Hub.Cached> again = fetch();
        assertThat(contentRequests).hasValue(12);
        server.stop(0);
        assertThat(hub(HubSettings.Mode.OFFLINE).fetch(ADDRESS, HubTest::isWanted))
                .isEqualTo(again);
        assertThatThrownBy(() -> hub(HubSettings.Mode.OFFLINE)
                        .fetch(HubAddress.parse("hf://datasets/Owner/Other"), HubTest::isWanted))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("is not in the cache");
    }

    /** Cut connections, short answers, wrong ranges, whole files for pieces, 429, 503, 500: one after the other. */
    @Test
    void troubleIsTriedAgainUntilTheBytesAreRight() throws IOException {
        Trouble cut = exchange -> {
            exchange.sendResponseHeaders(206, 1_000);
            exchange.getResponseBody().write(new byte[300]);
            exchange.getResponseBody().flush();
            throw new IOException("cut");
        };
        Trouble shortAnswer = exchange -> {
            int[] range = range(exchange);
            exchange.getResponseHeaders().add("Content-Range", "bytes %d-%d/10500".formatted(range[0], range[1]));
            send(exchange, 206, new byte[10]);
        };
        Trouble wrongRange = exchange -> {
            exchange.getResponseHeaders().add("Content-Range", "bytes 0-999/9999");
            send(exchange, 206, new byte[1_000]);
        };
        Trouble whole = exchange -> send(exchange, 200, large);
        troubles.add(exchange -> send(exchange, 503, new byte[0]));
        troubles.add(HubTest::good);
        fetchAfter(List.of(
                cut,
                shortAnswer,
                wrongRange,
                whole,
                exchange -> send(exchange, 500, new byte[0]),
                exchange -> send(exchange, 404 + 12, new byte[0])));
    }

    private static void good(HttpExchange exchange) throws IOException {
        send(exchange, 502, "<html>bad gateway".getBytes(StandardCharsets.UTF_8));
    }

    private void fetchAfter(List<Trouble> inContent) throws IOException {
        Queue<Trouble> left = new ConcurrentLinkedQueue<>(inContent);
        HttpServer first = server;
        first.removeContext("/");
        first.createContext("/", exchange -> {
            // A silent answer may still be asleep when the next request asks for its own.
            Trouble trouble = exchange.getRequestURI().getPath().startsWith("/cdn/large") ? left.poll() : null;
            if (trouble == null) {
                serve(exchange);
                return;
            }
            try {
                trouble.answer(exchange);
            } finally {
                exchange.close();
            }
        });
        assertThat(fetch().getLast().path()).hasBinaryContent(large);
        assertThat(left).isEmpty();
    }

    @Test
    void aServerThatFallsSilentIsTriedAgain() throws IOException {
        Trouble silentAtOnce = _ -> sleep();
        Trouble silentWithin = exchange -> {
            int[] range = range(exchange);
            exchange.getResponseHeaders().add("Content-Range", "bytes %d-%d/10500".formatted(range[0], range[1]));
            exchange.sendResponseHeaders(206, PIECE);
            exchange.getResponseBody().write(large, range[0], 300);
            exchange.getResponseBody().flush();
            sleep();
        };
        Trouble silentList = exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 50);
            exchange.getResponseBody().write('[');
            exchange.getResponseBody().flush();
            sleep();
        };
        troubles.add(silentList);
        patience = PATIENCE;
        fetchAfter(List.of(silentAtOnce, silentWithin));
    }

    /** Longer than the client's patience. */
    private static void sleep() throws IOException {
        pause(PATIENCE.multipliedBy(4));
    }

    private static void pause(Duration duration) throws IOException {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void aSlowServerThatGoesOnSendingIsWaitedFor() throws IOException {
        Trouble slow = exchange -> {
            int[] range = range(exchange);
            exchange.getResponseHeaders().add("Content-Range", "bytes %d-%d/10500".formatted(range[0], range[1]));
            exchange.sendResponseHeaders(206, PIECE);
            for (int at = 0; at < PIECE; at += PIECE / 10) {
                exchange.getResponseBody().write(large, range[0] + at, PIECE / 10);
                exchange.getResponseBody().flush();
                pause(PATIENCE.dividedBy(5));
            }
        };
        patience = PATIENCE;
        fetchAfter(List.of(slow));
        assertThat(contentRequests).as("the other pieces, each asked for once").hasValue(11);
    }

    @Test
    void retryAfterIsHonoured() {
        troubles.add(exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "1");
            send(exchange, 429, new byte[0]);
        });
        long start = System.nanoTime();
        fetch();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(990));
    }

    @Test
    void aLoginPageWithCode200IsNoData() {
        Trouble login = exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            send(exchange, 200, "<html>log in".getBytes(StandardCharsets.UTF_8));
        };
        troubles.add(login);
        assertThatThrownBy(this::fetch)
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("answers with text/html where data was due");
    }

    @Test
    void refusalsSayWhatToDo() {
        troubles.add(exchange -> send(exchange, 401, new byte[0]));
        assertThatThrownBy(this::fetch)
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("is not for everyone (401)");
        troubles.add(exchange -> send(exchange, 404, new byte[0]));
        assertThatThrownBy(this::fetch).isInstanceOf(RequestException.class).hasMessageContaining("is not there (404)");
        for (int i = 0; i < 5; i++) {
            troubles.add(exchange -> send(exchange, 503, new byte[0]));
        }
        assertThatThrownBy(this::fetch)
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("failed 5 times: the server answers 503");
    }

    @Test
    void wrongContentIsRefusedAndFetchedAnewNextTime() throws IOException {
        byte[] right = large.clone();
        large[7_777] ^= 1;
        String hash = sha256(right);
        server.removeContext("/");
        server.createContext("/", exchange -> {
            if (exchange.getRequestURI().getPath().contains("/tree/")) {
                json(
                        exchange,
                        "[{\"type\":\"file\",\"path\":\"sample/x.parquet\",\"size\":10500,\"oid\":\"ff\",\"lfs\":"
                                + "{\"oid\":\"" + hash + "\"}}]");
                exchange.close();
            } else if (exchange.getRequestURI().getPath().startsWith("/cdn/")) {
                content(exchange, large);
                exchange.close();
            } else {
                serve(exchange);
            }
        });
        assertThatThrownBy(this::fetch)
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("and the hub says " + hash);
        System.arraycopy(right, 0, large, 0, right.length);
        assertThat(fetch().getFirst().path()).hasBinaryContent(right);
    }

    @Test
    void aCutDownloadGoesOnWithTheMissingPieces() {
        AtomicInteger served = new AtomicInteger();
        server.removeContext("/");
        server.createContext("/", exchange -> {
            if (exchange.getRequestURI().getPath().startsWith("/cdn/") && served.incrementAndGet() > 6) {
                exchange.close();
            } else {
                serve(exchange);
            }
        });
        assertThatThrownBy(this::fetch).isInstanceOf(WorkException.class);
        int before = contentRequests.get();
        server.removeContext("/");
        server.createContext("/", this::serve);
        assertThat(fetch().getLast().path()).hasBinaryContent(large);
        assertThat(contentRequests.get() - before).isEqualTo(12 - before);
    }

    @Test
    void theTokenGoesToTheHubAndToNoOtherHost() throws IOException {
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
        other.createContext("/", exchange -> {
            seen.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            content(exchange, exchange.getRequestURI().getPath().endsWith("a.txt") ? small : large);
            exchange.close();
        });
        other.start();
        server.removeContext("/");
        server.createContext("/", exchange -> {
            if (exchange.getRequestURI().getPath().contains("/resolve/")) {
                String path = exchange.getRequestURI().getPath();
                exchange.getResponseHeaders()
                        .add(
                                "Location",
                                "http://127.0.0.1:" + other.getAddress().getPort() + "/"
                                        + (path.endsWith("a.txt") ? "a.txt" : "large"));
                exchange.sendResponseHeaders(302, -1);
                exchange.close();
            } else {
                serve(exchange);
            }
        });
        fetch();
        other.stop(0);
        assertThat(tokens).allMatch(t -> t.startsWith("Bearer secret "));
        assertThat(seen).isNotEmpty().allMatch("null"::equals);
    }

    @Test
    void addressesAreTakenApart() {
        HubAddress address = HubAddress.parse("hf://datasets/HuggingFaceFW/fineweb-edu@v1.0/sample/100BT/");
        assertThat(address)
                .isEqualTo(
                        new HubAddress(HubAddress.Kind.DATASETS, "HuggingFaceFW/fineweb-edu", "v1.0", "sample/100BT"));
        assertThatThrownBy(() -> HubAddress.parse("hf://HuggingFaceFW/fineweb-edu"))
                .isInstanceOf(RequestException.class);
    }

    @Test
    void settingsComeFromTheHubsOwnVariables() {
        HubSettings settings = HubSettings.of(
                Map.of("HF_HOME", "/h", "HF_TOKEN", "t", "HF_ENDPOINT", "http://mirror", "HF_HUB_OFFLINE", "1"),
                Path.of("/home/x"));
        assertThat(settings.cache()).isEqualTo(Path.of("/h/hub"));
        assertThat(settings.endpoint()).isEqualTo(URI.create("http://mirror"));
        assertThat(settings.mode()).isEqualTo(HubSettings.Mode.OFFLINE);
        assertThat(HubSettings.of(Map.of(), Path.of("/home/x")).cache())
                .isEqualTo(Path.of("/home/x/.cache/huggingface/hub"));
    }

    private List<Hub.Cached> fetch() {
        return hub(HubSettings.Mode.ONLINE).fetch(ADDRESS, HubTest::isWanted);
    }

    private static boolean isWanted(String path) {
        return path.endsWith(".parquet") || path.endsWith(".txt");
    }

    private Hub hub(HubSettings.Mode mode) {
        return new Hub(
                new HubSettings(
                        URI.create("http://localhost:" + server.getAddress().getPort()),
                        Optional.of("Bearer secret"),
                        directory,
                        mode,
                        PIECE,
                        3,
                        5,
                        patience,
                        Duration.ofMillis(5),
                        Duration.ofSeconds(2)),
                Progress.silent());
    }

    private static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(AtomicFiles.sha256().digest(bytes));
    }

    private static String gitHash(byte[] bytes) {
        try {
            var digest = java.security.MessageDigest.getInstance("SHA-1");
            digest.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest.digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
