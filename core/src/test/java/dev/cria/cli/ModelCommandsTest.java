package dev.cria.cli;

import static dev.cria.cli.CommandRun.output;
import static dev.cria.cli.CommandRun.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** tune, merge, compare, generate, export and import, as a user calls them. */
@Isolated("it stands in for the process's standard streams")
final class ModelCommandsTest {
    private static final int POSITIONS = 256;
    private static final String ROW = "{\"instruction\": \"%s\", \"output\": \"%s\"}\n";

    @TempDir
    private Path folder;

    private Path model;
    private Path rows;

    @BeforeEach
    void makeModelAndRows() throws Exception {
        model = SmallDirectories.write(
                SmallDirectories.llama(new RopeScaling.None(), false), folder.resolve("model"), DType.FLOAT32);
        rows = Files.writeString(
                folder.resolve("rows.jsonl"),
                ROW.formatted("Who is lazy?", "The dog.") + ROW.formatted("What is a cria?", "A baby llama."));
    }

    private String[] tune(Path run, String... more) {
        List<String> settings =
                List.of("lora.rank=2", "batch.micro_batch=1", "batch.accumulation=2", "schedule.steps=3", "device=cpu");
        Stream<String> arguments = Stream.concat(
                Stream.of("tune", "--model", model.toString(), "--data", rows.toString(), "--out", run.toString()),
                settings.stream().flatMap(s -> Stream.of("--set", s)));
        return Stream.concat(arguments, Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void previewShowsTheLearnedPartInBracketsWhereThereIsNoColour() {
        String shown = output("tune", "--model", model, "--data", rows, "--preview", "1");

        assertThat(shown)
                .startsWith("row 1 (alpaca): ")
                .contains("USER: Who is lazy? ASSISTANT:⟦ The dog.<|endoftext|>⟧\n")
                .doesNotContain("row 2");
    }

    @Test
    void previewShowsHowFilesAreMixed() throws IOException {
        Path more = Files.writeString(folder.resolve("more.jsonl"), "{\"prompt\": \"Hi\", \"completion\": \"Ho\"}\n");
        Object[] preview = {"tune", "--model", model, "--data", rows, more, "--preview", "1"};
        assertThat(output(preview))
                .contains("row 1 (alpaca): ", "row 3 (prompt/completion): ")
                .doesNotContain("row 2")
                .contains("\n 66.7%%  %s: 2 places of a round, 2 rows\n".formatted(rows))
                .endsWith(" 33.3%%  %s: 1 places of a round, 1 rows\n".formatted(more));
        assertThat(output(with(preview, "[1, 4]")))
                .endsWith(" 66.7%%  %s: 2 places of a round, 1 rows\n".formatted(more));
        refuses(
                "--set data: weights is [1.0, 4.0, 2.0], not a number above 0 for each of 2 files",
                with(preview, "[1, 4, 2]"));
    }

    private static Object[] with(Object[] preview, String weights) {
        return Stream.concat(Stream.of(preview), Stream.of("--set", "data.weights=" + weights))
                .toArray();
    }

    @Test
    void aTunedModelIsMergedAskedAndCompared() throws Exception {
        Path run = folder.resolve("run");
        output((Object[]) tune(run, "--set", "schedule.learning_rate=0.05", "--set", "schedule.warmup_steps=0"));
        Path merged = folder.resolve("merged");
        assertThat(output("merge", run.resolve("adapter"), "--model", model, "--out", merged))
                .isEqualTo(merged + "\n");

        // A tuning run is a model too: its adapter upon its base.
        Object[] ask = {"--prompt", "A llama", "--max-new-tokens", "9", "--temperature", "0"};
        String tuned = generated(run, ask);
        assertThat(tuned).isEqualTo(generated(merged, ask)).isNotEqualTo(generated(model, ask));

        Path table = folder.resolve("table.md");
        output("compare", model, run, "--out", table, "--max-new-tokens", "4");
        assertThat(table)
                .content()
                .contains("| Who invented the first practical light bulb? |")
                .contains("| `ASSISTANT:  ` |");
        Path json = folder.resolve("table.json");
        output("compare", model, run, "--out", json, "--max-new-tokens", "4");
        assertThat(new JsonMapper().readTree(json).path("answers")).hasSize(2);
    }

    private static String generated(Path model, Object... ask) {
        return output(
                Stream.concat(Stream.of("generate", model), Arrays.stream(ask)).toArray());
    }

    @Test
    void generatedTextsAreWrittenForMachinesToo() {
        Path json = folder.resolve("out.json");
        String shown = output(
                "generate", model, "--prompt", "A llama", "--count", "2", "--max-new-tokens", "5", "--json", json);

        JsonNode written = new JsonMapper().readTree(json);
        assertThat(written).hasSize(2);
        assertThat(written.path(0).path("ids")).hasSizeLessThanOrEqualTo(5);
        assertThat(shown).startsWith("A llama" + written.path(0).path("text").asString());
        assertThat(output("generate", model, "--prompt-ids", "5 6", "--max-new-tokens", "0"))
                .isEqualTo("\n");
    }

    @Test
    void aWordThatBeginsWithDashesIsAPromptAfterABareDoubleDashOnly() {
        assertThat(output("generate", model, "--max-new-tokens", "0", "--prompt", "A", "-5", "--", "--top", "--seed"))
                .isEqualTo("A\n-5\n--top\n--seed\n");
    }

    @Test
    void saysHowMuchOfALongPromptIsLeftOut() {
        CommandRun run = CommandRun.of(
                "generate",
                model,
                "--max-new-tokens",
                "0",
                "--prompt-ids",
                "5 ".repeat(POSITIONS + 3).strip());

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err())
                .startsWith("a prompt has %d tokens and the model %d positions: the first %d tokens are left out\n"
                        .formatted(POSITIONS + 3, POSITIONS, POSITIONS / 2));
    }

    @Test
    void anEmptyPromptNamesTheModelsOwnEndOfText() {
        CommandRun run = CommandRun.of("generate", model, "--prompt", "");

        assertThat(run.err())
                .startsWith("error: the prompt is empty\nhint: begin after the end of another text: --prompt-ids ");
        String id = run.err().strip().replaceAll("(?s).* ", "");
        assertThat(output("generate", model, "--prompt-ids", id, "--max-new-tokens", "0"))
                .isEqualTo("\n");
    }

    @Test
    void modelsGoOutAndComeBackWithoutPadding() {
        Path out = folder.resolve("out");
        Path back = folder.resolve("back");
        assertThat(output("export", model, "--out", out)).isEqualTo(out + "\n");
        assertThat(output("import", out, "--out", back)).isEqualTo(back + "\n");
        assertThat(back.resolve("model.safetensors")).hasSameBinaryContentAs(out.resolve("model.safetensors"));
        assertThat(out.resolve("model.safetensors")).isRegularFile();
        Path trimmed = folder.resolve("trimmed");
        assertThat(output("export", model, "--out", trimmed, "--trim-vocab", "310"))
                .isEqualTo(trimmed + "\n");
        assertThat(trimmed.resolve("config.json")).content().contains("\"vocab_size\" : 310");
        Path gguf = folder.resolve("q.gguf");
        assertThat(output("export", model, "--out", gguf, "--format", "gguf", "--dtype", "q8_0"))
                .isEqualTo(gguf + "\n");
        refuses(gguf + " already exists", "export", model, "--out", gguf, "--format", "gguf");
    }

    @Test
    void refusesWrongRequests() throws Exception {
        refuses(
                "tune needs --model DIR, --data FILE and --out RUN, or --resume RUN",
                "tune",
                "--model",
                model,
                "--out",
                folder.resolve("x"));
        refuses(folder + " is not a run directory: config.yaml is missing", "tune", "--resume", folder);
        refuses(
                "--resume takes configuration, data and weights of the run itself",
                "tune",
                "--resume",
                folder,
                "--data",
                rows);
        refuses("q8_0 is a type of GGUF files", "export", model, "--out", folder.resolve("x"), "--dtype", "q8_0");
        refuses(
                model + " is not an adapter: it lacks adapter_config.json",
                "merge",
                model,
                "--model",
                model,
                "--out",
                folder.resolve("x"));
        refuses("--prompt-ids \"1 b\" is not a list of token ids", "generate", model, "--prompt-ids", "1 b");
        refuses(
                "some.gguf is a GGUF file, and a directory is needed that stays",
                "tune",
                "--model",
                "some.gguf",
                "--data",
                rows,
                "--preview",
                "1");
        Path empty = Files.writeString(folder.resolve("empty.jsonl"), "\n");
        refuses(empty + " has no rows", "tune", "--model", model, "--data", empty, "--preview", "1");
    }
}
