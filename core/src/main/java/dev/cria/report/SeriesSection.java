package dev.cria.report;

import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The way to the page about the series of checkpoints, which {@code study} writes beside the report. */
final class SeriesSection {
    /** Where the report looks for it. */
    static final String PAGE = "series/index.html";

    private SeriesSection() {}

    static Section of(Path run, Path report) {
        List<Part> parts = Files.isRegularFile(report.resolve(PAGE))
                ? List.of(new Part.Card(
                        "",
                        "<p><a href=\"" + PAGE
                                + "\">The series of checkpoints</a>: the onset of each question, forgetting, signal"
                                + " and noise of each benchmark, scores against the loss, and each prompt's texts"
                                + " behind a slider.</p>",
                        ""))
                : List.of();
        return new Section(
                "series",
                "What was learned when",
                "A page of its own follows each question over the checkpoints.",
                parts,
                "./cria study " + run + " --out " + report.resolve("series"));
    }
}
