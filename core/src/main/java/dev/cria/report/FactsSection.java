package dev.cria.report;

import dev.cria.report.Section.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** How many of WordNet's facts the model prefers to false ones, checkpoint by checkpoint. */
final class FactsSection {
    static final String FILE = "facts.json";
    private static final double CHANCE = 0.25;

    private static final Map<String, String> SPLITS = splits();

    private FactsSection() {}

    private static Map<String, String> splits() {
        Map<String, String> splits = new LinkedHashMap<>();
        splits.put("stated", "stated in the documents");
        splits.put("heldout", "stated in none");
        return splits;
    }

    static Section of(List<Run> runs) {
        List<Part> parts = runs.getFirst()
                .extra(FILE)
                .filter(file -> file.isArray() && !file.isEmpty())
                .map(FactsSection::parts)
                .orElse(List.of());
        return new Section(
                "facts",
                "Facts",
                "Of a concept and a relation, is the true object likelier for its length than three that the relation"
                        + " has with other concepts? The difference between both lines is what was learned from being"
                        + " told.",
                parts,
                FILE + ": cria demo writes it");
    }

    private static List<Part> parts(JsonNode file) {
        return List.of(new Part.Chart(figure(file)), new Part.Grid(table(file)));
    }

    private static Figure figure(JsonNode file) {
        List<Series> series = new ArrayList<>();
        List<Figure.Key> legend = new ArrayList<>();
        SPLITS.forEach((key, words) -> {
            List<Point> points = new ArrayList<>();
            file.forEach(line -> Fields.number(line.path(key), "accuracy")
                    .ifPresent(y -> points.add(new Point(line.path("step").asLong(0), y))));
            Ink ink = Ink.series(legend.size());
            legend.add(new Figure.Key(words, ink, Series.Style.LINE));
            series.add(new Series(words, ink, Series.Style.DOTS, points));
        });
        Panel panel = new Panel(
                "facts",
                "Facts of WordNet known",
                "share in per cent",
                "step",
                Panel.Scale.LINEAR,
                Axis.Format.PERCENT,
                series,
                List.of(new Panel.Level("chance", CHANCE, Mark.Stroke.DOTTED)),
                Milestones.NONE);
        return new Figure("facts", "Facts known, by checkpoint", "", legend, List.of(panel));
    }

    private static Table table(JsonNode file) {
        List<String> columns = new ArrayList<>(List.of("Step"));
        SPLITS.values().forEach(words -> columns.addAll(List.of("Known, " + words, "± standard error", "Asked")));
        Table.Builder table = Table.titled("facts", "Facts known, in per cent", columns);
        for (JsonNode line : file) {
            List<Cell> row =
                    new ArrayList<>(List.of(Cell.count(line.path("step").asLong(0))));
            for (String key : SPLITS.keySet()) {
                JsonNode split = line.path(key);
                row.add(Cell.percent(Fields.numberOrNaN(split, "accuracy")));
                row.add(Cell.percent(Fields.numberOrNaN(split, "stderr")));
                row.add(Cell.count(Fields.numberOrNaN(split, "facts")));
            }
            table.row(row);
        }
        return table.note("Guessing scores 25.").build();
    }
}
