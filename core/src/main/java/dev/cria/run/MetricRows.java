package dev.cria.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All numbers of a run, one row a step: what its step measured, and what was evaluated before it.
 *
 * @param rows by step; columns by name, a benchmark's as {@code task/metric}
 */
public record MetricRows(SequencedMap<Long, Map<String, Object>> rows) {

    /** Those of a run's files. A number that is not finite has no cell. */
    public static MetricRows of(RunFiles run) {
        TreeMap<Long, Map<String, Object>> rows = new TreeMap<>();
        for (Line line : run.metrics()) {
            Map<String, Object> row = rows.computeIfAbsent(line.step(), step -> {
                Map<String, Object> fresh = new LinkedHashMap<>();
                fresh.put("step", step);
                return fresh;
            });
            if (line instanceof Line.Benchmarks benchmarks) {
                benchmarks
                        .tasks()
                        .forEach((task, metrics) ->
                                metrics.forEach((metric, value) -> put(row, task + "/" + metric, value)));
            } else {
                line.toJson().forEach((key, value) -> put(row, key, value));
            }
        }
        return new MetricRows(rows);
    }

    private static void put(Map<String, Object> row, String key, @Nullable Object value) {
        if (value instanceof Number || value instanceof Boolean) {
            row.put(key, value);
        }
    }

    /** All columns, the step first, in the order in which they first appear. */
    public List<String> columns() {
        return rows.values().stream()
                .flatMap(row -> row.keySet().stream())
                .distinct()
                .toList();
    }

    /** The last value of each column. */
    public Map<String, Object> summary() {
        Map<String, Object> last = new LinkedHashMap<>();
        rows.values().forEach(last::putAll);
        return last;
    }
}
