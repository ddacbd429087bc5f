package dev.cria.report;

import dev.cria.WorkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

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
        List<Section> sections = sections(sorted);
        try {
            Files.createDirectories(out.resolve("figures"));
            Files.createDirectories(out.resolve("tables"));
            for (Figure figure : flat(sections, Section::figures)) {
                write(out.resolve("figures"), figure);
            }
            for (Table table : flat(sections, Section::tables)) {
                Files.writeString(out.resolve("tables").resolve(table.id() + ".csv"), table.csv());
                Files.writeString(out.resolve("tables").resolve(table.id() + ".md"), table.markdown());
            }
            Files.writeString(out.resolve("report.md"), MarkdownPage.of(read, sections));
            return Files.writeString(out.resolve("index.html"), Page.of(read, sections));
        } catch (IOException e) {
            throw new WorkException(
                    "the report cannot be written to " + out + ": " + e.getMessage(), "give another --out", e);
        }
    }

    /** The page's order. */
    private static List<Section> sections(Runs runs) {
        return List.of(
                TrainingSection.of(runs.main()),
                Baselines.of(runs.main()),
                CompletionsSection.of(runs.main()),
                BenchmarkSection.of(runs.whole()),
                FactsSection.of(runs.main()),
                ProgressSection.of(runs.whole()),
                RestartSection.of(runs.main()),
                JudgedSection.of(runs.main()),
                TuningSection.of(runs),
                ModelSection.of(runs.whole()),
                DataSection.of(runs.main()),
                SpeedSection.of(runs.all()),
                ReproduceSection.of(runs.all()));
    }

    private static void write(Path directory, Figure figure) throws IOException {
        Files.writeString(directory.resolve(figure.id() + ".svg"), Svg.document(figure));
        Files.writeString(
                directory.resolve(figure.id() + ".csv"), figure.values().csv());
        Files.writeString(directory.resolve(figure.id() + ".md"), MarkdownPage.of(figure, ""));
        Png.write(figure, directory.resolve(figure.id() + ".png"));
    }

    private static <T> List<T> flat(List<Section> sections, Function<Section, List<T>> parts) {
        return sections.stream()
                .flatMap(s -> Stream.of(parts.apply(s)))
                .flatMap(List::stream)
                .toList();
    }
}
