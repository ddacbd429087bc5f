package dev.cria.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * A line of {@code events.jsonl}: {@code {"event": "resumed", "step": 8750, "from":
 * "runs/a/checkpoints/step-0008750", "optimizer_state": false, "ranks": 1, "device": "cuda:0"}}. Only {@code event} and {@code step} are always there.
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
        String name = Fields.text(line, "event").orElse("");
        return new Event(kind(name), line.path("step").asLong(0), line);
    }

    private static Kind kind(String name) {
        return switch (name) {
            case "started" -> Kind.STARTED;
            case "resumed" -> Kind.RESUMED;
            case "checkpoint" -> Kind.CHECKPOINT;
            case "skipped_step", "skipped" -> Kind.SKIPPED;
            case "spike" -> Kind.SPIKE;
            case "interrupted" -> Kind.INTERRUPTED;
            case "finished" -> Kind.FINISHED;
            default -> Kind.OTHER;
        };
    }

    /**
     * The events that still hold. A resume at step N, in the run itself or in a fork that begins with its parent's
     * records, takes back what had happened after N, and the end that had been reached.
     */
    static List<Event> timeline(List<JsonNode> lines) {
        List<Event> events = new ArrayList<>();
        for (Event event : lines.stream().map(Event::of).toList()) {
            if (event.kind == Kind.RESUMED) {
                events.removeIf(earlier -> earlier.step > event.step || earlier.isEnd());
            }
            events.add(event);
        }
        return List.copyOf(events);
    }

    private boolean isEnd() {
        return kind == Kind.FINISHED || kind == Kind.INTERRUPTED;
    }

    OptionalInt ranks() {
        var number = Fields.number(fields, "ranks");
        return number.isPresent() ? OptionalInt.of((int) number.getAsDouble()) : OptionalInt.empty();
    }

    Optional<String> device() {
        return Fields.text(fields, "device");
    }

    Optional<String> from() {
        return Fields.text(fields, "from").filter(from -> !from.isEmpty());
    }

    /** With, unless the event says otherwise: a resume without it has to be asked for. */
    OptimizerState optimizerState() {
        return switch (Fields.text(fields, "optimizer_state").orElse("true")) {
            case "false", "without" -> OptimizerState.WITHOUT;
            default -> OptimizerState.WITH;
        };
    }

    String name() {
        return Fields.text(fields, "event").orElse("event").replace('_', ' ');
    }
}
