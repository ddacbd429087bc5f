package dev.cria.cli;

import dev.cria.report.Report;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Figures, tables and a self-contained page from the files of runs. */
@Command(
        name = "report",
        description = "Makes figures, tables and one self-contained index.html from the files of runs.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  ./cria report runs/dmas-1.7b",
            "  ./cria report runs/with-state runs/without-state --out report"
        })
final class ReportCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "RUN",
            description = "Run directories; the report is about the first, and the others are drawn beside it.")
    private List<Path> runs = List.of();

    @Option(names = "--out", paramLabel = "DIR", description = "Directory to write (default: report in the first run).")
    private Optional<Path> out = Optional.empty();

    @Override
    public Integer call() {
        System.out.println(Report.write(runs, out.orElse(runs.getFirst().resolve("report"))));
        return 0;
    }
}
