package dev.cria.eval.series;

import dev.cria.eval.series.ScoreLine.Subject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Lines that may stand in one curve. */
public final class ScoreSeries {
    private ScoreSeries() {}

    /**
     * For each task the checkpoints by step, all measured alike: of several measures the one that has most steps, of
     * equals the harness', and of a step its last line.
     */
    public static Map<String, List<ScoreLine>> ofEach(List<ScoreLine> lines) {
        Map<String, Map<Measure, TreeMap<Long, ScoreLine>>> byTask = new LinkedHashMap<>();
        for (ScoreLine line : lines) {
            byTask.computeIfAbsent(line.measure().task(), _ -> new LinkedHashMap<>())
                    .computeIfAbsent(line.measure(), _ -> new TreeMap<>())
                    .put(line.step(), line);
        }
        Map<String, List<ScoreLine>> chosen = new LinkedHashMap<>();
        byTask.forEach((task, measures) -> chosen.put(
                task,
                List.copyOf(measures.entrySet().stream()
                        .max(Comparator.<Map.Entry<Measure, TreeMap<Long, ScoreLine>>>comparingInt(
                                        e -> e.getValue().size())
                                .thenComparing(e -> e.getKey().isOfHarness()))
                        .orElseThrow()
                        .getValue()
                        .values())));
        return chosen;
    }

    /** Other models by name: the last line of each task, the harness' before others. */
    public static Map<String, Map<String, ScoreLine>> references(List<ScoreLine> lines) {
        Map<String, Map<String, ScoreLine>> references = new LinkedHashMap<>();
        List<ScoreLine> ordered = new ArrayList<>(lines);
        ordered.sort(Comparator.comparing(line -> line.measure().isOfHarness()));
        for (ScoreLine line : ordered) {
            if (line.subject() instanceof Subject.Reference reference) {
                references
                        .computeIfAbsent(reference.name(), _ -> new LinkedHashMap<>())
                        .put(line.measure().task(), line);
            }
        }
        return references;
    }
}
