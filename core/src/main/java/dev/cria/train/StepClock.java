package dev.cria.train;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says where a step's seconds go: whoever begins a part of it tells the clock, and the part before it ends. */
public final class StepClock {
    private final Map<Part, Long> nanos = new EnumMap<>(Part.class);
    private @Nullable Part running;
    private long since;

    /** What a step's seconds are spent on. */
    public enum Part {
        /** Waiting for the next micro-batch. */
        DATA,
        FORWARD,
        BACKWARD,
        /** Waiting for the other ranks and for the sums of the gradients. */
        SYNC,
        /** The gradient's norm, clipping and AdamW. */
        OPTIMIZER,
        /** What the training waits for before the step, while a checkpoint is copied or written. */
        CHECKPOINT;

        /** The name in metrics.jsonl: {@code data_s}. */
        String key() {
            return name().toLowerCase(Locale.ROOT) + "_s";
        }
    }

    /** Begins a part, and ends the one before it. */
    public void enter(Part part) {
        pause();
        running = part;
    }

    /** Ends the part that is running; what comes until the next one counts for none. */
    public void pause() {
        long now = System.nanoTime();
        if (running != null) {
            nanos.merge(running, now - since, Long::sum);
            running = null;
        }
        since = now;
    }

    /** Seconds in each part since the last call, and begins anew. */
    Map<Part, Double> take() {
        pause();
        Map<Part, Double> seconds = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            seconds.put(part, nanos.getOrDefault(part, 0L) / 1e9);
        }
        nanos.clear();
        return seconds;
    }
}
