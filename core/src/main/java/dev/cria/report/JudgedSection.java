package dev.cria.report;

import dev.cria.eval.PaperTables;
import dev.cria.report.Section.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Table II: the six criteria, scored by a judge, averaged over the completions of a checkpoint. */
final class JudgedSection {
    static final String FILE = "judged.jsonl";

    private JudgedSection() {}

    static Section of(List<Run> runs) {
        Run run = runs.getFirst();
        SortedMap<Long, List<Double>> scores = scores(run.extraLines(FILE));
        List<Part> parts = new ArrayList<>();
        if (!scores.isEmpty()) {
            SortedMap<Long, Double> averages = new TreeMap<>();
            scores.forEach((step, means) -> averages.put(step, average(means)));
            parts.add(new Part.Grid(ours(scores)));
            parts.add(new Part.Grid(paper()));
            parts.add(new Part.Grid(CorrelationTables.ours(run, averages)));
            parts.add(new Part.Grid(CorrelationTables.paper()));
        }
        return new Section(
                "judged",
                "Judged samples",
                "Table II. Completions of the same prompts at each checkpoint, scored 0 to 10 on six criteria and"
                        + " averaged; and how the average goes with what costs no judge.",
                parts,
                "judged.jsonl: cria judge RUN --prompts FILE --out RUN/judged.jsonl");
    }

    /** Each criterion's mean over the completions of a step. */
    private static SortedMap<Long, List<Double>> scores(List<JsonNode> lines) {
        Map<Long, List<JsonNode>> byStep = lines.stream()
                .collect(Collectors.groupingBy(line -> line.path("step").asLong(0)));
        SortedMap<Long, List<Double>> scores = new TreeMap<>();
        byStep.forEach((step, judged) -> scores.put(
                step,
                Paper.CRITERIA.keySet().stream()
                        .map(criterion -> mean(judged, criterion))
                        .toList()));
        return scores;
    }

    private static Table ours(SortedMap<Long, List<Double>> scores) {
        Table.Builder table = Table.titled("table-2", "Table II. This run", columns());
        scores.forEach((step, means) -> {
            List<Cell> row = new ArrayList<>(List.of(Cell.count(step)));
            means.forEach(mean -> row.add(Cell.fixed(mean, 2)));
            row.add(Cell.fixed(average(means), 2));
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
        for (PaperTables.Checkpoint c : PaperTables.checkpoints()) {
            List<Cell> row = new ArrayList<>(List.of(Cell.count(c.step())));
            c.scores().forEach(s -> row.add(Cell.count(s)));
            row.add(Cell.fixed(c.printedAverage(), 2));
            table.row(row);
        }
        return table.note("Published values: " + Paper.CITATION + ".").build();
    }

    private static List<String> columns() {
        List<String> columns = new ArrayList<>(List.of("Step"));
        columns.addAll(Paper.CRITERIA.values());
        columns.add("Average");
        return columns;
    }
}
