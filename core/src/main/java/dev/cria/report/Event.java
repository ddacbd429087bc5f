package dev.cria.report;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * A line of {@code events.jsonl}: {@code {"event": "resumed", "step": 8750, "from": "runs/a", "optimizer_state":
 * "without", "ranks": 1, "device": "cuda:0"}}. Only {@code event} and {@code step} are always there.
 */
record Event(Kind kind, long step, JsonNode fields) {

    enum Kind {
        STARTED,
        RESUMED,
        CHECKPOINT,
        SKIPPED,
        SPIKE,
        INTERRUPTED,
        FINISHED,
        OTHER
    }

    /** Whether a resumed segment began with the moments of the optimizer. */
    enum OptimizerState {
        WITH,
        WITHOUT
    }

    static Event of(JsonNode line) {
        String name = Fields.text(line, "event", "type", "kind").orElse("");
        return new Event(kind(name.toLowerCase(Locale.ROOT)), line.path("step").asLong(0), line);
    }

    private static Kind kind(String name) {
        if (name.startsWith("start")) {
            return Kind.STARTED;
        } else if (name.startsWith("resum")) {
            return Kind.RESUMED;
        } else if (name.startsWith("checkpoint")) {
            return Kind.CHECKPOINT;
        } else if (name.startsWith("skip")) {
            return Kind.SKIPPED;
        } else if (name.contains("spike")) {
            return Kind.SPIKE;
        } else if (name.startsWith("interrupt")) {
            return Kind.INTERRUPTED;
        }
        return name.startsWith("finish") || name.startsWith("done") ? Kind.FINISHED : Kind.OTHER;
    }

    OptionalInt ranks() {
        var number = Fields.number(fields, "ranks", "world_size");
        return number.isPresent() ? OptionalInt.of((int) number.getAsDouble()) : OptionalInt.empty();
    }

    Optional<String> device() {
        return Fields.text(fields, "device");
    }

    Optional<String> from() {
        return Fields.text(fields, "from");
    }

    /** With, unless the event says otherwise: a resume without it has to be asked for. */
    OptimizerState optimizerState() {
        String said = Fields.text(fields, "optimizer_state", "with_optimizer_state")
                .orElse("with")
                .toLowerCase(Locale.ROOT);
        return switch (said) {
            case "without", "false", "fresh", "none", "zeroed" -> OptimizerState.WITHOUT;
            default -> OptimizerState.WITH;
        };
    }

    String name() {
        return Fields.text(fields, "event", "type", "kind").orElse("event");
    }
}
