package dev.cria.cli;

import dev.cria.weights.NamedModel;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria judge}: completions scored on six criteria, by a model or by people. */
@Command(
        name = "judge",
        description = {
            "Has the completions of a run's checkpoints, or of other models, scored on six criteria.",
            "Coherence, fluency, relevance, factual accuracy, depth and creativity are scored from 0 to 10 by a model"
                    + " behind an OpenAI-compatible endpoint, whose key is read from OPENAI_API_KEY, or by people on a"
                    + " blind sheet. Without either, only the measures that need no judge are taken."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria judge runs/nano --prompts prompts.txt --out runs/nano/judged.jsonl --sheet",
            "  ./cria judge --import scores-ann.csv --import scores-bob.csv --out runs/nano/judged.jsonl",
            "  ./cria judge runs/nano --prompts prompts.txt --out judged.jsonl --endpoint http://localhost:8080/v1"
                    + " --judge-model NAME"
        })
final class JudgeCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..*",
            paramLabel = "RUN|MODEL",
            description =
                    "hf://OWNER/MODEL[@REVISION,…], runs, of which every checkpoint is judged, or model directories.")
    private List<String> models = List.of();

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "Prompts, one per line or as JSON Lines with \"prompt\" (default: the paper's three).")
    private Optional<Path> prompts = Optional.empty();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "File to write the judged texts to, as JSON Lines.")
    private Path out = Path.of("");

    @Option(names = "--endpoint", paramLabel = "URL", description = "Endpoint of the judge, up to /v1.")
    private Optional<URI> endpoint = Optional.empty();

    @Option(names = "--judge-model", paramLabel = "NAME", description = "Name of the judge at the endpoint.")
    private Optional<String> judgeModel = Optional.empty();

    @Option(
            names = "--price",
            split = ",",
            paramLabel = "IN,OUT",
            description = "Price per million tokens read and written, to show the cost.")
    private List<Double> price = List.of();

    @Option(names = "--sheet", description = "Write a blind scoring sheet beside --out.")
    private boolean sheet;

    @Option(
            names = "--import",
            paramLabel = "SHEET",
            description = "Filled-in scoring sheet; repeat for several people.")
    private List<Path> imports = List.of();

    @Option(
            names = "--facts",
            paramLabel = "FILE",
            description = "Primer's facts.jsonl; also measure how many of its facts the last model knows.")
    private Optional<Path> facts = Optional.empty();

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "96",
            description = "Maximum tokens per completion (default: ${DEFAULT-VALUE}).")
    private int maxNewTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.7",
            description = "Sampling temperature; 0 always takes the likeliest token (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "50",
            description = "Sample from the K likeliest tokens only; 0 samples from all (default: ${DEFAULT-VALUE}).")
    private int topK;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1337",
            description = "Random seed of the sampling and of the sheet's order (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--tokenizer",
            paramLabel = "gpt2|DIR",
            description = "Tokenizer for models whose directory has no tokenizer.json.")
    private Optional<String> tokenizer = Optional.empty();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private ProgressOptions progress = new ProgressOptions();

    @Override
    public Integer call() {
        var run = new JudgeRun(out, progress.progress());
        if (!imports.isEmpty()) {
            run.importScores(imports);
            return 0;
        }
        var writing = new JudgeRun.Writing(maxNewTokens, temperature, topK, seed, tokenizer, compute);
        var judges = new JudgeRun.Judges(endpoint, judgeModel, price, sheet, facts);
        run.judge(NamedModel.ofEach(models, progress.progress()), prompts, writing, judges);
        return 0;
    }
}
