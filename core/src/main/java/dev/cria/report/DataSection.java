package dev.cria.report;

import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import java.util.List;

/** What the data's own report says, shown as it is. */
final class DataSection {
    private static final String FILE = "data-report.json";

    private DataSection() {}

    static Section of(List<Run> runs) {
        List<Part> parts = runs.getFirst()
                .extra(FILE)
                .map(json -> JsonTables.of("data", "Data", json).stream()
                        .<Part>map(Part.Grid::new)
                        .toList())
                .orElse(List.of());
        return new Section(
                "data",
                "Data",
                "What went into the shards, what was left out and why.",
                parts,
                FILE + ": cria prepare … --report RUN/" + FILE);
    }
}
