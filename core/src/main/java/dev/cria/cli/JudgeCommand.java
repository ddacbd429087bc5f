package dev.cria.cli;

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
            "Completes prompts with each checkpoint of a run, or with other models, and has the completions scored on",
            "coherence, fluency, relevance, factual accuracy, depth and creativity, 0 to 10: by a model behind an",
            "OpenAI-compatible endpoint, or by people on a blind sheet. Without either, only the measures that need no",
            "judge are taken. The endpoint's key is read from OPENAI_API_KEY."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria judge runs/nano --prompts prompts.txt --out runs/nano/judged.jsonl --sheet",
            "  ./cria judge --import scores-ann.csv --import scores-bob.csv --out runs/nano/judged.jsonl",
            "  ./cria judge runs/nano --prompts prompts.txt --out runs/nano/judged.jsonl \\",
            "      --endpoint http://localhost:8080/v1 --judge-model some-model"
        })
final class JudgeCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..*",
            paramLabel = "RUN|MODEL",
            description = "Runs, all of whose checkpoints are judged, or model directories.")
    private List<Path> models = List.of();

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "A prompt a line, or JSONL with a field \"prompt\" a line (default: the paper's three).")
    private Optional<Path> prompts = Optional.empty();

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "Where the judged texts go, as JSONL.")
    private Path out = Path.of("");

    @Option(names = "--endpoint", paramLabel = "URL", description = "Of the judge, up to /v1.")
    private Optional<URI> endpoint = Optional.empty();

    @Option(names = "--judge-model", paramLabel = "NAME", description = "The judge's name at the endpoint.")
    private Optional<String> judgeModel = Optional.empty();

    @Option(
            names = "--price",
            split = ",",
            paramLabel = "IN,OUT",
            description = "The judge's price for a million tokens read and written, to show the cost.")
    private List<Double> price = List.of();

    @Option(names = "--sheet", description = "Writes a blind scoring sheet for people beside --out.")
    private boolean sheet;

    @Option(
            names = "--import",
            paramLabel = "SHEET",
            description = "Scores that came back from a sheet; repeat it for several people.")
    private List<Path> imports = List.of();

    @Option(
            names = "--facts",
            paramLabel = "FILE",
            description = "Primer's facts.jsonl: also measures how many facts the last model knows.")
    private Optional<Path> facts = Optional.empty();

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "96",
            description = "Most tokens of a completion (default: ${DEFAULT-VALUE}).")
    private int maxNewTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.7",
            description = "0 takes the likeliest token always (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "50",
            description = "Choose among the K likeliest tokens; 0: among all (default: ${DEFAULT-VALUE}).")
    private int topK;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1337",
            description = "Of sampling and of the sheet's order (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--tokenizer",
            paramLabel = "gpt2|DIR",
            description = "For models whose directory has no tokenizer.json.")
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
        run.judge(models, prompts, writing, judges);
        return 0;
    }
}
