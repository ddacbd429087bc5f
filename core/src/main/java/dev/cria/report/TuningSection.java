package dev.cria.report;

import dev.cria.page.Axis;
import dev.cria.page.Cell;
import dev.cria.page.Figure;
import dev.cria.page.Milestones;
import dev.cria.page.Panel;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Series;
import dev.cria.page.Table;
import dev.cria.run.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Table V: instruction tuning, its loss, the answers before and after, and what the prompt's last characters do. */
final class TuningSection {
    private static final String COMPARE = "compare.json";
    private static final String EXACT_MATCH = "exact-match.json";

    private TuningSection() {}

    static Section of(Runs runs) {
        Run subject = runs.main().getFirst();
        List<Part> parts = new ArrayList<>();
        if (!runs.tunings().isEmpty()) {
            parts.add(new Part.Chart(figure(runs.tunings())));
        }
        subject.extra(EXACT_MATCH).ifPresent(file -> parts.add(new Part.Grid(exactMatch(file))));
        subject.extra(COMPARE).ifPresent(file -> parts.addAll(compared(file)));
        return new Section(
                "table-5",
                "Tuning",
                "Table V. The same questions put to the model before and after instruction tuning, and what small"
                        + " changes of the prompt's end do.",
                parts,
                COMPARE + ": cria compare BEFORE AFTER --out RUN/" + COMPARE);
    }

    private static Figure figure(List<Run> tunings) {
        List<Panel> panels = List.of(
                panel(
                        "tuning-loss",
                        "Loss on the answers",
                        "nats a token",
                        Panel.Scale.LINEAR,
                        Axis.Format.PLAIN,
                        Legend.each(tunings, Series.Style.NOISY, r -> r.points(Line.Step::loss))),
                panel(
                        "tuning-rate",
                        "Learning rate",
                        "by the schedule",
                        Panel.Scale.FROM_ZERO,
                        Axis.Format.SCIENTIFIC,
                        Legend.each(tunings, Series.Style.LINE, r -> r.points(Line.Step::learningRate))));
        return new Figure("tuning", "Tuning", "", Legend.of(tunings), panels);
    }

    private static Panel panel(
            String id, String title, String unit, Panel.Scale scale, Axis.Format format, List<Series> series) {
        return new Panel(id, title, unit, "step", scale, format, series, List.of(), Milestones.NONE);
    }

    private static Table exactMatch(JsonNode file) {
        double questions = file.path("questions").asDouble(0);
        Table.Builder table = Table.titled(
                "exact-match",
                "Questions that no instruction asked",
                "Model",
                "Questions",
                "Right",
                "Exact match, per cent",
                "± standard error",
                "Mean words");
        for (String when : List.of("before", "after")) {
            double right = file.path("right_" + when).asDouble(0);
            double share = right / questions;
            table.row(
                    Cell.of(when + " tuning"),
                    Cell.count(questions),
                    Cell.count(right),
                    Cell.percent(share),
                    Cell.percent(Math.sqrt(share * (1 - share) / (questions - 1))),
                    Cell.fixed(meanWords(file.path("rows"), when), 1));
        }
        return table.note(
                        "Right is an answer that WordNet allows, but for case, punctuation, articles and a preposition"
                                + " in front. Each answer is in the run's " + EXACT_MATCH + ".")
                .build();
    }

    private static double meanWords(JsonNode rows, String when) {
        return rows.valueStream()
                .map(row -> row.path(when).asString("").strip())
                .mapToInt(text -> text.isEmpty() ? 0 : text.split("\\s+").length)
                .average()
                .orElse(Double.NaN);
    }

    /** What {@code compare} writes; any other object is shown as it is. */
    private static List<Part> compared(JsonNode file) {
        if (!file.path("answers").isArray()) {
            return JsonTables.of("table-5", "Tuning", file).stream()
                    .<Part>map(Part.Grid::new)
                    .toList();
        }
        String before = Fields.text(file, "before").orElse("before");
        String after = Fields.text(file, "after").orElse("after");
        List<Part> parts = new ArrayList<>(List.of(new Part.Grid(answers(file.path("answers"), before, after))));
        variants("before", before, file.path("beforeVariants")).ifPresent(t -> parts.add(new Part.Grid(t)));
        variants("after", after, file.path("afterVariants")).ifPresent(t -> parts.add(new Part.Grid(t)));
        return parts;
    }

    private static Table answers(JsonNode rows, String before, String after) {
        Table.Builder table = Table.titled(
                "table-5",
                "Table V. Before and after",
                "Question",
                capital(before),
                "Tokens",
                capital(after),
                "Tokens");
        for (JsonNode row : rows) {
            table.row(
                    Cell.of(row.path("question").asString("")),
                    Cell.of(row.path("before").path("text").asString("")),
                    Cell.count(row.path("before").path("tokens").asDouble(Double.NaN)),
                    Cell.of(row.path("after").path("text").asString("")),
                    Cell.count(row.path("after").path("tokens").asDouble(Double.NaN)));
        }
        return table.note("Answers are the likeliest tokens, one after the other.")
                .build();
    }

    private static Optional<Table> variants(String id, String model, JsonNode variants) {
        if (!variants.isArray() || variants.isEmpty()) {
            return Optional.empty();
        }
        Table.Builder table = Table.titled(
                "prompt-end-" + id,
                "The prompt's last characters, " + model,
                "Prompt ends in",
                "Last ids",
                "Likeliest next tokens",
                "Jensen-Shannon",
                "Kullback-Leibler",
                "Answer");
        for (JsonNode v : variants) {
            table.row(
                    Cell.of(visible(v.path("ending").asString(""))),
                    Cell.of(joined(v.path("lastIds"), " ")),
                    Cell.of(joined(v.path("likeliest"), "\n").replaceAll("(?m)^`(.*)` (?=[0-9.]+$)", "“$1” ")),
                    Cell.fixed(v.path("jensenShannon").asDouble(Double.NaN), 3),
                    Cell.fixed(v.path("kullbackLeibler").asDouble(Double.NaN), 3),
                    Cell.of(v.path("answer").asString("").strip()));
        }
        return Optional.of(table.note("Divergences in nats, from the next token's distribution after the plain prompt."
                        + " Tokens carry the space in front of their word: a prompt that ends in a space (␣) ends in a"
                        + " token that no training row had there, and the space cannot be written a second time.")
                .build());
    }

    private static String visible(String ending) {
        return ending.replace(' ', '␣').replace("\n", "⏎");
    }

    private static String joined(JsonNode items, String joint) {
        return String.join(joint, items.valueStream().map(JsonNode::asString).toList());
    }

    private static String capital(String words) {
        return words.isEmpty() ? words : Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
