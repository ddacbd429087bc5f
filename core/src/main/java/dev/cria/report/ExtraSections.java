package dev.cria.report;

import dev.cria.report.Section.Part;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Sections made of other stages' own reports, shown as they are: the data's, and the comparison after tuning. */
final class ExtraSections {
    static final String DATA = "data-report.json";
    static final String COMPARE = "compare.json";

    private ExtraSections() {}

    static Section data(List<Run> runs) {
        return section(
                runs.getFirst(),
                DATA,
                "data",
                "Data",
                "What went into the shards, what was left out and why.",
                "cria prepare … --report RUN/" + DATA);
    }

    static Section tuning(List<Run> runs) {
        return section(
                runs.getFirst(),
                COMPARE,
                "table-5",
                "Tuning",
                "Table V. The same questions put to the model before and after instruction tuning, and what small"
                        + " changes of the prompt's end do.",
                "cria compare BEFORE AFTER --out RUN/" + COMPARE);
    }

    private static Section section(Run run, String file, String id, String heading, String lead, String command) {
        List<Part> parts = run.extra(file).map(json -> parts(id, heading, json)).orElse(List.of());
        return new Section(id, heading, lead, parts, file + ": " + command);
    }

    private static List<Part> parts(String id, String heading, JsonNode json) {
        return JsonTables.of(id, heading, json).stream()
                .map(t -> (Part) new Part.Grid(t))
                .toList();
    }
}
