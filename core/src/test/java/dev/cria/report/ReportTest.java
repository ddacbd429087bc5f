package dev.cria.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.InputSource;

final class ReportTest {
    private static final String METRICS = """
        {"step": 0, "val_loss": 8.3178}
        {"step": 0, "benchmarks": {"hellaswag": {"acc": 0.25, "acc_norm": 0.26, "acc_norm_stderr": 0.0135}}}
        {"step": 0, "loss": 8.317766, "lr": 1e-4, "grad_norm": 2.5, "tokens": 512, "tokens_per_s": 1000.0, "mfu": 0.1, "elapsed_s": 0.5}
        {"step": 1, "loss": 8.01, "lr": 2e-4, "grad_norm": 2.25, "tokens": 1024, "tokens_per_s": 2000.0, "mfu": 0.2, "elapsed_s": 1.0}
        {"step": 2, "loss": 7.5, "lr": 3e-4, "grad_norm": NaN, "tokens": 1536, "tokens_per_s": 3000.0, "mfu": 0.3, "elapsed_s": 1.5}
        {"step": 3, "val_loss": 7.25}
        {"step": 3, "benchmarks": {"hellaswag,none": {}, "hellaswag": {"acc,none": 0.3, "acc_norm,none": 0.3125}}}
        """;
    private static final String LLAMA = """
        "model_type": "llama", "hidden_size": 4, "intermediate_size": 6, "num_hidden_layers": 1,
         "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": %d, "max_position_embeddings": 16,
         "tie_word_embeddings": false}\
        """;

    @TempDir
    Path directory;

    private Path run;
    private Path out;

    @BeforeEach
    void makeRun() throws IOException {
        run = Files.createDirectories(directory.resolve("tiny"));
        out = directory.resolve("report");
        Files.writeString(run.resolve("metrics.jsonl"), METRICS);
        Files.writeString(
                run.resolve("config.yaml"),
                "batch: {sequence_length: 16, tokens_per_step: 512}\nschedule: {steps: 3}\nseed: 1337\n");
    }

    @Test
    void tableFourHoldsTheRunsOwnNumbers() throws IOException {
        Report.write(List.of(run), out);
        assertThat(table("table-4.csv")).isEqualTo("""
            Step,Tokens,Validation loss,HellaSwag
            0,,8.3178,0.26
            3,1536,7.25,0.3125
            """.replace("\n", "\r\n"));
        assertThat(table("table-4.md")).contains("| 0 | – | 8.3178 | 26.0 |").contains("| 3 | 1.54k | 7.2500 | 31.3 |");
    }

    @Test
    void figureOneHoldsEveryValueAndLeavesOutWhatIsNoNumber() throws IOException {
        Report.write(List.of(run), out);
        assertThat(Files.readString(out.resolve("figures/figure-1.csv")).lines())
                .contains(
                        "train-loss,tiny,0,8.317766",
                        "train-loss,tiny,2,7.5",
                        "validation-loss,tiny,3,7.25",
                        "hellaswag,tiny,3,0.3125",
                        "learning-rate,tiny,1,2.0E-4",
                        "gradient-norm,tiny,1,2.25",
                        "tokens-per-second,tiny,2,3000")
                .noneMatch(line -> line.startsWith("gradient-norm,tiny,2,"));
    }

    @Test
    void mfuStandsWithItsTerms() throws IOException {
        checkpoint("""
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4, "intermediate_size": 6,
             "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 8,
             "max_position_embeddings": 16, "tie_word_embeddings": false}\
            """);
        Report.write(List.of(run), out);
        // Products: q and o 16 each, k and v 8 each, three of 24, the head 32: 152. 6 · 152 + 12 · 1 · 4 · 16 = 1680
        // FLOPs a token; medians 2000 and 0.2; with the embedding, 32, and three norms of 4: 196 parameters.
        assertThat(table("speed.csv").lines().toList().get(1)).isEqualTo("tiny,2000,1680,0.00336,0.0168,0.2,1536,1.5");
        assertThat(table("table-1.csv"))
                .contains("Parameters,196")
                .contains("Layers,1")
                .doesNotContain("Layers,1,36");
    }

