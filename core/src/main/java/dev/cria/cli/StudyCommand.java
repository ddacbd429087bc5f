package dev.cria.cli;

import dev.cria.study.Study;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria study}: the series of a run's checkpoints. */
@Command(
        name = "study",
        description = {
            "Studies the series of a run's checkpoints: what was learned when, scores against the loss, texts by step.",
            "Writes tables (CSV, Parquet), figures (SVG, PNG) and one page; two or more runs are compared at equal"
                    + " step, tokens and loss."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria eval runs/dmas-1.7b --all --benchmarks data/benchmarks",
            "  ./cria study runs/dmas-1.7b --out study",
            "  ./cria study runs/a runs/b --out compared"
        })
final class StudyCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "RUN",
            description = "Run directories with evaluations.jsonl; the others are compared with the first.")
    private List<Path> runs = List.of();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Directory to write.")
    private Path out = Path.of("study");

    @Option(
            names = "--planted",
            paramLabel = "FILE",
            description = "The planted.jsonl of primer --plant: what is found is set beside what was done.")
    private Optional<Path> planted = Optional.empty();

    @Override
    public Integer call() {
        System.out.println(Study.write(runs, planted, out));
        return 0;
    }
}
