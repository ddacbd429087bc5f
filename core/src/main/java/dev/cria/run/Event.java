package dev.cria.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Something that happened in a run: a line of {@code events.jsonl}, which also has the time. */
public sealed interface Event {

    long step();

    /** What the line calls it. */
    String name();

    /** What the line says besides name, step and time. */
    Map<String, @Nullable Object> details();

    /** What a stretch of training that begins with this event computes with; empty where none begins. */
    default Optional<Segment> begun() {
        return Optional.empty();
    }

    /**
     * The events that still hold. A resume at step N, in the run itself or in a fork that begins with its parent's
     * records, takes back what had happened after N, and the end that had been reached.
     */
    static List<Event> timeline(List<Event> lines) {
        List<Event> events = new ArrayList<>();
        for (Event event : lines) {
            if (event instanceof Resumed) {
                events.removeIf(earlier -> earlier.step() > event.step() || earlier.isEnd());
            }
            events.add(event);
        }
        return List.copyOf(events);
    }

    /** Whether the training is over with it, for now or for good. */
    default boolean isEnd() {
        return this instanceof Finished || this instanceof Interrupted;
    }

    /** Reads a line. */
    static Event of(JsonNode json) {
        long step = json.path("step").asLong(0);
        return switch (json.path("event").asString("")) {
            case "started" -> new Started(Segment.of(json));
            case "resumed" ->
                new Resumed(
                        step,
                        json.path("from").asString(""),
                        OptimizerState.of(json.path("optimizer_state").asString("with")),
                        Segment.of(json));
            case "checkpoint" ->
                new Checkpoint(
                        step,
                        json.path("path").asString(""),
                        json.path("bytes").asLong(0),
                        json.path("seconds").asDouble(0),
                        json.path("pause_s").asDouble(0));
            case "checkpoint_failed" ->
                new CheckpointFailed(step, json.path("reason").asString(""));
            case "skipped" ->
                new Skipped(
                        step,
                        json.path("loss").asDouble(Double.NaN),
                        json.has("loss_scale")
                                ? OptionalDouble.of(json.path("loss_scale").asDouble(1))
                                : OptionalDouble.empty());
            case "spike" ->
                new Spike(
                        step, json.path("loss").asDouble(0), json.path("sigmas").asDouble(0));
            case "peak_raised" ->
                new PeakRaised(
                        step,
                        json.path("peak_flops").asDouble(0),
                        json.path("peak_source").asString(""));
            case "memory" -> Memory.of(step, json);
            case "interrupted" -> new Interrupted(step);
            case "finished" -> new Finished(step);
            case String name -> new Other(step, name);
        };
    }

    /**
     * With what a stretch of training computes.
     *
     * @param peakFlops operations a second of all ranks together, of which utilisation is a share
     * @param environment what results depend on to the last bit
     * @param record where it runs, for the record
     */
    record Segment(
            int ranks,
            String device,
            double flopsPerToken,
            double peakFlops,
            String peakSource,
            String command,
            Map<String, String> environment,
            Map<String, String> record) {
        private static Segment of(JsonNode json) {
            return new Segment(
                    json.path("ranks").asInt(1),
                    json.path("device").asString(""),
                    json.path("flops_per_token").asDouble(0),
                    json.path("peak_flops").asDouble(0),
                    json.path("peak_source").asString(""),
                    json.path("command").asString(""),
                    texts(json.path("environment")),
                    texts(json.path("record")));
        }

        private void putInto(Map<String, @Nullable Object> details) {
            details.put("ranks", ranks);
            details.put("device", device);
            details.put("flops_per_token", flopsPerToken);
            details.put("peak_flops", peakFlops);
            details.put("peak_source", peakSource);
            details.put("command", command);
            details.put("environment", environment);
            details.put("record", record);
        }
    }

    /** Whether a resumed run got its optimizer's state back. */
    enum OptimizerState {
        WITH,
        WITHOUT;

        /** A resume without it has to be asked for; earlier lines say {@code false}. */
        static OptimizerState of(String word) {
            return word.equals("without") || word.equals("false") ? WITHOUT : WITH;
        }
    }

    record Started(Segment segment) implements Event {
        @Override
        public Optional<Segment> begun() {
            return Optional.of(segment);
        }

        @Override
        public long step() {
            return 0;
        }

        @Override
        public String name() {
            return "started";
        }

        @Override
        public Map<String, @Nullable Object> details() {
            Map<String, @Nullable Object> details = new LinkedHashMap<>();
            segment.putInto(details);
            return details;
        }
    }

