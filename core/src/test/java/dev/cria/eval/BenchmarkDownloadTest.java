package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;

import com.jerolba.carpet.CarpetWriter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cria.Progress;
import dev.cria.format.hub.Hub;
import dev.cria.format.hub.HubSettings;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub, played by a server of this test, that has a row of each data set. */
final class BenchmarkDownloadTest {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    record Choices(List<String> text, List<String> label) {}

    record Arc(String question, Choices choices, String answerKey) {}

    record Bool(String question, boolean answer, String passage) {}

    @TempDir
    Path folder;

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server;
    private byte[] parquet = {};

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        asked.add(path);
        byte[] body = parquet;
        if (path.contains("/revision/")) {
            body = "{\"sha\": \"%s\"}".formatted(COMMIT).getBytes(StandardCharsets.UTF_8);
        } else if (path.contains("/tree/")) {
            String below = path.substring(path.indexOf(COMMIT) + COMMIT.length() + 1);
            body = "[{\"type\": \"file\", \"path\": \"%s/0000.parquet\", \"size\": %d, \"oid\": \"%s\"}]"
                    .formatted(below, parquet.length, blobName(parquet))
                    .getBytes(StandardCharsets.UTF_8);
        }
        String type = body == parquet ? "application/octet-stream" : "application/json; charset=utf-8";
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, body.length);
        try (exchange) {
            exchange.getResponseBody().write(body);
        }
    }

    /** The name that git gives a file's bytes, which is the hash that the hub tells of a small file. */
    private static String blobName(byte[] content) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update("blob %d\0".formatted(content.length).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha1.digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private Hub hub() {
        String endpoint = "http://localhost:" + server.getAddress().getPort();
        return new Hub(HubSettings.of(Map.of("HF_ENDPOINT", endpoint), folder), Progress.silent());
    }

    private <T> void serve(Class<T> type, T row) throws IOException {
        Path file = folder.resolve("served.parquet");
        try (var writer = new CarpetWriter<>(new FileOutputStream(file.toFile()), type)) {
            writer.write(row);
        }
        parquet = Files.readAllBytes(file);
    }

    @Test
    void fetchesTheSplitThatIsReportedAndOnlyWhatIsMissing() throws IOException {
        Path rows = folder.resolve("rows");
        serve(Arc.class, new Arc("Why?", new Choices(List.of("So", "No"), List.of("A", "B")), "B"));
        BenchmarkDownload.fetch(hub(), rows, List.of("arc_challenge"));
        serve(Bool.class, new Bool("is it", true, "p"));
        BenchmarkDownload.fetch(hub(), rows, List.of("boolq", "arc_challenge"));

        assertThat(asked)
                .containsExactly(
                        "/api/datasets/allenai/ai2_arc/revision/refs%2Fconvert%2Fparquet",
                        "/api/datasets/allenai/ai2_arc/tree/" + COMMIT + "/ARC-Challenge/test",
                        "/datasets/allenai/ai2_arc/resolve/" + COMMIT + "/ARC-Challenge/test/0000.parquet",
                        "/api/datasets/google/boolq/revision/refs%2Fconvert%2Fparquet",
                        "/api/datasets/google/boolq/tree/" + COMMIT + "/default/validation",
                        "/datasets/google/boolq/resolve/" + COMMIT + "/default/validation/0000.parquet");
        assertThat(BenchmarkRows.found(rows)).containsExactly(Benchmark.ARC_CHALLENGE, Benchmark.BOOLQ);
        assertThat(Benchmark.BOOLQ
                        .question(BenchmarkRows.read(rows, Benchmark.BOOLQ, 0).getFirst())
                        .gold())
                .isEqualTo(1);
    }

    @Test
    void everyBenchmarkHasItsPlace() throws IOException {
        serve(Bool.class, new Bool("is it", true, "p"));
        BenchmarkDownload.fetch(hub(), folder.resolve("rows"), List.of());

        assertThat(BenchmarkRows.found(folder.resolve("rows"))).containsExactly(Benchmark.values());
    }
}
