package dev.cria.report;

import dev.cria.eval.PaperTables;
import dev.cria.eval.judge.Criterion;
import dev.cria.page.Cell;
import dev.cria.page.Numbers;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Table;
import dev.cria.run.RunFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Table II: the six criteria, averaged over the completions of a checkpoint, and the measures that need no judge. */
final class JudgedSection {
    private static final String FILE = RunFiles.JUDGED;
    private static final List<String> MEASURES =
            List.of("words", "distinct_1", "distinct_2", "repetition", "perplexity");

    /** The completions by step, as the file has them. */
    private final SortedMap<Long, List<JsonNode>> completions;

    private JudgedSection(List<JsonNode> lines) {
        completions = lines.stream()
                .collect(Collectors.groupingBy(line -> line.path("step").asLong(0), TreeMap::new, Collectors.toList()));
    }

    static Section of(List<Run> runs) {
        Run run = runs.getFirst();
        return new Section(
                "judged",
                "Judged samples",
                "Table II. Completions of the same prompts at each checkpoint, scored 0 to 10 on six criteria and"
                        + " averaged; and how the average goes with what costs no judge."
                        + run.extraLines(FILE).stream()
                                .mapToLong(line -> line.path("step").asLong(-1))
                                .max()
                                .stream()
                                .mapToObj(step -> run.behind(FILE, step))
                                .findFirst()
                                .orElse(""),
                new JudgedSection(run.extraLines(FILE)).parts(run),
                "judged.jsonl: cria judge RUN --prompts FILE --out RUN/judged.jsonl");
    }

    private List<Part> parts(Run run) {
        List<Part> parts = new ArrayList<>();
        Table scores = scores();
        if (!scores.isEmpty()) {
            parts.add(new Part.Grid(scores));
            parts.add(new Part.Grid(CorrelationTables.ours(run, averages())));
            if (run.hasGpt2Vocabulary()) {
                parts.add(new Part.Grid(paper()));
                parts.add(new Part.Grid(CorrelationTables.paper()));
            }
        }
        parts.add(new Part.Grid(measures()));
        return parts;
    }

    private Table scores() {
        Table.Builder table = Table.titled("table-2", "Table II. This run", columns());
        averages().forEach((step, average) -> {
            List<Cell> row = new ArrayList<>(List.of(Cell.count(step)));
            means(step).forEach(mean -> row.add(Cell.fixed(mean, 2)));
            row.add(Cell.fixed(average, 2));
            table.row(row);
        });
        return table.build();
    }

    /** The mean of the criteria's means, for the steps that were judged. */
    private SortedMap<Long, Double> averages() {
        SortedMap<Long, Double> averages = new TreeMap<>();
        for (long step : completions.keySet()) {
            double average = mean(means(step).stream());
            if (Double.isFinite(average)) {
                averages.put(step, average);
            }
        }
        return averages;
    }

    private List<Double> means(long step) {
        return Stream.of(Criterion.values())
                .map(c -> mean(step, line -> Fields.numberOrNaN(line.path("scores"), c.key())))
                .toList();
    }

    private Table measures() {
        Table.Builder table = Table.titled(
                "text-measures",
                "Measures without a judge",
                "Step",
                "Words",
                "Distinct words",
                "Distinct pairs",
                "Repetition",
                "Perplexity");
        for (long step : completions.keySet()) {
            List<Double> means = MEASURES.stream()
                    .map(key -> mean(step, line -> Fields.numberOrNaN(line, key)))
                    .toList();
            if (means.stream().anyMatch(Double::isFinite)) {
                List<Cell> row = new ArrayList<>(List.of(Cell.count(step)));
                means.forEach(mean -> row.add(Cell.of(mean, Numbers.significant(mean, 3))));
                table.row(row);
            }
        }
        return table.note(
                        "Means over a checkpoint's completions. Distinct: different words, or pairs, over all of them."
                            + " Repetition: share of sequences of four words that stood before. Perplexity: under the"
                            + " final model.")
                .build();
    }

    private double mean(long step, Function<JsonNode, Double> value) {
        return mean(completions.getOrDefault(step, List.of()).stream().map(value));
    }

    private static double mean(Stream<Double> values) {
        return values.mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    private static Table paper() {
        Table.Builder table = Table.titled("table-2-paper", "Table II. The paper's 1.7B", columns());
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
        Stream.of(Criterion.values()).map(Criterion::title).forEach(columns::add);
        columns.add("Average");
        return columns;
    }
}