    @Test
    void noShareOfThePeakIsAboveTheWholeWhateverTheRunWrote() throws IOException {
        // 1e9 operations a token; the fastest step reached 3e12 a second, where 2e12 had been measured.
        extra(
                "metrics.jsonl",
                METRICS.replace("\"mfu\": 0.3", "\"mfu\": 1.5").replace("\"mfu\": 0.2", "\"mfu\": 1.26"));
        extra(
                "events.jsonl",
                "{\"event\": \"started\", \"step\": 0, \"flops_per_token\": 1e9, \"peak_flops\": 2e12, \"peak_source\":"
                        + " \"cold\"}\n");
        Report.write(List.of(run), out);
        assertThat(page())
                .contains("MFU 66.7%", "Peak: what the fastest step reached, more than was measured at the start.")
                .doesNotContain("126");
        assertThat(table("speed.csv")).contains(",2000,3000,0.6666666666666666,");
        assertThat(Watch.frame(List.of(run), 80, 24).text()).contains("mfu 100.0%");

        extra(
                "events.jsonl",
                Files.readString(run.resolve("events.jsonl"))
                        + "{\"event\": \"peak_raised\", \"step\": 2, \"peak_flops\": 4e12, \"peak_source\": \"step"
                        + " 2\"}\n");
        Report.write(List.of(run), out);
        assertThat(page()).contains("MFU 50.0%", "Peak: step 2.");
    }

    @Test
    void backticksOfHeadingsAreSetAsCode() throws IOException {
        extra("samples.jsonl", JsonFiles.write(Map.of("step", 0, "prompt", "Run `ls <x>` now", "text", "so")));
        Report.write(List.of(run), out);
        assertThat(page()).contains("“Run <code>ls &lt;x&gt;</code> now”");
    }

