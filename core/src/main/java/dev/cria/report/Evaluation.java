package dev.cria.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/** The benchmarks' metrics at a step: task, then metric, such as {@code acc_norm}, as a proportion. */
record Evaluation(long step, Map<String, Map<String, Double>> tasks) {

    /** A metric's name and value. */
    record Score(String metric, double value, OptionalDouble standardError) {}

    /** Reads {@code {task: {metric: value}}}; the harness' suffix {@code ,none} is dropped. */
    static Evaluation of(long step, JsonNode benchmarks) {
        Map<String, Map<String, Double>> tasks = new LinkedHashMap<>();
        for (var task : benchmarks.properties()) {
            Map<String, Double> metrics = new LinkedHashMap<>();
            for (var metric : task.getValue().properties()) {
                if (metric.getValue().isNumber()) {
                    metrics.put(
                            metric.getKey().replace(",none", ""),
                            metric.getValue().doubleValue());
                }
            }
            tasks.put(task.getKey(), metrics);
        }
        return new Evaluation(step, tasks);
    }

    /** The accuracy a field's tables quote: {@code acc_norm} where the task has it, else {@code acc}. */
    Optional<Score> score(String task) {
        Map<String, Double> metrics = tasks.getOrDefault(task, Map.of());
        for (String metric : new String[] {"acc_norm", "acc"}) {
            Double value = metrics.get(metric);
            if (value != null) {
                Double error = metrics.get(metric + "_stderr");
                return Optional.of(
                        new Score(metric, value, error == null ? OptionalDouble.empty() : OptionalDouble.of(error)));
            }
        }
        return Optional.empty();
    }
}
