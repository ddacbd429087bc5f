package dev.cria.report;

import dev.cria.page.Axis;
import dev.cria.page.Cell;
import dev.cria.page.Figure;
import dev.cria.page.Ink;
import dev.cria.page.Mark;
import dev.cria.page.Milestones;
import dev.cria.page.Numbers;
import dev.cria.page.Panel;
import dev.cria.page.Point;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Series;
import dev.cria.page.Span;
import dev.cria.page.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
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
                        + " told."
                        + runs.getFirst()
                                .extra(FILE)
                                .filter(file -> file.isArray() && !file.isEmpty())
                                .map(file -> runs.getFirst()
                                        .behind(
                                                FILE,
                                                file.path(file.size() - 1)
                                                        .path("step")
                                                        .asLong(-1)))
                                .orElse(""),
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
            List<Span> spans = new ArrayList<>();
            file.forEach(line -> Fields.number(line.path(key), "accuracy").ifPresent(y -> {
                Point point = new Point(line.path("step").asLong(0), y);
                points.add(point);
                Fields.number(line.path(key), "stderr").ifPresent(error -> spans.add(Span.of(point, error)));
            }));
            Ink ink = Ink.series(legend.size());
            legend.add(new Figure.Key(words, ink, Series.Style.LINE));
            series.add(new Series(words, ink, Series.Style.DOTS, points, spans));
        });
        Panel panel = new Panel(
                "facts",
                "Facts of WordNet known",
                "share in per cent, ± 1.96 standard errors",
                "step",
                Panel.Scale.SHARE,
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
        return table.note(note(file.path(file.size() - 1))).build();
    }

    /** Options are not alike to a model: one that the documents hold anywhere is likelier than one that they don't. */
    private static String note(JsonNode last) {
        StringBuilder words = new StringBuilder("Guessing among options that are alike scores 25.");
        JsonNode heldOut = last.path("heldout");
        OptionalDouble right = Fields.number(heldOut, "true_stated");
        OptionalDouble wrong = Fields.number(heldOut, "wrong_stated");
        if (right.isPresent() && wrong.isPresent()) {
            words.append(" Those of facts that are stated in none are not: the documents give ")
                    .append(Numbers.percent(right.getAsDouble()))
                    .append("% of the true objects to some other concept by the same relation, and ")
                    .append(Numbers.percent(wrong.getAsDouble()))
                    .append("% of the wrong ones. A model prefers what it has read");
            words.append(
                    right.getAsDouble() < wrong.getAsDouble()
                            ? ", so without knowing anything it scores less than 25 there."
                            : ".");
        }
        return words.toString();
    }
}
