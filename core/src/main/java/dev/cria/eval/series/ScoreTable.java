package dev.cria.eval.series;

import dev.cria.eval.series.ScoreLine.Subject;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lines of a series side by side: a row for each checkpoint or model, a column for each task. */
public final class ScoreTable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private ScoreTable() {}

    /** In Markdown: accuracy (acc_norm where a task has it) in per cent, or the validation loss. */
    public static String of(List<ScoreLine> lines) {
        Set<String> tasks = new LinkedHashSet<>();
        Map<Subject, Map<String, ScoreLine>> rows = new LinkedHashMap<>();
        for (ScoreLine line : lines) {
            tasks.add(line.measure().task());
            rows.computeIfAbsent(line.subject(), _ -> new LinkedHashMap<>())
                    .put(line.measure().task(), line);
        }
        StringBuilder table = new StringBuilder("|       step |");
        tasks.forEach(task -> table.append(String.format(Locale.ROOT, " %13s |", task)));
        table.append("\n|-----------:|")
                .append("--------------:|".repeat(tasks.size()))
                .append('\n');
        rows.forEach((subject, cells) -> {
            table.append(String.format(Locale.ROOT, "| %10s |", name(subject)));
            tasks.forEach(task -> table.append(String.format(
                    Locale.ROOT,
                    " %13s |",
                    Optional.ofNullable(cells.get(task)).map(ScoreTable::shown).orElse(""))));
            table.append('\n');
        });
        return table.toString();
    }

    private static String name(Subject subject) {
        return switch (subject) {
            case Subject.Checkpoint checkpoint -> Long.toString(checkpoint.step());
            case Subject.Reference reference -> reference.name();
        };
    }

    private static String shown(ScoreLine line) {
        if (line.measure().task().equals(Measure.VALIDATION)) {
            return String.format(Locale.ROOT, "%.4f", line.metric("loss").orElse(Double.NaN));
        }
        return String.format(Locale.ROOT, "%.2f%%", 100 * line.headline().orElse(Double.NaN));
    }

    /** {@code {"evaluations": [lines]}}. */
    public static String json(List<ScoreLine> lines) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode all = json.putArray("evaluations");
        lines.forEach(line -> all.add(line.toJson()));
        return json.toPrettyString() + "\n";
    }
}