    @Test
    void markdownHoldsWordsOfOthersAsWords() throws IOException {
        String hostile = "<script>alert(1)</script>";
        extra(
                "samples.jsonl",
                JsonFiles.write(Map.of("step", 0, "prompt", hostile, "text", hostile + " <img src=x onerror=y>")));
        extra("config.yaml", "note: \"```\\n" + hostile + "\"\nschedule: {steps: 3}\n");
        extra("events.jsonl", "{\"event\": \"resumed\", \"step\": 2, \"from\": \"" + hostile + "\"}\n");
        extra("data-report.json", "{\"" + hostile + "\": [{\"a|b\": \"" + hostile + "\"}]}");
        Report.write(List.of(run), out);
        assertThat(Files.readString(out.resolve("report.md"))).contains("&lt;script&gt;");
        try (Stream<Path> files = Files.walk(out)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".md")).toList()) {
                assertThat(Files.readString(file)).as(file.toString()).doesNotContain("<script", "<img");
            }
        }
    }

    @Test
    void factsBelowChanceAreExplainedByHowOftenTheirOptionsAreStated() throws IOException {
        extra("facts.json", """
            [{"step": 50, "stated": {"accuracy": 0.35, "stderr": 0.02, "facts": 300},
              "heldout": {"accuracy": 0.165, "stderr": 0.022, "facts": 300, "true_stated": 0.21, "wrong_stated": 0.88}}]
            """);
        Report.write(List.of(run), out);
        assertThat(page())
                .contains(
                        "the documents give 21.0% of the true objects to some other concept by the same relation, and"
                                + " 88.0% of the wrong ones",
                        "it scores less than 25 there");
    }

    @Test
    void baselinesComeInNatsAndBits() throws IOException {
        extra("baselines.json", "{\"unigram\": 6.0, \"bigram\": 4.0, \"model\": 2.0, \"bytes_per_token\": 4.0}");
        Report.write(List.of(run), out);
        assertThat(table("baselines.csv").lines())
                .anyMatch(l -> l.startsWith("bigram,4,54.598150033144236,1.4426950408889634"));
        assertThat(page()).contains(">bigram</text>").doesNotContain("Kneser");
    }

    @Test
    void judgedScoresAreAveragedOverTheCompletionsOfAStep() throws IOException {
        extra("judged.jsonl", """
            {"step": 100, "scores": {"coherence": 4, "fluency": 5, "relevance": 6, "factual_accuracy": 1, "depth": 2, "creativity": 3}}
            {"step": 100, "scores": {"coherence": 5, "fluency": 5, "relevance": 6, "factual_accuracy": 2, "depth": 2, "creativity": 4}}
            """);
        Report.write(List.of(run), out);
        assertThat(table("table-2.csv").lines().toList().get(1)).isEqualTo("100,4.5,5,6,1.5,2,3.5,3.75");
        assertThat(out.resolve("tables/table-2-paper.csv")).doesNotExist();
    }

    @Test
    void publishedTablesStandOnlyBesideGpt2sVocabularyAndHellaSwagOnlyWhereItWasMeasured() throws IOException {
        extra("judged.jsonl", "{\"step\": 100, \"scores\": {\"coherence\": 4}}\n");
        extra(
                "metrics.jsonl",
                METRICS.lines().filter(l -> !l.contains("hellaswag")).collect(Collectors.joining("\n", "", "\n")));
        checkpoint("{\"architectures\": [\"LlamaForCausalLM\"], " + LLAMA.formatted(4096));
        Report.write(List.of(run), out);
        assertThat(page()).doesNotContain("HellaSwag").doesNotContain("paper");
        assertThat(table("table-4.csv")).startsWith("Step,Tokens,Validation loss\r\n0,,8.3178\r\n");

        extra("metrics.jsonl", METRICS);
        checkpoint("{\"architectures\": [\"LlamaForCausalLM\"], " + LLAMA.formatted(50304));
        Report.write(List.of(run), out);
        assertThat(table("table-2-paper.csv")).contains("43250,7,7,8,5,7,7,6.83");
        assertThat(table("correlations-paper.csv").lines())
                .anyMatch(line -> line.startsWith("HellaSwag,0.963,0.927,0.96"));
        assertThat(table("table-4-paper.csv")).startsWith("Step,Validation loss,HellaSwag");
        assertThat(table("table-1.csv")).contains("Layers,1,36");
    }

    @Test
    void completionsThatNobodyJudgedStillHaveMeasures() throws IOException {
        extra("judged.jsonl", """
            {"step": 1, "words": 10, "distinct_1": 0.5, "repetition": 0}
            {"step": 1, "words": 30, "distinct_1": 0.25, "repetition": 0}
            """);
        Report.write(List.of(run), out);
        assertThat(table("text-measures.csv").lines().toList().get(1)).isEqualTo("1,20,0.375,,0,");
        assertThat(out.resolve("tables/table-2.csv")).doesNotExist();
    }

    @Test
    void judgedAverageIsCorrelatedWithTheLastEvaluationUpToItsStep() throws IOException {
        StringBuilder judged = new StringBuilder();
        StringBuilder metrics = new StringBuilder(METRICS);
        for (int i = 1; i <= 5; i++) {
            judged.append("{\"step\": %d, \"scores\": {\"coherence\": %d}}%n".formatted(10 * i + 3, i));
            metrics.append("{\"step\": %d, \"val_loss\": %d}%n".formatted(10 * i, 7 - i));
        }
        extra("judged.jsonl", judged.toString());
        extra("metrics.jsonl", metrics.toString());
        Report.write(List.of(run), out);
        assertThat(table("correlations.md"))
                .contains("| step | 5 | 1.000 |", "| validation loss | 5 | −1.000 |")
                .doesNotContain("HellaSwag");
    }

    @Test
    void commandsMakeTheRunAndItsForkAgain() throws IOException {
        extra("events.jsonl", "{\"event\": \"started\", \"step\": 0, \"from\": \"\"}\n");
        Report.write(List.of(run), out);
        assertThat(page()).contains("./cria pretrain --config %1$s/config.yaml --out %1$s-again".formatted(run));
        extra("events.jsonl", """
            {"event": "started", "step": 0, "from": ""}
            {"event": "resumed", "step": 2, "from": "runs/a/checkpoints/step-0000002", "optimizer_state": false}
            """);
        Report.write(List.of(run), out);
        assertThat(page())
                .contains("pretrain --resume runs/a --at 2 --without-optimizer-state --out " + run + "-again")
                .doesNotContain("--config");
    }

    @Test
    void whatOtherStagesWroteIsShownWhateverItsShape() throws IOException {
        extra(
                "compare.json",
                "{\"questions\": [{\"prompt\": \"ASSISTANT: \", \"ids\": [1, 2]}, {\"answer\": \"x,y\"}], \"kept\":"
                        + " {\"rows\": 5}, \"dropped\": {\"too_short\": 1, \"too_long\": 2}}");
        Report.write(List.of(run), out);
        assertThat(table("table-5-questions.csv"))
                .isEqualTo("Prompt,Ids,Answer\r\n\"ASSISTANT: \",1 2,\r\n\"\",,\"x,y\"\r\n");
        assertThat(table("table-5.csv")).contains("\"kept, rows\",5");
        assertThat(table("table-5-dropped.csv")).isEqualTo("Dropped,Count\r\ntoo short,1\r\ntoo long,2\r\n");
        assertThat(page()).contains("ASSISTANT:␣");
    }

    @Test
    void tableFiveShowsWhatCompareWrote() throws IOException {
        extra("compare.json", """
            {"before": "base", "after": "tuned",
             "answers": [{"question": "What is a robin?", "before": {"text": "A robin", "tokens": 3, "words": 2},
                          "after": {"text": "a bird", "tokens": 4, "words": 2}}],
             "beforeVariants": [],
             "afterVariants": [{"ending": "ASSISTANT: ", "lastIds": [7, 8], "likeliest": ["`x` 0.50", "`y` 0.25"],
                                "jensenShannon": 0.125, "kullbackLeibler": 0.5, "answer": " bird"}]}
            """);
        Report.write(List.of(run), out);
        assertThat(table("table-5.csv")).isEqualTo("""
            Question,Base,Tokens,Tuned,Tokens
            What is a robin?,A robin,3,a bird,4
            """.replace("\n", "\r\n"));
        assertThat(table("prompt-end-after.csv").lines().skip(1).toList())
                .containsExactly("ASSISTANT:␣,7 8,\"“x” 0.50", "“y” 0.25\",0.125,0.5,bird");
        assertThat(out.resolve("tables/prompt-end-before.csv")).doesNotExist();
    }

    @Test
    void exactMatchHasItsStandardError() throws IOException {
        extra("exact-match.json", """
            {"questions": 5, "right_before": 0, "right_after": 1, "rows": [
             {"question": "q", "true": ["bird"], "before": "no idea at all", "after": "a bird"},
             {"question": "q", "true": ["bird"], "before": "", "after": "cat"}]}
            """);
        Report.write(List.of(run), out);
        // One of five is 0.2; √(0.2 · 0.8 / 4) = 0.2.
        assertThat(table("exact-match.csv").lines().skip(1).toList())
                .containsExactly("before tuning,5,0,0,0,2", "after tuning,5,1,0.2,0.2,1.5");
    }

    @Test
    void accuraciesStandWithTheirDistanceFromChance() throws IOException {
        extra(
                "eval.json",
                "{\"results\": {\"piqa\": {\"acc,none\": 0.5, \"acc_norm,none\": 0.6, \"acc_norm_stderr,none\":"
                        + " 0.04}}}");
        extra("heldout.json", "{\"results\": {\"boolq\": {\"acc,none\": 1, \"acc_stderr,none\": \"N/A\"}}}");
        Report.write(List.of(run), out);
        assertThat(table("benchmarks.md")).contains("| PIQA | acc_norm | 50.0 | 60.0 | 4.0 | +2.5 |");
        assertThat(table("benchmarks-heldout.md")).contains("| BoolQ | acc | 50.0 | 100.0 | – | – |");
    }

    @Test
    void factsStandByCheckpoint() throws IOException {
        extra("facts.json", """
            [{"step": 50, "stated": {"accuracy": 0.25, "stderr": 0.02, "facts": 300}},
             {"step": 100, "stated": {"accuracy": 0.5, "stderr": 0.03, "facts": 300},
              "heldout": {"accuracy": 0.3, "stderr": 0.03, "facts": 200}}]
            """);
        Report.write(List.of(run), out);
        assertThat(table("facts.csv").lines().skip(1).toList())
                .containsExactly("50,0.25,0.02,300,,,", "100,0.5,0.03,300,0.3,0.03,200");
        assertThat(Files.readString(out.resolve("figures/facts.csv"))).contains("facts,stated in none,100,0.3");
    }

    @Test
    void forkThatStopsEarlyIsDrawnButHasNoColumnsAndItsCommandTellsHowItDiffers() throws IOException {
        Path whole = directory.resolve("whole");
        new SyntheticRun(400, 4096).write(whole);
        Path fork = directory.resolve("fork");
        new SyntheticRun(400, 4096)
                .withoutStateAt(160, whole.resolve("checkpoints/step-0000160"))
                .write(fork);
        endAt(200, fork);
        Report.write(List.of(whole, fork), out);
        assertThat(Files.readString(out.resolve("figures/figure-1.csv"))).contains("train-loss,fork,199,");
        // Its data come in another order, so what its loss does is no cost of the restart alone.
        assertThat(out.resolve("tables/restart-spikes.csv")).doesNotExist();
        assertThat(table("restart-departures.csv")).contains("fork,160,without,data.order sequential → shuffled");
        assertThat(page()).contains("without optimizer state, 2 → 1 rank, with other settings (fork)");
        assertThat(table("table-4.csv").lines().findFirst()).contains("Step,Tokens,Validation loss,HellaSwag");
        assertThat(page())
                .contains("./cria pretrain --resume " + whole + " --at 160 --until 200 --without-optimizer-state"
                        + " --set data.order=shuffled --out " + fork + "-again");
    }

    /** Cuts a synthetic fork off, as {@code --until} does, and gives it another order of data. */
    private static void endAt(int step, Path fork) throws IOException {
        Path metrics = fork.resolve("metrics.jsonl");
        String lines = Files.readString(metrics);
        Files.writeString(metrics, lines.substring(0, lines.indexOf("{\"step\": " + step + ",")));
        Path events = fork.resolve("events.jsonl");
        Files.writeString(
                events,
                Files.readString(events).replace("\"finished\", \"step\": 400", "\"finished\", \"step\": " + step));
        Path config = fork.resolve("config.yaml");
        Files.writeString(config, Files.readString(config).replace("order: sequential", "order: shuffled"));
    }

    @Test
    void tuningIsAPageOfItsOwnAndAFigureBesideAPretraining() throws IOException {
        Path base = directory.resolve("base");
        new SyntheticRun(100, 4096).write(base);
        Path tuning = Files.createDirectories(directory.resolve("tuned"));
        Files.writeString(tuning.resolve("metrics.jsonl"), METRICS);
        Files.writeString(
                tuning.resolve("config.yaml"),
                "model: %s\nlora: {rank: 4}\nbatch: {micro_batch: 2}\nschedule: {steps: 3}\n".formatted(base));
        Files.writeString(
                tuning.resolve("events.jsonl"),
                "{\"event\": \"started\", \"step\": 0, \"from\": \"\", \"flops_per_token\": 4000}\n");

        Report.write(List.of(tuning), out);
        assertThat(Files.readString(out.resolve("figures/figure-1.csv"))).contains("train-loss,tuned,0,8.317766");
        assertThat(table("table-1.csv")).contains("Hidden size,256\r");
        assertThat(page()).contains("./cria tune --config " + tuning.resolve("config.yaml"));
        // 4000 FLOPs a token at a median of 2000 tokens a second.
        assertThat(table("speed.csv").lines().toList().get(1)).startsWith("tuned,2000,4000,0.008,");

        Report.write(List.of(base, tuning), out);
        assertThat(Files.readString(out.resolve("figures/figure-1.csv"))).doesNotContain("tuned");
        assertThat(Files.readString(out.resolve("figures/tuning.csv"))).contains("tuning-loss,tuned,2,7.5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<script>alert(1)</script>", "</script><b onload=\"x\">", "\u0007 & 'quoted' {{sections}}"})
    void textsOfOthersCannotBecomeMarkup(String text) throws IOException {
        extra("samples.jsonl", JsonFiles.write(Map.of("step", 0, "prompt", text, "text", text + text)));
        Path hostile = Files.move(run, directory.resolve(text.contains("/") ? "<i>run" : "<b>" + text.length()));
        Report.write(List.of(hostile), out);
        assertThat(page()).doesNotContain(text);
        // The values of seven panels and the page's own script.
        assertThat(page().split("<script", -1)).hasSize(1 + 7 + 1);
        assertThat(Files.readString(out.resolve("report.md")))
                .doesNotContain("<script")
                .doesNotContain("<b onload");
    }

    @Test
    void lastLineThatIsStillBeingWrittenIsLeftOut() throws IOException {
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\": 3, \"loss\": 7.", StandardOpenOption.APPEND);
        Report.write(List.of(run), out);
        assertThat(page()).contains("trained for 3 steps");
    }

    @Test
    void laterLineOfAStepReplacesTheEarlier() throws IOException {
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\": 2, \"loss\": 7.125}\n", StandardOpenOption.APPEND);
        Report.write(List.of(run), out);
        assertThat(Files.readString(out.resolve("figures/figure-1.csv")))
                .contains("train-loss,tiny,2,7.125\r\n")
                .doesNotContain("train-loss,tiny,2,7.5");
    }

    @Test
    void brokenLineInTheMiddleIsNamed() throws IOException {
        Files.writeString(
                run.resolve("metrics.jsonl"), METRICS.replace("{\"step\": 1, \"loss\"", "{\"step\": 1, loss"));
        assertThatThrownBy(() -> Report.write(List.of(run), out))
                .isInstanceOf(WorkException.class)
                .hasMessageStartingWith(run.resolve("metrics.jsonl") + " line 4 is not JSON: {\"step\": 1, loss");
    }

    @Test
    void refusesWhatIsNoRun() throws IOException {
        assertRefused(directory.resolve("nowhere"), "run " + directory.resolve("nowhere") + " is not a directory");
        assertRefused(directory, "run " + directory + " has no metrics.jsonl");
        Files.writeString(run.resolve("metrics.jsonl"), "");
        assertRefused(run, run.resolve("metrics.jsonl") + " has no step yet");
        Files.writeString(run.resolve("metrics.jsonl"), METRICS);
        Files.delete(run.resolve("config.yaml"));
        assertRefused(run, "run " + run + " has no config.yaml");
    }

    @Test
    void pointsFromADemosDirectoryToTheRunInIt() throws IOException {
        Files.move(run, directory.resolve("pretrain"));
        assertThatThrownBy(() -> Report.write(List.of(directory), out))
                .isInstanceOfSatisfying(RequestException.class, e -> assertThat(e.hint())
                        .isEqualTo("did you mean " + directory.resolve("pretrain") + "?"));
    }

    @Test
    void pageNeedsNoNetworkAndNoOtherFile() throws IOException {
        new SyntheticRun(200, 50304).write(run);
        Report.write(List.of(run), out);
        assertThat(page())
                .doesNotContainPattern("(src|href)=[\"']https?://")
                .doesNotContain("<link", "@import", "url(", "{{");
    }

    @Test
    void picturesAreWellFormedAndAsLargeAsTheySay() throws Exception {
        new SyntheticRun(200, 4096).write(run);
        Report.write(List.of(run), out);
        for (String figure : List.of("figure-1", "figure-2")) {
            String svg = Files.readString(out.resolve("figures/" + figure + ".svg"));
            var root = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(svg)))
                    .getDocumentElement();
            var png = ImageIO.read(out.resolve("figures/" + figure + ".png").toFile());
            assertThat(png.getWidth()).isEqualTo((int) (2 * Double.parseDouble(root.getAttribute("width"))));
            assertThat(root.getElementsByTagName("title").getLength()).isEqualTo(1);
        }
    }

    @Test
    void sameFilesGiveTheSamePage() throws IOException {
        new SyntheticRun(200, 4096).write(run);
        Report.write(List.of(run), out);
        String first = page();
        Report.write(List.of(run), out);
        assertThat(page()).isEqualTo(first);
    }

    @Test
    void publishedLinesStandOnlyBesideGpt2sVocabulary() throws IOException {
        new SyntheticRun(200, 4096).write(run);
        Report.write(List.of(run), out);
        assertThat(page()).doesNotContain("TinyLlama");
        new SyntheticRun(200, 50304).write(run);
        Report.write(List.of(run), out);
        assertThat(page()).contains("what is printed of TinyLlama 1.1B at 2T tokens");
        assertThat(table("benchmarks.csv")).contains("HellaSwag,acc_norm,0.25,").contains("0.5463");
    }

    @Test
    void pageTellsWhatItLacksAndWhatWouldBringIt() throws IOException {
        Report.write(List.of(run), out);
        assertThat(page()).contains("cria judge RUN --prompts FILE --out RUN/judged.jsonl");
    }

    private void assertRefused(Path what, String error) {
        assertThatThrownBy(() -> Report.write(List.of(what), out))
                .isInstanceOf(RequestException.class)
                .hasMessage(error);
    }

    private void checkpoint(String config) throws IOException {
        Path checkpoint = Files.createDirectories(run.resolve("checkpoints/step-0000003"));
        Files.writeString(checkpoint.resolve("config.json"), config);
    }

    private void extra(String file, String text) throws IOException {
        Files.writeString(run.resolve(file), text);
    }

    private String table(String file) throws IOException {
        return Files.readString(out.resolve("tables").resolve(file));
    }

    private String page() throws IOException {
        return Files.readString(out.resolve("index.html"));
    }
}
