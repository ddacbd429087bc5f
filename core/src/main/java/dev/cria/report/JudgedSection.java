package dev.cria.report;

import dev.cria.report.Section.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Table II: the six criteria, scored by a judge, averaged over the completions of a checkpoint. */
final class JudgedSection {
    static final String FILE = "judged.jsonl";

    private JudgedSection() {}

    static Section of(List<Run> runs) {
        List<JsonNode> lines = runs.getFirst().extraLines(FILE);
        List<Part> parts = new ArrayList<>();
        if (!lines.isEmpty()) {
            parts.add(new Part.Grid(ours(lines)));
            parts.add(new Part.Grid(paper()));
        }
        return new Section(
                "judged",
                "Judged samples",
                "Table II. Completions of the same prompts at each checkpoint, scored 0 to 10 on six criteria.",
                parts,
                "judged.jsonl: cria judge RUN --prompts FILE --out RUN/judged.jsonl");
    }

    private static Table ours(List<JsonNode> lines) {
        Map<Long, List<JsonNode>> bySteps = new TreeMap<>();
        for (JsonNode line : lines) {
            bySteps.computeIfAbsent(line.path("step").asLong(0), _ -> new ArrayList<>())
                    .add(line);
        }
        Table.Builder table = Table.titled("table-2", "Table II. This run", columns("Completions"));
        bySteps.forEach((step, judged) -> {
            List<Cell> row = new ArrayList<>(List.of(Cell.count(step)));
            List<Double> means = new ArrayList<>();
            for (String criterion : Paper.CRITERIA.keySet()) {
                double mean = mean(judged, criterion);
                row.add(Cell.fixed(mean, 2));
                means.add(mean);
            }
            row.add(Cell.fixed(average(means), 2));
            row.add(Cell.count(judged.size()));
            table.row(row);
        });
        return table.build();
    }

    private static double average(List<Double> values) {
        return values.stream()
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    private static double mean(List<JsonNode> judged, String criterion) {
        return average(judged.stream()
                .map(line -> line.has("scores") ? line.path("scores") : line)
                .map(scores -> Fields.number(scores, criterion))
                .filter(OptionalDouble::isPresent)
                .map(OptionalDouble::getAsDouble)
                .toList());
    }

    private static Table paper() {
        List<String> columns = columns();
        Table.Builder table = Table.titled("table-2-paper", "Table II. The paper's 1.7B", columns);
        for (Paper.Checkpoint c : Paper.CHECKPOINTS) {
            List<Cell> row = new ArrayList<>(List.of(Cell.count(c.step())));
            c.scores().forEach(s -> row.add(Cell.count(s)));
            row.add(Cell.fixed(c.average(), 2));
            table.row(row);
        }
        return table.note("Published values: " + Paper.CITATION + ".").build();
    }

    private static List<String> columns(String... more) {
        List<String> columns = new ArrayList<>(List.of("Step"));
        columns.addAll(Paper.CRITERIA.values());
        columns.add("Average");
        columns.addAll(List.of(more));
        return columns;
    }
}