    /** @param from the checkpoint's directory */
    record Resumed(long step, String from, OptimizerState optimizerState, Segment segment) implements Event {
        /** The checkpoint's directory, where the line names one. */
        public Optional<String> checkpoint() {
            return Optional.of(from).filter(path -> !path.isEmpty());
        }

        @Override
        public Optional<Segment> begun() {
            return Optional.of(segment);
        }

        @Override
        public String name() {
            return "resumed";
        }

        @Override
        public Map<String, @Nullable Object> details() {
            Map<String, @Nullable Object> details = new LinkedHashMap<>();
            details.put("from", from);
            details.put("optimizer_state", optimizerState == OptimizerState.WITH ? "with" : "without");
            segment.putInto(details);
            return details;
        }
    }

    /** @param pauseSeconds that the training waited for it */
    record Checkpoint(long step, String path, long bytes, double seconds, double pauseSeconds) implements Event {
        @Override
        public String name() {
            return "checkpoint";
        }

        @Override
        public Map<String, @Nullable Object> details() {
            Map<String, @Nullable Object> details = new LinkedHashMap<>();
            details.put("path", path);
            details.put("bytes", bytes);
            details.put("seconds", seconds);
            details.put("pause_s", pauseSeconds);
            return details;
        }
    }

    record CheckpointFailed(long step, String reason) implements Event {
        @Override
        public String name() {
            return "checkpoint_failed";
        }

        @Override
        public Map<String, @Nullable Object> details() {
            Map<String, @Nullable Object> details = new LinkedHashMap<>();
            details.put("reason", reason);
            return details;
        }
    }

    /**
     * A step that left the weights alone.
     *
     * @param lossScale from now on, where that was lowered
     */
    record Skipped(long step, double loss, OptionalDouble lossScale) implements Event {
        @Override
        public String name() {
            return "skipped";
        }

        @Override
        public Map<String, @Nullable Object> details() {
            Map<String, @Nullable Object> details = new LinkedHashMap<>();
            details.put("loss", Double.isFinite(loss) ? loss : null);
            lossScale.ifPresent(factor -> details.put("loss_scale", factor));
            return details;
        }
    }

    /** @param sigmas standard deviations above the recent mean */
    record Spike(long step, double loss, double sigmas) implements Event {
        @Override
        public String name() {
            return "spike";
        }

        @Override
        public Map<String, @Nullable Object> details() {
            Map<String, @Nullable Object> details = new LinkedHashMap<>();
            details.put("loss", loss);
            details.put("sigmas", sigmas);
            return details;
        }
    }

    /** A step, or a second measurement, that reached more than what had been taken for the machine's peak. */
    record PeakRaised(long step, double peakFlops, String peakSource) implements Event {
        @Override
        public String name() {
            return "peak_raised";
        }

        @Override
        public Map<String, @Nullable Object> details() {
            Map<String, @Nullable Object> details = new LinkedHashMap<>();
            details.put("peak_flops", peakFlops);
            details.put("peak_source", peakSource);
            return details;
        }
    }

    /**
     * The memory of a stretch of training.
     *
     * @param peak the most bytes that the process held, 0 where that is unknown
     * @param parts bytes by name
     */
    record Memory(long step, long peak, Map<String, Long> parts) implements Event {
        private static Memory of(long step, JsonNode json) {
            Map<String, Long> parts = new LinkedHashMap<>();
            json.path("parts").forEachEntry((part, bytes) -> parts.put(part, bytes.asLong(0)));
            return new Memory(step, json.path("peak").asLong(0), parts);
        }

        @Override
        public String name() {
            return "memory";
        }

        @Override
        public Map<String, @Nullable Object> details() {
            Map<String, @Nullable Object> details = new LinkedHashMap<>();
            details.put("peak", peak);
            details.put("parts", parts);
            return details;
        }
    }

    record Interrupted(long step) implements Event {
        @Override
        public String name() {
            return "interrupted";
        }

        @Override
        public Map<String, @Nullable Object> details() {
            return Map.of();
        }
    }

    record Finished(long step) implements Event {
        @Override
        public String name() {
            return "finished";
        }

        @Override
        public Map<String, @Nullable Object> details() {
            return Map.of();
        }
    }

    /** One that another version of Cria has written. */
    record Other(long step, String name) implements Event {
        @Override
        public Map<String, @Nullable Object> details() {
            return Map.of();
        }
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.forEachEntry((key, value) -> texts.put(key, value.asString("")));
        return texts;
    }

    /** The line, with a time. */
    default String toLine(JsonMapper mapper, String time) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("event", name());
        line.put("step", step());
        line.put("time", time);
        line.putAll(details());
        return mapper.writeValueAsString(line);
    }
}
