package dev.cria.cli;

import static dev.cria.cli.CommandRun.output;
import static dev.cria.cli.CommandRun.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.tensor.DType;
import dev.cria.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The series of a run, measured in the loop, afterwards, or both. */
@Isolated("it stands in for the process's standard streams")
final class EvalSeriesTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    private Path run;
    private Path rows;

    @BeforeEach
    void train() throws Exception {
        rows = Files.createDirectories(folder.resolve("rows"));
        run = folder.resolve("run");
        Tokenizers.save(SmallDirectories.TOKENIZER, folder.resolve("tok"));
        List<String> endings = List.of("hums.", "flies over the bread.", "reads.", "melts in the oven.");
        StringBuilder hellaswag = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            hellaswag
                    .append(
                            "{\"ind\": %d, \"activity_label\": \"Baking\", \"ctx\": \"A llama %d\", \"ctx_a\": \"A llama"
                                    .formatted(i, i))
                    .append(" %d\", \"ctx_b\": \"\", \"endings\": [".formatted(i))
                    .append(String.join(
                            ", ",
                            IntStream.range(0, 4)
                                    .mapToObj(j -> "\"" + endings.get(j) + "\"")
                                    .toList()))
                    .append("], \"label\": \"%d\"}\n".formatted(i % 4));
        }
        Files.writeString(rows.resolve("hellaswag.jsonl"), hellaswag);
        Path text = Files.writeString(folder.resolve("text.txt"), "A llama hums; bread is baked. ".repeat(400));
        output("prepare", text, "--tokenizer", folder.resolve("tok"), "--out", folder.resolve("data"), "--quiet");
        Path config = Files.writeString(
                folder.resolve("run.yaml"), """
                    model: {hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 2,
                            vocab_size: 320, max_position_embeddings: 64}
                    tokenizer: "%s"
                    data: {path: "%s"}
                    out: "%s"
                    batch: {sequence_length: 16, micro_batch: 4, tokens_per_step: 64}
                    schedule: {learning_rate: 1.0e-2, min_learning_rate: 1.0e-3, warmup_steps: 2, steps: 12}
                    precision: {compute: fp32}
                    validation: {every: 4, batches: 1}
                    benchmarks: {every: 4, path: "%s", convention: nanogpt}
                    samples: {every: 0}
                    checkpoint: {every: 4, keep: 9}
                    log: {tensorboard: false}
                    device: cpu
                    """.formatted(folder.resolve("tok"), folder.resolve("data"), run, rows));
        output("pretrain", "--config", config, "--quiet");
    }

    private List<JsonNode> lines(Path of, String file) throws IOException {
        return Files.readAllLines(of.resolve(file)).stream().map(JSON::readTree).toList();
    }

    @Test
    void whatTheLoopMeasuredIsWhatEvalMeasuresAndIsNotMeasuredAgain() throws Exception {
        List<JsonNode> inLoop = lines(run, "evaluations.jsonl");
        assertThat(inLoop)
                .hasSize(4)
                .allMatch(line -> line.path("convention").asString().equals("nanogpt"));

        CommandRun again = CommandRun.of("eval", run, "--all", "--benchmarks", rows, "--convention", "nanogpt");
        assertThat(again.err()).contains("3 measured already, 0 to go");
        assertThat(lines(run, "evaluations.jsonl")).isEqualTo(inLoop);

        Path json = folder.resolve("one.json");
        Path checkpoint = run.resolve("checkpoints/step-0000008");
        output("eval", checkpoint, "--benchmarks", rows, "--convention", "nanogpt", "--json", json, "--quiet");
        double alone =
                JSON.readTree(json).at("/results/hellaswag/acc_norm,none").asDouble();
        assertThat(inLoop.get(2).path("step").asInt()).isEqualTo(8);
        assertThat(inLoop.get(2).path("acc_norm").asDouble()).isEqualTo(alone);
        assertThat(Files.readAllLines(run.resolve("log.txt"))).contains("8 hella %.4f".formatted(alone));
    }

    @Test
    void stepsAndReferencesAreMeasuredOnceAndAForkHasWhatIsAboutIt() throws Exception {
        Path other = SmallDirectories.write(
                SmallDirectories.llama(new RopeScaling.None(), false), folder.resolve("other"), DType.FLOAT32);
        Object[] series = {
            "eval", run, "--all", "--steps", "4:12:8", "--benchmarks", rows, "--reference", "Other=" + other
        };
        CommandRun first = CommandRun.of(series);
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.err()).contains("2 checkpoints and 1 other models: 0 measured already, 3 to go");
        assertThat(first.out())
                .contains("|          4 |", "|         12 |", "|      Other |")
                .doesNotContain("|  8 |");
        assertThat(CommandRun.of(series).err()).contains("3 measured already, 0 to go");
        assertThat(lines(run, "references.jsonl")).singleElement().satisfies(line -> {
            assertThat(line.path("reference").asString()).isEqualTo("Other");
            assertThat(run.resolve(line.path("file").asString())).isRegularFile();
        });

        Path fork = folder.resolve("fork");
        output("pretrain", "--resume", run, "--at", "8", "--until", "9", "--out", fork, "--quiet");
        List<JsonNode> carried = lines(fork, "evaluations.jsonl");
        assertThat(carried.stream().map(line -> line.path("step").asInt()).distinct())
                .containsExactly(0, 4, 8);
        assertThat(carried)
                .allSatisfy(line ->
                        assertThat(fork.resolve(line.path("file").asString())).isRegularFile());
    }

    @Test
    void aLineWithoutItsDocumentsIsMeasuredAgain() throws Exception {
        Path documents =
                run.resolve(lines(run, "evaluations.jsonl").get(1).path("file").asString());
        byte[] before = Files.readAllBytes(documents);
        Files.delete(documents);
        CommandRun again = CommandRun.of("eval", run, "--all", "--benchmarks", rows, "--convention", "nanogpt");
        assertThat(again.err()).contains("2 measured already, 1 to go");
        assertThat(documents).hasBinaryContent(before);
    }

    @Test
    void refusesWhatIsNoSeries() {
        refuses("--steps is for the checkpoints of a run", "eval", run, "--steps", "0:4", "--benchmarks", rows);
        refuses("--reference is for the checkpoints of a run", "eval", run, "--reference", "A=b", "--benchmarks", rows);
        refuses("--all is for one run, and 2 are given", "eval", run, run, "--all", "--benchmarks", rows);
        refuses(
                "--all writes the documents' scores into the run, so that --samples has no place",
                "eval",
                run,
                "--all",
                "--benchmarks",
                rows,
                "--samples",
                folder);
        refuses("--steps is 5, not FROM:TO or FROM:TO:BY", "eval", run, "--all", "--benchmarks", rows, "--steps", "5");
        refuses(
                "--steps is 0:8:0, a range by steps of 0",
                "eval",
                run,
                "--all",
                "--benchmarks",
                rows,
                "--steps",
                "0:8:0");
        refuses(
                run + " has no checkpoint of the steps 1:3:1",
                "eval",
                run,
                "--all",
                "--benchmarks",
                rows,
                "--steps",
                "1:3");
        refuses(rows + " has no checkpoint of a model", "eval", rows, "--all", "--benchmarks", rows);
        refuses("there is nothing to measure: neither --benchmarks nor --data is given", "eval", run, "--all");
    }
}
