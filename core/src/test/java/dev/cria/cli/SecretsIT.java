package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cria.model.SmallDirectories;
import dev.cria.tensor.DType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a server echoes and however a command fails, no secret is printed, and no stack trace. */
@Timeout(300)
final class SecretsIT {
    private static final String TOKEN = "hf_SecretSecretSecret";
    private static final String KEY = "sk-SecretSecretSecret";
    private static final String PASSWORD = "hunter2hunter2";

    @TempDir
    Path folder;

    private HttpServer server;
    private String home = "";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::echo);
        server.start();
        home = "localhost:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** Answers in the way that the path names, with all that the client has sent. */
    private void echo(HttpExchange exchange) throws IOException {
        String secrets = exchange.getRequestHeaders().getFirst("Authorization") + " " + TOKEN + " " + KEY;
        String path = exchange.getRequestURI().getPath();
        if (path.contains("redirect")) {
            exchange.getResponseHeaders().add("Location", "mailto:" + TOKEN);
        }
        exchange.getResponseHeaders().add("Content-Type", path.contains("html") ? "text/html" : "application/json");
        byte[] body = ((path.contains("broken") ? "{" : "") + "{\"error\": \"\u001b[31m" + secrets + "\"}")
                .getBytes(StandardCharsets.UTF_8);
        int status = path.contains("redirect") ? 302 : path.contains("gated") ? 401 : path.contains("bad") ? 400 : 200;
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Test
    void noErrorPathPrintsASecret() throws Exception {
        Path model = SmallDirectories.write(SmallDirectories.gpt2(), folder.resolve("model"), DType.FLOAT32);
        List<String> told = new ArrayList<>();
        for (String repository : List.of("redirect", "gated", "html", "broken", "plain")) {
            told.add(prepare("http://" + home, TOKEN + "\n", "o/" + repository));
        }
        told.add(prepare("http://me:" + PASSWORD + "@" + home, "", "o/gated"));
        told.add(prepare("http://me:" + PASSWORD + "@localhost:1", TOKEN, "o/n"));
        told.add(prepare("http://me:" + PASSWORD + "@bad host", TOKEN, "o/n"));
        told.add(prepare("me:" + PASSWORD + "@host", TOKEN, "o/n"));
        told.add(prepare("http://" + home, TOKEN + "\nmore", "o/n"));
        for (String endpoint : List.of("bad", "gated")) {
            told.add(judge(model, "http://me:" + PASSWORD + "@" + home + "/" + endpoint, KEY + "\n"));
        }
        told.add(judge(model, "http://" + home + "/bad", KEY + "\nmore"));
        told.add(judge(model, "ftp://me:" + PASSWORD + "@host", KEY));
        told.add(run(Map.of(), "generate", TOKEN, "--prompt", "x"));
        told.add(run(Map.of(), "prepare", "hf://" + TOKEN, "--tokenizer", "gpt2", "--out", "x"));
        told.add(run(Map.of(), "nothing-" + TOKEN));
        told.add(run(Map.of(), "pretrain", "--set", "data.path=https://me:" + PASSWORD + "@host/x"));
        assertThat(told).allSatisfy(text -> assertThat(text)
                .contains("error: ")
                .doesNotContain("Secret")
                .doesNotContain("hunter2")
                .doesNotContain("\tat ")
                .doesNotContain("\u001b"));
    }

    private String prepare(String endpoint, String token, String repository) throws Exception {
        return run(
                Map.of("HF_ENDPOINT", endpoint, "HF_TOKEN", token, "HF_HUB_CACHE", folder.toString()),
                "prepare",
                "hf://datasets/" + repository,
                "--tokenizer",
                "gpt2",
                "--out",
                folder.resolve("out").toString());
    }

    private String judge(Path model, String endpoint, String key) throws Exception {
        return run(
                Map.of("OPENAI_API_KEY", key),
                "judge",
                model.toString(),
                "--endpoint",
                endpoint,
                "--judge-model",
                "m",
                "--max-new-tokens",
                "1",
                "--out",
                folder.resolve("judged.jsonl").toString());
    }

    private static String run(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.cria.cli.Main"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(Map.of("HF_TOKEN", TOKEN, "OPENAI_API_KEY", KEY, "DB_PASSWORD", PASSWORD));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        return text;
    }
}
