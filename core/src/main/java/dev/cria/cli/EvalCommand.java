package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.eval.BenchmarkDownload;
import dev.cria.eval.Convention;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria eval}: benchmarks and validation loss of models. */
@Command(
        name = "eval",
        description = {
            "Measures models on benchmarks, with the conventions of lm-evaluation-harness, and on token shards.",
            "Two models or more are compared document by document as well."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria eval runs/nano --benchmarks data/benchmarks --data data/shards --json scores.json",
            "  ./cria eval runs/a --benchmarks data/benchmarks --download",
            "  ./cria eval runs/a runs/b --benchmarks data/benchmarks --tasks hellaswag,piqa --limit 200"
        })
final class EvalCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "MODEL",
            description = "Runs, checkpoints, or other Hugging Face model directories.")
    private List<Path> models = List.of();

    @Option(
            names = "--tasks",
            split = ",",
            paramLabel = "a,b",
            description = "hellaswag, arc_easy, arc_challenge, openbookqa, piqa, boolq, winogrande"
                    + " (default: those that --benchmarks has).")
    private List<String> tasks = List.of();

    @Option(
            names = "--benchmarks",
            paramLabel = "DIR",
            description = "Rows in Hugging Face's schemas, a file {task}*.jsonl or .parquet each.")
    private Optional<Path> benchmarks = Optional.empty();

    @Option(
            names = "--download",
            description = "First fetches the rows that --benchmarks has not from the hub (HF_ENDPOINT, HF_TOKEN).")
    private boolean download;

    @Option(names = "--data", paramLabel = "SHARDS", description = "Token shards, for the loss on their validation.")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "0",
            description = "The first N documents of each benchmark and windows of --data; 0: all"
                    + " (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(
            names = "--convention",
            paramLabel = "harness|nanogpt",
            defaultValue = "harness",
            description = "nanogpt: build-nanogpt's HellaSwag (default: ${DEFAULT-VALUE}).")
    private Convention convention = Convention.HARNESS;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            description = "Positions to use (default: all that the model has); longer texts are cut on the left.")
    private Optional<Integer> maxLength = Optional.empty();

    @Option(names = "--samples", paramLabel = "DIR", description = "Also writes samples_{task}.jsonl there.")
    private Optional<Path> samples = Optional.empty();

    @Option(
            names = "--tokenizer",
            paramLabel = "gpt2|DIR",
            description = "For models whose directory has no tokenizer.json.")
    private Optional<String> tokenizer = Optional.empty();

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes the results in the harness' shape there.")
    private Optional<Path> json = Optional.empty();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private ProgressOptions progress = new ProgressOptions();

    @Override
    public Integer call() {
        if (download) {
            Path directory = benchmarks.orElseThrow(
                    () -> new RequestException("--download has no place to put rows", "--benchmarks data/benchmarks"));
            BenchmarkDownload.fetch(HubAccess.open(progress.progress()), directory, tasks);
        }
        var what = new EvalRun.What(
                tasks,
                benchmarks,
                data,
                limit,
                convention,
                maxLength.map(OptionalInt::of).orElseGet(OptionalInt::empty),
                tokenizer);
        new EvalRun(what, compute, progress.progress()).run(models, samples, json);
        return 0;
    }
}
