package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.format.GgufWriter.Type;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.tensor.DType;
import dev.cria.tune.Merge;
import dev.cria.tune.SmallAdapters;
import dev.cria.weights.GgufExport;
import dev.cria.weights.ModelExport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The server in a process of its own, until it is told to end. */
@Timeout(300)
final class ServeIT {
    @TempDir
    private Path folder;

    private CriaProcess cria = new CriaProcess(Path.of(""));

    @BeforeEach
    void saysIntoItsFolder() {
        cria = new CriaProcess(folder.resolve("said"));
    }

    @AfterEach
    void endWhatIsLeft() {
        cria.end();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "bf16", "int8"})
    void servesInThePrecisionAskedForAndEndsWhenTold(String precision) throws Exception {
        Path model = SmallDirectories.write(
                SmallDirectories.llama(new RopeScaling.None(), false), folder.resolve("small"), DType.FLOAT32);
        Process process = cria.start(List.of("serve", model.toString(), "--port", "0", "--precision", precision));
        String address = address(process);
        assertThat(completion(address, "small")).contains("\"finish_reason\":\"length\"");
        process.destroy();
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(cria.said()).isZero();
        assertThat(cria.said()).isEqualTo("listening on " + address + "\n");
    }

    /** An adapter under its own name is the model that {@code merge} writes; a GGUF file is the model that it was made of. */
    @Test
    void servesAnAdapterBesideItsModelAndAFileOfLlamaCpp() throws Exception {
        var config = SmallDirectories.llama(new RopeScaling.None(), false);
        Path model = SmallDirectories.write(config, folder.resolve("small"), DType.FLOAT32);
        Path adapter = SmallAdapters.write(config, folder.resolve("adapter"));
        Path merged = folder.resolve("merged");
        Merge.merge(adapter, model, merged);
        Path gguf = folder.resolve("packed.gguf");
        GgufExport.write(model, gguf, Type.F32, new ModelExport.Vocabulary.All());
        Process process = cria.start(List.of(
                "serve",
                model.toString(),
                merged.toString(),
                gguf.toString(),
                "--adapter",
                "tuned=" + adapter,
                "--port",
                "0"));
        String address = address(process);
        assertThat(text(completion(address, "tuned")))
                .isEqualTo(text(completion(address, "merged")))
                .isEqualTo(text(completion(address, "small+tuned")))
                .isNotEqualTo(text(completion(address, "small")));
        assertThat(text(completion(address, "packed"))).isEqualTo(text(completion(address, "small")));
        process.destroy();
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(cria.said()).isZero();
    }

    private static String completion(String address, String model) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/v1/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\": \"%s\", \"prompt\": \"A llama\", \"max_tokens\": 6, \"temperature\": 0}"
                                .formatted(model)))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, BodyHandlers.ofString()).body();
        }
    }

    private static String text(String completion) {
        return new JsonMapper()
                .readTree(completion)
                .path("choices")
                .path(0)
                .path("text")
                .asString();
    }

    @Test
    void theBoardNeedsNoModel() throws Exception {
        Process process = cria.start(List.of("board", folder.toString(), "--port", "0"));
        String address = address(process);
        try (HttpClient client = HttpClient.newHttpClient()) {
            var runs = HttpRequest.newBuilder(URI.create(address + "/cria/board/runs"))
                    .build();
            assertThat(client.send(runs, BodyHandlers.ofString()).body()).isEqualTo("{\"runs\":[]}");
        }
        process.destroy();
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(cria.said()).isZero();
    }

    private String address(Process process) throws IOException, InterruptedException {
        while (!cria.said().contains("listening on ") || !cria.said().endsWith("\n")) {
            assertThat(process.isAlive()).as(cria.said()).isTrue();
            Thread.sleep(20);
        }
        assertThat(Files.readAllLines(folder.resolve("said")).getLast()).startsWith("listening on http://127.0.0.1:");
        return cria.said().lines().toList().getLast().substring("listening on ".length());
    }
}
