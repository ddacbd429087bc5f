package dev.cria.format.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hub that means ill: whatever it answers is refused in words, in bounded time and memory. */
final class UntrustedHubTest {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    @TempDir
    Path folder;

    private HttpServer server;
    private String tree = "[]";
    private String next = "";
    private String location = "";
    private final AtomicInteger pages = new AtomicInteger();

    @BeforeEach
    void start() throws IOException {
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
        boolean list = exchange.getRequestURI().getPath().contains("/tree/");
        if (list && !location.isEmpty()) {
            exchange.getResponseHeaders().add("Location", location);
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
            return;
        }
        if (list && !next.isEmpty()) {
            String address = next.replace("N", String.valueOf(pages.incrementAndGet()));
            exchange.getResponseHeaders().add("Link", "<" + address + ">; rel=\"next\"");
        }
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        byte[] body = (list ? tree : "{\"sha\": \"" + COMMIT + "\"}").getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private void fetch() {
        Map<String, String> environment = Map.of(
                "HF_ENDPOINT", "http://localhost:" + server.getAddress().getPort(), "HF_HUB_CACHE", folder.toString());
        new Hub(HubSettings.of(environment, folder), Progress.silent())
                .fetch(HubAddress.parse("hf://datasets/o/n"), _ -> true);
    }

    private static String file(String path, String size) {
        return "[{\"type\":\"file\",\"path\":\"" + path + "\",\"size\":" + size + ",\"oid\":\"" + COMMIT + "\"}]";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "mailto:x@y",
                "ftp://x/y",
                "jar:file:/x!/y",
                "http://",
                "http:///x",
                "http://[::1",
                "http://a b/",
                "ht tp://x",
                "%zz",
                "http://x:99999999/",
                "javascript:alert(1)",
                "data:text/plain,x"
            })
    void isFollowedToWebAddressesOnly(String address) {
        location = address;
        assertThatThrownBy(this::fetch)
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("sends on to")
                .hasMessageContaining("not an http or https address");
        location = "";
        next = address;
        assertThatThrownBy(this::fetch)
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("not an http or https address");
    }

    @Test
    void redirectsWithoutEndEnd() {
        location = "/api/datasets/o/n/tree/again";
        assertThatThrownBy(this::fetch).isInstanceOf(WorkException.class).hasMessageContaining("more than 5 times");
    }

    @Test
    void pagesWithoutEndEnd() {
        next = "/api/datasets/o/n/tree/same";
        assertThatThrownBy(this::fetch).isInstanceOf(WorkException.class).hasMessageContaining("has no end");
        next = "/api/datasets/o/n/tree/N";
        assertThatThrownBy(this::fetch).isInstanceOf(WorkException.class).hasMessageContaining("has no end");
    }

    @Test
    void anEndlessAnswerIsNotKeptInMemory() {
        server.removeContext("/");
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            byte[] blanks = "          ".repeat(10_000).getBytes(StandardCharsets.UTF_8);
            while (true) {
                exchange.getResponseBody().write(blanks);
            }
        });
        assertThatThrownBy(this::fetch)
                .isInstanceOf(WorkException.class)
                .hasMessageEndingWith("answers with more than 64 MiB of JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"4611686018427387904", "9223372036854775807", "100000000000000000"})
    void filesLargerThanTheDiskAreNotBegun(String size) {
        tree = file("a.txt", size);
        assertThatThrownBy(this::fetch).isInstanceOf(WorkException.class).hasMessageContaining("and the disk of");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\\u0000b",
                "",
                "..",
                "../x",
                "a/../../x",
                "/etc/x",
                "a//b",
                "a\\u001b[31m",
                "a\\\\b",
                "...",
                "a/./../b"
            })
    void namesStayInTheirFolder(String path) {
        tree = file(path, "5");
        assertThatThrownBy(this::fetch).isInstanceOf(WorkException.class).hasMessageContaining("lists a file named");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "5", "null", "[5, null, [[]], {\"type\": 7}]", "{\"error\": \"x\"}"})
    void listsOfAnotherFormHoldNoFiles(String list) {
        tree = list;
        assertThatThrownBy(this::fetch).isInstanceOf(RequestException.class).hasMessageContaining("has no file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"5\"", "-1", "1e400", "null", "[]", "99999999999999999999"})
    void sizesThatAreNoneAreRefused(String size) {
        tree = file("a.txt", size);
        assertThatThrownBy(this::fetch).isInstanceOf(WorkException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "huggingface.co",
                "ftp://x",
                "http://",
                "://x",
                "http://a b",
                "file:///x",
                "http://x:70000",
                "http://user:secret-word@",
                "user:secret-word@host"
            })
    void anEndpointThatIsNoWebAddressIsRefusedWithoutItsSecret(String endpoint) {
        assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", endpoint), folder))
                .isInstanceOf(RequestException.class)
                .hasMessageStartingWith("HF_ENDPOINT is ")
                .hasMessageEndingWith("not an address with http:// or https:// and a host")
                .message()
                .doesNotContain("secret-word");
    }

    @Test
    void settingsAreTakenWithoutTheWhiteSpaceAroundThem() {
        HubSettings settings = HubSettings.of(
                Map.of(
                        "HF_TOKEN",
                        " hf_abcdef\n",
                        "HF_ENDPOINT",
                        "https://hub.example \n",
                        "HF_HUB_CACHE",
                        "x/../y/./z"),
                folder);
        assertThat(settings.authorization()).contains("Bearer hf_abcdef");
        assertThat(settings.endpoint()).hasToString("https://hub.example");
        assertThat(settings.cache()).isEqualTo(Path.of("y/z").toAbsolutePath());
        assertThatThrownBy(() -> HubSettings.of(Map.of("HF_TOKEN", "hf_abc\ndef"), folder))
                .isInstanceOf(RequestException.class)
                .message()
                .doesNotContain("hf_abc");
        HubSettings withUser = HubSettings.of(Map.of("HF_ENDPOINT", "https://me:hidden@hub.example/"), folder);
        assertThat(withUser.endpoint()).hasToString("https://hub.example/");
        assertThat(withUser.authorization()).contains("Basic bWU6aGlkZGVu");
    }

    @Test
    void aHubThatCannotBeReachedIsToldAtOnce() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        for (String endpoint : new String[] {"http://localhost:" + closed, "http://no-such-host.invalid"}) {
            HubSettings settings =
                    HubSettings.of(Map.of("HF_ENDPOINT", endpoint, "HF_HUB_CACHE", folder.toString()), folder);
            assertThatThrownBy(() -> new Hub(settings, Progress.silent())
                            .fetch(HubAddress.parse("hf://datasets/o/n"), _ -> true))
                    .isInstanceOf(WorkException.class)
                    .hasMessageStartingWith(endpoint + " cannot be reached: ");
        }
    }
}
