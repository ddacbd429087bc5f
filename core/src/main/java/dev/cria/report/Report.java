package dev.cria.report;

import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.page.Html;
import dev.cria.page.MarkdownPage;
import dev.cria.page.Numbers;
import dev.cria.page.Page;
import dev.cria.page.Section;
import dev.cria.page.Tile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The figures and tables of the paper, made from the files of one's own runs. */
public final class Report {
    private Report() {}

    /**
     * Writes {@code index.html}, which needs neither network nor the files beside it, {@code report.md}, and each
     * part as {@code figures/*.svg, *.png, *.csv, *.md} and {@code tables/*.csv, *.md}.
     *
     * @param runs run directories; the first is the page's subject, the others are drawn over it
     * @param out made if it isn't there; files of an earlier report are replaced
     * @return the path of {@code index.html}
     */
    public static Path write(List<Path> runs, Path out) {
        Runs sorted = Runs.of(RunReader.readAll(runs));
        List<Run> read = sorted.all();
        Run subject = read.getFirst();
        List<Tile> tiles = Headline.of(subject);
        List<Section> sections = sections(sorted, out);
        try {
            Section.writeFigures(sections, out);
            Section.writeTables(sections, out);
            Files.writeString(out.resolve("report.md"), MarkdownPage.of(subject.name(), tiles, sections));
            return Files.writeString(out.resolve("index.html"), Page.of(head(read), tiles, sections));
        } catch (IOException e) {
            throw new WorkException(
                    "the report cannot be written to " + out + ": " + AtomicFiles.reason(e), "give another --out", e);
        }
    }

    /** The page's order. */
    private static List<Section> sections(Runs runs, Path out) {
        return List.of(
                TrainingSection.of(runs.main()),
                Baselines.of(runs.main()),
                CompletionsSection.of(runs.main()),
                BenchmarkSection.of(runs.whole()),
                FactsSection.of(runs.main()),
                SeriesSection.of(runs.main().getFirst().directory(), out),
                ProgressSection.of(runs.whole()),
                RestartSection.of(runs.main()),
                JudgedSection.of(runs.main()),
                TuningSection.of(runs),
                ModelSection.of(runs.whole()),
                DataSection.of(runs.main()),
                SpeedSection.of(runs.all()),
                ReproduceSection.of(runs.all()));
    }

    private static Page.Head head(List<Run> runs) {
        return new Page.Head(
                runs.getFirst().name(),
                "training report",
                subtitle(runs),
                "Made by Cria from the run's files alone. Published values: " + Html.escape(Paper.CITATION)
                        + ". The whole page as text: <a href=\"report.md\">report.md</a>");
    }

    private static String subtitle(List<Run> runs) {
        Run run = runs.getFirst();
        String architecture = run.model()
                .map(m -> m.path("architectures").path(0).asString(""))
                .filter(a -> !a.isEmpty())
                .map(a -> a + ", ")
                .orElse("");
        String last = "trained for " + Numbers.count(run.last().step() + 1) + " steps";
        String others = runs.size() == 1
                ? ""
                : ", beside " + runs.stream().skip(1).map(Run::name).collect(Collectors.joining(", "));
        return architecture + last + others;
    }
}
