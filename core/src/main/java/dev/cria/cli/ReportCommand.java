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
        description = "Makes figures (SVG, PNG), tables (CSV, Markdown) and one self-contained index.html from runs.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  ./cria report runs/dmas-1.7b",
            "  ./cria report runs/with-state runs/without-state --out report"
        })
final class ReportCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "RUN",
            description = "Run directories. The first is the page's subject, the others are drawn over it.")
    private List<Path> runs = List.of();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the report goes. Default: the directory report in the first run.")
    private Optional<Path> out = Optional.empty();

    @Override
    public Integer call() {
        System.out.println(Report.write(runs, out.orElse(runs.getFirst().resolve("report"))));
        return 0;
    }
}
