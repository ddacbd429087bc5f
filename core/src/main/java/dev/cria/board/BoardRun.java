package dev.cria.board;

import dev.cria.run.Event;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A run on the board: what its files said when they were last looked at. */
final class BoardRun {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final long LARGEST_CONFIG_BYTES = 1 << 20;
    private static final double LEAST_FREE_SHARE = 0.03;
    private static final long SECONDS_UNTIL_STALLED = 120;
    private static final int STEPS_UNTIL_STALLED = 20;
    private static final long RECENT_STEPS = 200;

    private final String name;
    private final Path directory;
    private final RunIndex index;
    private volatile Map<String, String> config = Map.of();
    private volatile List<Event> events = List.of();
    private long eventBytes = -1;
    private volatile long written;

    /** How a run stands. */
    enum State {
        RUNNING,
        FINISHED,
        INTERRUPTED,
        STALLED
    }

    BoardRun(String name, Path directory) {
        this.name = name;
        this.directory = directory;
        this.index = new RunIndex(directory);
        this.config = flat(directory.resolve(RunFiles.CONFIG));
    }

    String name() {
        return name;
    }

    Path directory() {
        return directory;
    }

    RunIndex index() {
        return index;
    }

    /** The configuration, a value for each dotted key. */
    Map<String, String> config() {
        return config;
    }

    List<Event> events() {
        return events;
    }

    /** Looks at the files again; whether anything is new. */
    synchronized boolean refresh() {
        boolean grown = index.refresh();
        written = modified(directory.resolve(RunFiles.METRICS));
        long bytes = size(directory.resolve(RunFiles.EVENTS));
        if (bytes != eventBytes) {
            eventBytes = bytes;
            events = new RunFiles(directory).events();
            config = flat(directory.resolve(RunFiles.CONFIG));
            return true;
        }
        return grown;
    }

    private static Map<String, String> flat(Path file) {
        Map<String, String> flat = new LinkedHashMap<>();
        try {
            if (Files.size(file) <= LARGEST_CONFIG_BYTES) {
                flatten("", YAML.readTree(file), flat);
            }
        } catch (IOException | JacksonException _) {
            // What cannot be read has no keys to compare.
        }
        return flat;
    }

    private static void flatten(String key, JsonNode node, Map<String, String> flat) {
        if (node.isObject()) {
            node.forEachEntry((part, value) -> flatten(key.isEmpty() ? part : key + "." + part, value, flat));
        } else {
            flat.put(key, node.isValueNode() ? node.asString("") : node.toString());
        }
    }

    private static long modified(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException _) {
            return 0;
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException _) {
            return 0;
        }
    }

    State state(Instant now) {
        for (Event event : events.reversed()) {
            switch (event) {
                case Event.Finished _ -> {
                    return State.FINISHED;
                }
                case Event.Interrupted _ -> {
                    return State.INTERRUPTED;
                }
                case Event.Started _, Event.Resumed _ -> {
                    return isStalled(now) ? State.STALLED : State.RUNNING;
                }
                default -> {}
            }
        }
        return isStalled(now) ? State.STALLED : State.RUNNING;
    }

    private boolean isStalled(Instant now) {
        double secondsPerStep = index.last()
                .filter(last -> last.step() > 0 && last.elapsedSeconds() > 0)
                .map(last -> last.elapsedSeconds() / (last.step() + 1))
                .orElse(0.0);
        double patience = Math.max(SECONDS_UNTIL_STALLED, STEPS_UNTIL_STALLED * secondsPerStep);
        return (now.toEpochMilli() - written) / 1000.0 > patience;
    }

    /** What somebody should look at, in words. */
    List<String> problems(Instant now) {
        List<String> problems = new ArrayList<>();
        long step = index.last().map(Line.Step::step).orElse(0L);
        if (index.notFinite() >= 0 && index.notFinite() >= step - RECENT_STEPS) {
            problems.add("the loss was not finite at step " + index.notFinite());
        }
        for (Event event : events) {
            if (event.step() >= step - RECENT_STEPS) {
                problem(event).ifPresent(problems::add);
            }
        }
        State state = state(now);
        if (state == State.STALLED) {
            problems.add("no step for %,d minutes".formatted((now.toEpochMilli() - written) / 60_000));
        }
        if (state == State.RUNNING) {
            diskProblem().ifPresent(problems::add);
        }
        return problems.stream().distinct().toList();
    }

    private static Optional<String> problem(Event event) {
        return switch (event) {
            case Event.Spike spike ->
                Optional.of("the loss rose to %.3f at step %d, %.1f sigmas above its mean"
                        .formatted(spike.loss(), spike.step(), spike.sigmas()));
            case Event.Skipped skipped -> Optional.of("step " + skipped.step() + " was skipped");
            case Event.CheckpointFailed failed ->
                Optional.of("the checkpoint of step %d failed: %s".formatted(failed.step(), failed.reason()));
            default -> Optional.empty();
        };
    }

    private Optional<String> diskProblem() {
        try {
            var store = Files.getFileStore(directory);
            long free = store.getUsableSpace();
            long next = events.stream()
                    .mapToLong(e -> e instanceof Event.Checkpoint c ? c.bytes() : 0)
                    .max()
                    .orElse(0);
            boolean full = free < 2 * next || free < LEAST_FREE_SHARE * store.getTotalSpace();
            return full ? Optional.of("the disk has %,d MB left".formatted(free >> 20)) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
