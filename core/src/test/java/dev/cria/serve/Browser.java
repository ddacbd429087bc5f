package dev.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A page in headless Chromium, driven through its DevTools protocol. */
final class Browser implements AutoCloseable {
    static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final JsonMapper JSON = new JsonMapper();
    private static final long MILLIS = 120_000;

    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    Browser(Path directory) throws Exception {
        this.process = new ProcessBuilder(
                        CHROMIUM.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + directory,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Path port = directory.resolve("DevToolsActivePort");
        while (process.isAlive()
                && (!Files.exists(port) || Files.readAllLines(port).isEmpty())) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        URI targets = URI.create("http://127.0.0.1:" + Files.readAllLines(port).getFirst() + "/json/new?about:blank");
        HttpRequest request = HttpRequest.newBuilder(targets)
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build();
        String target = JSON.readTree(
                        http.send(request, BodyHandlers.ofString()).body())
                .path("webSocketDebuggerUrl")
                .asString();
        this.socket = http.newWebSocketBuilder()
                .buildAsync(URI.create(target), new Listener())
                .join();
        for (String domain : List.of("Page", "Runtime", "Log")) {
            send(domain + ".enable", Map.of());
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                take(JSON.readTree(text.toString()));
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }

    private void take(JsonNode message) {
        if (message.has("id")) {
            CompletableFuture<JsonNode> asked =
                    waiting.remove(message.path("id").asInt());
            if (asked != null) {
                asked.complete(message);
            }
        }
        String method = message.path("method").asString("");
        if (method.equals("Runtime.exceptionThrown")
                || method.equals("Log.entryAdded")
                        && message.path("params")
                                .path("entry")
                                .path("level")
                                .asString("")
                                .equals("error")) {
            complaints.add(message.path("params").toString());
        }
    }

    /** What the page has thrown, or its policy has stopped. */
    List<String> complaints() {
        return complaints;
    }

    private JsonNode send(String method, Map<String, ?> params) throws Exception {
        int number = numbers.incrementAndGet();
        var answer = new CompletableFuture<JsonNode>();
        waiting.put(number, answer);
        synchronized (this) {
            socket.sendText(JSON.writeValueAsString(Map.of("id", number, "method", method, "params", params)), true)
                    .join();
        }
        JsonNode message = answer.get(MILLIS, TimeUnit.MILLISECONDS);
        assertThat(message.has("error")).as("%s: %s", method, message).isFalse();
        return message.path("result");
    }

    void open(String address) throws Exception {
        send("Page.navigate", Map.of("url", address));
        until("document.readyState === 'complete'");
    }

    /** The window's width and height, and the colours that the reader prefers: light or dark. */
    void look(int width, int height, String scheme) throws Exception {
        send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
        send(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** The value of an expression, as text. */
    String ask(String expression) throws Exception {
        JsonNode result = send("Runtime.evaluate", Map.of("expression", expression, "awaitPromise", true));
        assertThat(result.has("exceptionDetails"))
                .as("%s: %s", expression, result)
                .isFalse();
        return result.path("result").path("value").asString("");
    }

    /** Waits until an expression is true. */
    void until(String expression) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MILLIS);
        while (!ask("String(" + expression + ")").equals("true")) {
            assertThat(System.nanoTime())
                    .as("never: %s; the page says %s", expression, ask("document.body.innerText"))
                    .isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    void type(String text) throws Exception {
        send("Input.insertText", Map.of("text", text));
    }

    void press(String key) throws Exception {
        int code = Map.of("Enter", 13, "Escape", 27, "ArrowRight", 39).getOrDefault(key, 0);
        for (String type : List.of("rawKeyDown", "keyUp")) {
            send(
                    "Input.dispatchKeyEvent",
                    Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", code));
        }
    }

    void point(String selector) throws Exception {
        JsonNode at = JSON.readTree(ask("(() => { const b = document.querySelector('" + selector
                + "').getBoundingClientRect(); return JSON.stringify([b.x + b.width / 2, b.y + b.height / 2]); })()"));
        send(
                "Input.dispatchMouseEvent",
                Map.of(
                        "type",
                        "mouseMoved",
                        "x",
                        at.path(0).asDouble(),
                        "y",
                        at.path(1).asDouble()));
    }

    void picture(Path file) throws Exception {
        String data = send("Page.captureScreenshot", Map.of("format", "png"))
                .path("data")
                .asString();
        Files.write(file, Base64.getDecoder().decode(data));
    }

    @Override
    public void close() throws IOException {
        socket.abort();
        http.shutdownNow();
        process.destroy();
        try {
            if (!process.waitFor(180, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
        }
    }
}
