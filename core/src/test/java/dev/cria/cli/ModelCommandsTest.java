package dev.cria.cli;

import static dev.cria.cli.CommandRun.output;
import static dev.cria.cli.CommandRun.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.tensor.DType;
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
                .startsWith("row 1: ")
                .contains("USER: Who is lazy? ASSISTANT:⟦ The dog.<|endoftext|>⟧\n")
                .doesNotContain("row 2");
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
    void modelsGoOutAndComeBackWithoutPadding() {
        Path out = folder.resolve("out");
        Path back = folder.resolve("back");
        assertThat(output("export", model, "--out", out)).isEqualTo(out + "\n");
        assertThat(output("import", out, "--out", back)).isEqualTo(back + "\n");
        assertThat(back.resolve("model.safetensors")).hasSameBinaryContentAs(out.resolve("model.safetensors"));
        assertThat(out.resolve("model.safetensors")).isRegularFile();
        Path gguf = folder.resolve("q.gguf");
        assertThat(output("export", model, "--out", gguf, "--format", "gguf", "--dtype", "q8_0"))
                .isEqualTo(gguf + "\n");
        refuses(gguf + " is there already", "export", model, "--out", gguf, "--format", "gguf");
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
        refuses(folder + " is no run: it has no config.yaml", "tune", "--resume", folder);
        refuses(
                "--resume takes model, rows and configuration of the run itself",
                "tune",
                "--resume",
                folder,
                "--data",
                rows);
        refuses("q8_0 is a type of GGUF files", "export", model, "--out", folder.resolve("x"), "--dtype", "q8_0");
        refuses(
                model + " is no adapter: it has no adapter_config.json",
                "merge",
                model,
                "--model",
                model,
                "--out",
                folder.resolve("x"));
        refuses("--prompt-ids \"1 b\" is not a list of token ids", "generate", model, "--prompt-ids", "1 b");
        Path empty = Files.writeString(folder.resolve("empty.jsonl"), "\n");
        refuses(empty + " holds no rows", "tune", "--model", model, "--data", empty, "--preview", "1");
    }
}
