package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.GgufWriter.Type;
import dev.cria.format.hub.Hub;
import dev.cria.format.hub.HubAddress;
import dev.cria.format.hub.HubSettings;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.tensor.DType;
import dev.cria.weights.GgufExport;
import dev.cria.weights.HubModel;
import dev.cria.weights.ModelExport;
import dev.cria.weights.Models;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** A hub, played by a server of this test, that has a model of two revisions with files that nobody here reads. */
@Isolated("it stands in for the process's standard streams")
final class HubModelTest {
    private static final Map<String, String> COMMITS =
            Map.of("main", "a".repeat(40), "step-1", "b".repeat(40), "torch", "c".repeat(40), "gguf", "d".repeat(40));

    @TempDir
    Path folder;

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Map<String, byte[]>> revisions = new HashMap<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        for (String revision : List.of("main", "step-1")) {
            var config = SmallDirectories.llama(new RopeScaling.None(), revision.equals("main"));
            Path model = SmallDirectories.write(config, folder.resolve(revision), DType.FLOAT32);
            revisions.put(COMMITS.get(revision), content(model));
        }
        revisions.get(COMMITS.get("main")).put("pytorch_model.bin", new byte[9]);
        revisions.get(COMMITS.get("main")).put("onnx/model.safetensors", new byte[9]);
        Path gguf = folder.resolve("tiny.gguf");
        GgufExport.write(folder.resolve("main"), gguf, Type.F32, new ModelExport.Vocabulary.All());
        revisions.put(COMMITS.get("gguf"), new TreeMap<>(Map.of("q/tiny.gguf", Files.readAllBytes(gguf))));
        revisions.put(COMMITS.get("torch"), new TreeMap<>(Map.of("config.json", new byte[9])));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static Map<String, byte[]> content(Path directory) throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                content.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return content;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        asked.add(path);
        try (exchange) {
            if (path.startsWith("/api/models/Owner/Tiny/revision/")) {
                String commit = COMMITS.get(path.substring(path.lastIndexOf('/') + 1));
                send(exchange, commit == null ? 404 : 200, "{\"sha\": \"" + commit + "\"}");
            } else if (path.startsWith("/api/models/Owner/Tiny/tree/")) {
                send(exchange, 200, list(revisions.get(path.substring(path.lastIndexOf('/') + 1))));
            } else if (path.startsWith("/Owner/Tiny/resolve/")) {
                String[] parts = path.substring("/Owner/Tiny/resolve/".length()).split("/", 2);
                sendRange(exchange, revisions.get(parts[0]).get(parts[1]));
            } else {
                send(exchange, 404, "{}");
            }
        }
    }

    private static String list(Map<String, byte[]> files) {
        return files.entrySet().stream()
                .map(file -> "{\"type\": \"file\", \"path\": \"%s\", \"size\": %d, \"oid\": \"%s\"}"
                        .formatted(file.getKey(), file.getValue().length, blobName(file.getValue())))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static void send(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private static void sendRange(HttpExchange exchange, byte[] all) throws IOException {
        String[] range = exchange.getRequestHeaders()
                .getFirst("Range")
                .substring("bytes=".length())
                .split("-");
        int from = Integer.parseInt(range[0]);
        int to = Integer.parseInt(range[1]) + 1;
        exchange.getResponseHeaders().set("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, all.length));
        exchange.sendResponseHeaders(206, to - from);
        exchange.getResponseBody().write(Arrays.copyOfRange(all, from, to));
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

    private Map<String, String> environment() {
        String endpoint = "http://localhost:" + server.getAddress().getPort();
        return Map.of("HF_ENDPOINT", endpoint, "HF_HOME", folder.resolve("hf").toString());
    }

    private Hub hub(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(environment());
        environment.putAll(more);
        return new Hub(HubSettings.of(environment, folder), Progress.silent());
    }

    private List<String> askedFiles() {
        return asked.stream()
                .filter(path -> path.contains("/resolve/"))
                .map(path -> path.substring(path.lastIndexOf('/') + 1))
                .toList();
    }

    @Test
    void bringsTheFilesThatAreReadAndNoOthers() throws IOException {
        Path place = HubModel.fetch(hub(Map.of()), HubAddress.ofModel("hf://Owner/Tiny"));

        assertThat(Models.readConfig(place).tieWordEmbeddings()).isTrue();
        assertThat(Files.readAllBytes(place.resolve("model.safetensors")))
                .isEqualTo(revisions.get(COMMITS.get("main")).get("model.safetensors"));
        assertThat(askedFiles())
                .contains("config.json", "tokenizer.json", "model.safetensors")
                .doesNotContain("pytorch_model.bin")
                .doesNotHaveDuplicates();
        assertThat(place.resolve("onnx")).doesNotExist();
    }

    @Test
    void aFetchedModelIsThereWithoutNetwork() {
        HubAddress address = HubAddress.ofModel("hf://Owner/Tiny@step-1");
        Path place = HubModel.fetch(hub(Map.of()), address);
        Hub offline = hub(Map.of("HF_HUB_OFFLINE", "1"));
        int before = asked.size();

        assertThat(HubModel.fetch(offline, address)).isEqualTo(place);
        assertThat(asked).hasSize(before);
        assertThatThrownBy(() -> HubModel.fetch(offline, HubAddress.ofModel("hf://Owner/Tiny")))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("hf://Owner/Tiny@main is not in the cache");
    }

    @Test
    void aRepositoryWithoutSafetensorsIsRefusedWithTheWayOut() {
        assertThatThrownBy(() -> HubModel.fetch(hub(Map.of()), HubAddress.ofModel("hf://Owner/Tiny@torch")))
                .isInstanceOfSatisfying(RequestException.class, refused -> {
                    assertThat(refused.error()).isEqualTo("hf://Owner/Tiny@torch has no weights in safetensors");
                    assertThat(refused.hint()).contains("save_pretrained(DIR)");
                });
    }

    @Test
    void aGgufFileIsNamedByItself() {
        HubAddress file = HubAddress.ofModel("hf://Owner/Tiny@gguf/q/tiny.gguf");
        assertThat(HubModel.fetch(hub(Map.of()), file)).hasSameBinaryContentAs(folder.resolve("tiny.gguf"));
        assertThat(HubModel.fetch(hub(Map.of("HF_HUB_OFFLINE", "1")), file)).isRegularFile();
        assertThatThrownBy(() -> HubModel.fetch(hub(Map.of()), HubAddress.ofModel("hf://Owner/Tiny@gguf")))
                .isInstanceOfSatisfying(RequestException.class, refused -> {
                    assertThat(refused.error()).isEqualTo("hf://Owner/Tiny@gguf has no weights in safetensors");
                    assertThat(refused.hint())
                            .isEqualTo("name one of its GGUF files: hf://Owner/Tiny@gguf/q/tiny.gguf");
                });
        assertThatThrownBy(() -> HubModel.fetch(hub(Map.of()), HubAddress.ofModel("hf://Owner/Tiny/no.gguf")))
                .hasMessageContaining("hf://Owner/Tiny@main/no.gguf has no file that can be read");
        CommandRun.refuses(
                "hf://Owner/Tiny/no.gguf is a GGUF file, and a directory is needed that stays",
                "tune",
                "--model",
                "hf://Owner/Tiny/no.gguf",
                "--data",
                "rows",
                "--out",
                folder.resolve("run"));
    }

    @Test
    void aJudgeShowsModelsByTheNamesThatTheyWereGiven() throws Exception {
        Path prompts = Files.writeString(folder.resolve("prompts.txt"), "The dog\n");
        Path out = folder.resolve("judged.jsonl");
        var cria = new CriaProcess(folder.resolve("said"));
        Process process = cria.start(
                environment(),
                List.of(
                        "judge",
                        "hf://Owner/Tiny@main,step-1",
                        "hf://Owner/Tiny@gguf/q/tiny.gguf",
                        "--max-new-tokens=2",
                        "--prompts",
                        prompts.toString(),
                        "--out",
                        out.toString()));

        assertThat(process.waitFor()).as(cria.said()).isZero();
        assertThat(cria.said())
                .contains("hf://Owner/Tiny@main", "hf://Owner/Tiny@step-1", "hf://Owner/Tiny@gguf/q/tiny.gguf")
                .doesNotContain(COMMITS.get("main"));
        assertThat(out)
                .content()
                .containsPattern("\"step\":1,\"model\":\"hf://Owner/Tiny@step-1\",\"weights_sha256\":\"[0-9a-f]{64}\"");
    }

    @Test
    void aDataSetIsNoModel() {
        for (String text : List.of("hf://datasets/Owner/Tiny", "hf://Tiny", "hf://Owner/Tiny@", "hf://Owner/Tiny/x")) {
            assertThatThrownBy(() -> HubAddress.ofModel(text))
                    .isInstanceOf(RequestException.class)
                    .hasMessageContaining(text + " is not an address of a model on the hub");
        }
    }

    @Test
    void evalMeasuresEveryRevisionThatIsNamed() throws Exception {
        Path text = Files.writeString(
                folder.resolve("text.txt"), "The quick brown fox jumps over the lazy dog.\n".repeat(99));
        CommandRun.output("prepare", text, "--tokenizer", folder.resolve("main"), "--out", folder.resolve("shards"));
        Path scores = folder.resolve("scores.json");
        var cria = new CriaProcess(folder.resolve("said"));
        Process process = cria.start(
                environment(),
                List.of(
                        "eval",
                        "hf://Owner/Tiny@main,step-1",
                        "--max-length=16",
                        "--data",
                        folder.resolve("shards").toString(),
                        "--json",
                        scores.toString()));

        assertThat(process.waitFor()).as(cria.said()).isZero();
        assertThat(cria.said())
                .contains("| model | validation loss |")
                .containsPattern("\\| hf://Owner/Tiny@main \\| \\d\\.\\d{4} \\|\n"
                        + "\\| hf://Owner/Tiny@step-1 \\| \\d\\.\\d{4} \\|");
        assertThat(scores).content().contains("\"hf://Owner/Tiny@main\"", "\"hf://Owner/Tiny@step-1\"");
    }

    @Test
    void aServerThatIsNotThereIsToldAtOnce() {
        Map<String, String> nowhere = Map.of("HF_ENDPOINT", "http://localhost:1");
        assertThatThrownBy(() -> HubModel.fetch(hub(nowhere), HubAddress.ofModel("hf://Owner/Tiny")))
                .hasMessageContaining("http://localhost:1 cannot be reached");
    }
}
