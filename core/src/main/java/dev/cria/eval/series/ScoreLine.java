package dev.cria.eval.series;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A line of {@code evaluations.jsonl}: one measure of one checkpoint, or of {@code references.jsonl}: of another model.
 *
 * @param weights the hash of what was measured
 * @param metrics by the harness' names, as proportions; {@code bits_per_byte} of the right choices
 * @param documents how many were scored
 * @param available how many there were; more than documents where a time budget ran out
 * @param file of the documents' scores, relative to the run; none for a loss
 */
public record ScoreLine(
        Subject subject,
        String weights,
        Measure measure,
        Map<String, Double> metrics,
        long documents,
        long available,
        Optional<String> file) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** What was measured. */
    public sealed interface Subject {
        /** A checkpoint: the state before a step. */
        record Checkpoint(long step) implements Subject {}

        /** Another model, to be compared with. */
        record Reference(String name) implements Subject {}
    }

    public ScoreLine {
        metrics = Map.copyOf(metrics);
    }

    /** The step of a checkpoint; none of another model. */
    public long step() {
        return subject instanceof Subject.Checkpoint checkpoint ? checkpoint.step() : -1;
    }

    public OptionalDouble metric(String name) {
        Double value = metrics.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** acc_norm where the task has it, else acc: what Figure 2 draws. */
    public OptionalDouble headline() {
        OptionalDouble norm = metric("acc_norm");
        return norm.isPresent() ? norm : metric("acc");
    }

    /** Whether every document was scored. */
    public boolean isWhole() {
        return documents == available;
    }

    ObjectNode toJson() {
        ObjectNode line = JSON.createObjectNode();
        switch (subject) {
            case Subject.Checkpoint checkpoint -> line.put("step", checkpoint.step());
            case Subject.Reference reference -> line.put("reference", reference.name());
        }
        line.put("weights_sha256", weights).put("task", measure.task()).put("convention", measure.convention());
        metrics.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(metric -> {
            if (Double.isFinite(metric.getValue())) {
                line.put(metric.getKey(), metric.getValue());
            }
        });
        line.put("documents", documents).put("available", available);
        for (String key : Measure.KEYS) {
            if (measure.settings().containsKey(key)) {
                line.set(key, JSON.valueToTree(measure.settings().get(key)));
            }
        }
        file.ifPresent(name -> line.put("file", name));
        return line;
    }

    /** What a line says; empty where it is none of these. */
    static Optional<ScoreLine> of(JsonNode line) {
        boolean reference = line.path("reference").isString();
        if (!line.path("task").isString() || !(reference || line.path("step").isIntegralNumber())) {
            return Optional.empty();
        }
        Map<String, Object> settings = new LinkedHashMap<>();
        Map<String, Double> metrics = new LinkedHashMap<>();
        for (var entry : line.properties()) {
            if (Measure.KEYS.contains(entry.getKey())) {
                settings.put(entry.getKey(), JSON.treeToValue(entry.getValue(), Object.class));
            } else if (entry.getValue().isFloatingPointNumber()) {
                metrics.put(entry.getKey(), entry.getValue().doubleValue());
            }
        }
        return Optional.of(new ScoreLine(
                reference
                        ? new Subject.Reference(line.path("reference").asString())
                        : new Subject.Checkpoint(line.path("step").asLong()),
                line.path("weights_sha256").asString(""),
                new Measure(
                        line.path("task").asString(), line.path("convention").asString(""), settings),
                metrics,
                line.path("documents").asLong(0),
                line.path("available").asLong(0),
                line.path("file").asStringOpt()));
    }
}
