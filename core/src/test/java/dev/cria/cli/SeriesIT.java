package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import dev.cria.model.LanguageModel;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.nn.Parameters.Storage;
import dev.cria.primer.Primer;
import dev.cria.primer.PrimerOptions;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.weights.Models;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The series of a run's checkpoints, measured by one command that is killed twice, has the numbers of single evaluations,
 * document by document. {@code scripts/series 100} does that with a hundred checkpoints, and says how long each way takes.
 */
@Timeout(3600)
final class SeriesIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int CHECKPOINTS = Integer.getInteger("series.checkpoints", 6);
    private static final String LIMIT = System.getProperty("series.limit", "12");

    /** How many single evaluations are made, evenly spread: each is a process. */
    private static final int SINGLE = Integer.getInteger("series.single", 2);

    private static final int TASKS = 7;
    private static final int MANY = 50;

    @TempDir
    private Path folder;

    private Path run;
    private Path rows;

    @BeforeEach
    void makeARun() {
        Primer.write(folder.resolve("primer"), new PrimerOptions(PrimerOptions.Size.QUICK, 1337), Progress.silent());
        rows = folder.resolve("primer/benchmarks");
        run = folder.resolve("run");
        for (int i = 0; i < CHECKPOINTS; i++) {
            Path checkpoint = checkpoint(i);
            try (LanguageModel model = Models.create(
                    SmallDirectories.llama(new RopeScaling.None(), false),
                    Device.CPU,
                    Storage.inference(DType.FLOAT32),
                    i)) {
                Models.save(model, checkpoint, DType.FLOAT32);
                Tokenizers.save(SmallDirectories.TOKENIZER, checkpoint);
            }
        }
    }

    private Path checkpoint(int i) {
        return run.resolve("checkpoints").resolve(String.format(Locale.ROOT, "step-%07d", 100 * i));
    }

    @Test
    void aSeriesKilledTwiceIsThatOfSingleEvaluations() throws Exception {
        Path lines = run.resolve("evaluations.jsonl");
        int all = CHECKPOINTS * TASKS;
        kill(lines, all / 3);
        // A line that the kill has torn.
        Files.writeString(lines, "{\"step\": 0, \"task\": \"pi", StandardOpenOption.APPEND);
        kill(lines, 2 * all / 3);
        long begun = System.nanoTime();
        assertThat(evaluate("rest", run, "--all")).isZero();
        double rest = (System.nanoTime() - begun) / 1e9;
        List<JsonNode> measured = read(Files.readAllLines(lines));
        assertThat(measured).hasSize(all);
        assertThat(measured.stream()
                        .map(line -> line.path("step") + line.path("task").asString()))
                .doesNotHaveDuplicates();

        double single = 0;
        for (int i = 0; i < SINGLE; i++) {
            int at = i * (CHECKPOINTS - 1) / Math.max(1, SINGLE - 1);
            begun = System.nanoTime();
            assertThat(evaluate("single", checkpoint(at), "--samples", folder.resolve("samples")))
                    .isZero();
            single += (System.nanoTime() - begun) / 1e9;
            for (JsonNode line : measured) {
                if (line.path("step").asInt() == 100 * at) {
                    assertThatDocumentsAreThose(line);
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "the last third of %d checkpoints × %d tasks: %.1f s by one command; one checkpoint alone: %.2f s%n",
                CHECKPOINTS,
                TASKS,
                rest,
                single / SINGLE);
        if (CHECKPOINTS >= MANY) {
            timeTheWhole(single / SINGLE);
        }
    }

    /** Says what one command takes beside as many single ones. */
    private void timeTheWhole(double single) throws Exception {
        Files.delete(run.resolve("evaluations.jsonl"));
        long begun = System.nanoTime();
        assertThat(evaluate("whole", run, "--all")).isZero();
        System.out.printf(
                Locale.ROOT,
                "the whole series by one command: %.1f s; as %d single calls about %.1f s%n",
                (System.nanoTime() - begun) / 1e9,
                CHECKPOINTS,
                single * CHECKPOINTS);
    }

    private void assertThatDocumentsAreThose(JsonNode line) throws IOException {
        String task = line.path("task").asString();
        List<JsonNode> alone =
                read(Files.readAllLines(folder.resolve("samples").resolve("samples_" + task + ".jsonl")));
        List<JsonNode> inSeries = unzipped(run.resolve(line.path("file").asString()));
        assertThat(inSeries).hasSameSizeAs(alone);
        for (int i = 0; i < alone.size(); i++) {
            for (var entry : alone.get(i).properties()) {
                assertThat(inSeries.get(i).path(entry.getKey()))
                        .as(task + ", document " + i + ", " + entry.getKey())
                        .isEqualTo(entry.getValue());
            }
        }
    }

    private static List<JsonNode> unzipped(Path file) throws IOException {
        try (var in = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            return read(in.lines().toList());
        }
    }

    private static List<JsonNode> read(List<String> lines) {
        return lines.stream().map(JSON::readTree).toList();
    }

    private int evaluate(String name, Path model, Object... more) throws Exception {
        return process(name, model, more).waitFor();
    }

    private Process process(String name, Path model, Object... more) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                "eval", model.toString(), "--benchmarks", rows.toString(), "--limit", LIMIT, "--device", "cpu"));
        for (Object word : more) {
            words.add(word.toString());
        }
        return new CriaProcess(folder.resolve(name + ".out")).start(words);
    }

    /** Lets the series go on until so many lines are there, and kills it. */
    private void kill(Path lines, int notBefore) throws Exception {
        Process process = process("killed", run, "--all");
        while (process.isAlive() && count(lines) < notBefore) {
            Thread.sleep(2);
        }
        assertThat(process.isAlive())
                .as(Files.readString(folder.resolve("killed.out")))
                .isTrue();
        process.destroyForcibly().waitFor();
    }

    private static long count(Path lines) throws IOException {
        return Files.exists(lines)
                ? Files.readString(lines).chars().filter(c -> c == '\n').count()
                : 0;
    }
}
