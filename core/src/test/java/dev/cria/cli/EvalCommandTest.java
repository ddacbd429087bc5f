package dev.cria.cli;

import static dev.cria.cli.CommandRun.output;
import static dev.cria.cli.CommandRun.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.format.AtomicFiles;
import dev.cria.model.LanguageModel;
import dev.cria.model.TinyModels;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.weights.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Isolated("it stands in for the process's standard streams")
final class EvalCommandTest {
    private static final String ROW =
            "{\"goal\": \"open\", \"sol1\": \"pull\", \"sol2\": \"push it\", \"label\": %s}\n";

    @TempDir
    private Path directory;

    private Path model;
    private Path rows;

    @BeforeEach
    void makeAModel() throws Exception {
        model = directory.resolve("model");
        Path text = Files.writeString(directory.resolve("a.txt"), "low lower lowest");
        assertThat(CommandRun.of("tokenizer", "train", text, "--vocab-size", "259", "--out", model, "--quiet")
                        .code())
                .isZero();
        try (LanguageModel made = Models.create(
                TinyModels.llamaConfig(32).withVocabSize(300), Device.CPU, Storage.inference(DType.FLOAT32), 5)) {
            Models.save(made, model, DType.FLOAT32);
        }
        rows = Files.createDirectory(directory.resolve("rows"));
        Files.writeString(rows.resolve("piqa.jsonl"), ROW.formatted("0") + ROW.formatted("1"));
    }

    @Test
    void writesResultsAndSamples() throws Exception {
        Path json = directory.resolve("r.json");
        Path samples = directory.resolve("samples");
        CommandRun result =
                CommandRun.of("eval", model, "--benchmarks", rows, "--json", json, "--samples", samples, "--quiet");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("| piqa          |         2 |   50.00% ± 50.00 |");
        JsonNode written = JsonMapper.shared().readTree(Files.readString(json));
        assertThat(written.at("/results/piqa/acc,none").doubleValue()).isEqualTo(0.5);
        assertThat(written.at("/config/max_length").intValue()).isEqualTo(32);
        assertThat(written.at("/config/weights_sha256").stringValue(""))
                .isEqualTo(AtomicFiles.sha256(model.resolve("model.safetensors")));
        assertThat(Files.readAllLines(samples.resolve("samples_piqa.jsonl"))).hasSize(2);
    }

    @Test
    void refusesShardsOfAnotherTokenizerOfTheSameSize() throws Exception {
        Path other = directory.resolve("other");
        Path shards = directory.resolve("shards");
        Path text = Files.writeString(directory.resolve("b.txt"), "wide wider widest. ".repeat(400));
        output("tokenizer", "train", text, "--vocab-size", "259", "--out", other, "--quiet");
        output("prepare", text, "--tokenizer", other, "--out", shards, "--shard-tokens", "2000", "--quiet");
        refuses(
                shards + " was prepared with the tokenizer " + other + " of 259 ids, and the tokenizer here is " + model
                        + " with 259",
                "eval",
                model,
                "--data",
                shards);
        output("eval", model, "--data", shards, "--tokenizer", other, "--quiet");
    }

    @Test
    void comparesTwoModels() {
        CommandRun result = CommandRun.of("eval", model, model, "--benchmarks", rows, "--quiet");

        assertThat(result.out())
                .contains("A = " + model + ", B = " + model)
                .contains("| piqa          |  +0.00 ( +0.00,  +0.00) |       0 |       0 |    1.0000 |");
    }

    @Test
    void refusesWrongRequests() throws Exception {
        refuses("there is nothing to measure: neither --benchmarks nor --data is given", "eval", model);
        refuses("there is no benchmark piqo", "eval", model, "--benchmarks", rows, "--tasks", "piqo");
        refuses(rows + " has no rows of boolq", "eval", model, "--benchmarks", rows, "--tasks", "boolq");
        refuses(
                "the tokenizer has 50257 ids and the model's vocabulary 300, so they don't belong together",
                "eval",
                model,
                "--benchmarks",
                rows,
                "--tokenizer",
                "gpt2");
        refuses(
                "--max-length is 33, outside 1 to the model's 32 positions",
                "eval",
                model,
                "--benchmarks",
                rows,
                "--max-length",
                "33");
        refuses(
                "the convention nanogpt is defined for hellaswag, not for piqa",
                "eval",
                model,
                "--benchmarks",
                rows,
                "--convention",
                "nanogpt");
        refuses("--download needs --benchmarks, the directory to download into", "eval", model, "--download");
        refuses("--limit is -1, below 0", "eval", model, "--benchmarks", rows, "--limit", "-1");
        Files.writeString(rows.resolve("piqa.jsonl"), ROW.formatted("0") + ROW.formatted("2"));
        refuses(
                rows.resolve("piqa.jsonl") + ", line 2: field label is 2, outside 0 to 1",
                "eval",
                model,
                "--benchmarks",
                rows);
        Files.delete(model.resolve("tokenizer.json"));
        refuses(model + " has no tokenizer.json, and benchmarks are texts", "eval", model, "--benchmarks", rows);
    }

    @Test
    void judgesWithASheetAndTakesItsScoresBack() throws Exception {
        Path prompts = Files.writeString(directory.resolve("p.txt"), "low\n\nlower\n");
        Path out = directory.resolve("judged.jsonl");
        CommandRun made = CommandRun.of(
                "judge", model, "--prompts", prompts, "--out", out, "--max-new-tokens", "5", "--sheet", "--quiet");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(Files.readAllLines(out)).hasSize(2).allMatch(line -> line.contains("\"perplexity\":"));

        Path scores = Files.writeString(
                directory.resolve("ann.csv"),
                "rater,id,coherence,fluency,relevance,factual_accuracy,depth,creativity\n"
                        + "Ann,1,1,2,3,4,5,6\n"
                        + "Ann,2,0,0,0,0,0,0\n");
        Path second = Files.writeString(
                directory.resolve("bob.csv"), Files.readString(scores).replace("Ann", "Bob"));
        CommandRun imported = CommandRun.of("judge", "--import", scores, "--import", second, "--out", out, "--quiet");

        assertThat(imported.code()).as(imported.err()).isZero();
        assertThat(imported.out()).contains("Krippendorff's alpha of Ann, Bob\nCoherence                1.00\n");
        assertThat(Files.readAllLines(out)).hasSize(4).allMatch(line -> line.contains("\"perplexity\":"));

        // Judging the same texts again, by whomever, keeps what people gave.
        CommandRun again =
                CommandRun.of("judge", model, "--prompts", prompts, "--out", out, "--max-new-tokens", "5", "--quiet");
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(Files.readAllLines(out))
                .hasSize(4)
                .filteredOn(line -> line.contains("\"Ann\""))
                .hasSize(2);
    }

    @Test
    void judgeRefusesWrongRequests() {
        refuses("there is no model to judge", "judge", "--out", "x.jsonl");
        refuses(
                "--endpoint and --judge-model belong together",
                "judge",
                model,
                "--prompts",
                rows.resolve("piqa.jsonl"),
                "--out",
                "x.jsonl",
                "--endpoint",
                "http://x");
    }
}
