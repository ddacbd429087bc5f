package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.eval.BenchmarkDownload;
import dev.cria.eval.Convention;
import dev.cria.format.hub.Hub;
import dev.cria.tokenizer.Roles;
import dev.cria.weights.NamedModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
            "Measures models on benchmarks, as lm-evaluation-harness does, and on token shards.",
            "Two or more models are also compared document by document. --all measures the series of a run's"
                    + " checkpoints."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria eval runs/nano --benchmarks data/benchmarks --data data/shards --json scores.json",
            "  ./cria eval runs/a --benchmarks data/benchmarks --download",
            "  ./cria eval runs/a --all --steps 0:40000:1000 --benchmarks data/benchmarks --reference"
                    + " TinyLlama=hf://OWNER/NAME",
            "  ./cria eval runs/a runs/b --benchmarks data/benchmarks --tasks hellaswag,piqa --limit 200"
        })
final class EvalCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "MODEL",
            description = "hf://OWNER/MODEL[@REVISION,…], runs, checkpoints or other Hugging Face model directories.")
    private List<String> models = List.of();

    @Option(
            names = "--tasks",
            split = ",",
            paramLabel = "a,b",
            description = "Benchmarks to run: hellaswag, arc_easy, arc_challenge, openbookqa, piqa, boolq, winogrande"
                    + " (default: all that --benchmarks holds).")
    private List<String> tasks = List.of();

    @Option(
            names = "--benchmarks",
            paramLabel = "DIR",
            description =
                    "Directory of benchmark rows in Hugging Face's schemas, one file {task}*.jsonl or .parquet each.")
    private Optional<Path> benchmarks = Optional.empty();

    @Option(
            names = "--download",
            description = "Download missing rows from the Hugging Face hub first (HF_ENDPOINT, HF_TOKEN).")
    private boolean download;

    @Option(names = "--data", paramLabel = "SHARDS", description = "Token shards whose validation loss is measured.")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "0",
            description = "Use only the first N documents of each benchmark and windows of --data; 0 uses all"
                    + " (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(
            names = "--convention",
            paramLabel = "harness|nanogpt",
            defaultValue = "harness",
            description =
                    "How benchmarks are scored; nanogpt is build-nanogpt's HellaSwag (default: ${DEFAULT-VALUE}).")
    private Convention convention = Convention.HARNESS;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            description = "Maximum tokens per text; longer texts are cut on the left (default: the model's positions).")
    private Optional<Integer> maxLength = Optional.empty();

    @Option(
            names = "--add-bos",
            paramLabel = "tokenizer|on|off",
            defaultValue = "tokenizer",
            description = "Whether the token that begins a text is put before every text; tokenizer does as its files"
                    + " say (default: ${DEFAULT-VALUE}).")
    private Roles.Adding addBos = Roles.Adding.TOKENIZER;

    @Option(names = "--samples", paramLabel = "DIR", description = "Also write samples_{task}.jsonl to DIR.")
    private Optional<Path> samples = Optional.empty();

    @Option(
            names = "--tokenizer",
            paramLabel = "gpt2|DIR",
            description = "Tokenizer for models whose directory has no tokenizer.json.")
    private Optional<String> tokenizer = Optional.empty();

    @Option(
            names = "--all",
            description = "Measure every kept checkpoint of one run; lines go to RUN/evaluations.jsonl, what is there"
                    + " already is not measured again.")
    private boolean all;

    @Option(
            names = "--steps",
            paramLabel = "FROM:TO[:BY]",
            description = "With --all, only checkpoints of these steps, such as 0:40000:1000.")
    private Optional<String> steps = Optional.empty();

    @Option(
            names = "--reference",
            paramLabel = "NAME=MODEL",
            description = "With --all, also measure another model, a line in Figure 2; may be repeated.")
    private Map<String, String> references = new LinkedHashMap<>();

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Also write the results to FILE, in the harness's format.")
    private Optional<Path> json = Optional.empty();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private ProgressOptions progress = new ProgressOptions();

    @Override
    public Integer call() {
        if (download) {
            Path directory = benchmarks.orElseThrow(() -> new RequestException(
                    "--download needs --benchmarks, the directory to download into", "--benchmarks data/benchmarks"));
            BenchmarkDownload.fetch(Hub.ofEnvironment(progress.progress()), directory, tasks);
        }
        var what = new EvalRun.What(
                tasks,
                benchmarks,
                data,
                limit,
                convention,
                maxLength.map(OptionalInt::of).orElseGet(OptionalInt::empty),
                tokenizer,
                addBos);
        if (all) {
            series(what);
            return 0;
        }
        if (steps.isPresent() || !references.isEmpty()) {
            throw new RequestException(
                    (steps.isPresent() ? "--steps" : "--reference") + " is for the checkpoints of a run",
                    "./cria eval " + models.getFirst() + " --all …");
        }
        new EvalRun(what, compute, progress.progress())
                .run(NamedModel.ofEach(models, progress.progress()), samples, json);
        return 0;
    }

    private void series(EvalRun.What what) {
        if (models.size() > 1 || samples.isPresent()) {
            throw new RequestException(
                    models.size() > 1
                            ? "--all is for one run, and " + models.size() + " are given"
                            : "--all writes the documents' scores into the run, so that --samples has no place",
                    "./cria eval " + models.getFirst() + " --all --benchmarks DIR");
        }
        Map<String, NamedModel> others = new LinkedHashMap<>();
        references.forEach((name, model) -> others.put(name, NamedModel.of(model, progress.progress())));
        StepRange range = steps.map(StepRange::parse).orElse(StepRange.ALL);
        new EvalSeries(Path.of(models.getFirst()), what, compute, progress.progress()).run(range, others, json);
    }
}
