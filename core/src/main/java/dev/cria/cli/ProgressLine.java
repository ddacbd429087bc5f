package dev.cria.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBarRenderer;
import me.tongfei.progressbar.ProgressState;

/**
 * One line of a task's progress: name, share, bar, count, time, note. Where the terminal is narrow the bar goes first,
 * then what the note tells as well, then the least needed fields of the note.
 */
record ProgressLine(String unit) implements ProgressBarRenderer {
    private static final int SHORTEST_BAR = 8;
    private static final int LONGEST_BAR = 40;
    private static final String GAP = "  ";

    /** Fields of a training's note by their labels, the least needed first. */
    private static final List<String> LEAST_NEEDED = List.of("mfu", "grad", "lr");

    @Override
    public String render(ProgressState state, int width) {
        String note = state.getExtraMessage().strip();
        String share = state.isIndefinite() ? "" : "%3.0f%%".formatted(100 * state.getNormalizedProgress());
        String name = (state.getTaskName() + " " + share).strip();
        String count = count(state) + (note.isEmpty() ? GAP + time(state) : "");
        String whole = joined(name, count, note);
        int room = width - whole.length() - GAP.length();
        if (room >= SHORTEST_BAR && !state.isIndefinite()) {
            return joined(name, bar(state.getNormalizedProgress(), Math.min(room, LONGEST_BAR)), count, note);
        }
        return Stream.of(whole, joined(share.strip(), note))
                .filter(line -> line.length() <= width)
                .findFirst()
                .orElseGet(() -> fitted(note.isEmpty() ? whole : note, width));
    }

    private static String joined(String... parts) {
        return Arrays.stream(parts).filter(part -> !part.isEmpty()).collect(Collectors.joining(GAP));
    }

    private static String bar(double share, int length) {
        int full = (int) Math.round(Math.clamp(share, 0, 1) * length);
        return "█".repeat(full) + "░".repeat(length - full);
    }

    private String count(ProgressState state) {
        return "%,d%s %s"
                .formatted(state.getCurrent(), state.isIndefinite() ? "" : "/%,d".formatted(state.getMax()), unit);
    }

    /** How long it has taken, how fast it goes, and how long the rest will take. */
    private static String time(ProgressState state) {
        Duration taken = Duration.between(state.getStartInstant(), Instant.now());
        double perSecond = (state.getCurrent() - state.getStart()) / (taken.toMillis() / 1000.0);
        if (!(perSecond > 0 && Double.isFinite(perSecond))) {
            return clock(taken);
        }
        String speed = (perSecond < 10 ? "%.1f/s" : "%,.0f/s").formatted(perSecond);
        long left = Math.round((state.getMax() - state.getCurrent()) / perSecond);
        return joined(clock(taken), speed, left > 0 ? "eta " + clock(Duration.ofSeconds(left)) : "");
    }

    private static String clock(Duration time) {
        return time.toHours() > 0
                ? "%dh%02dm".formatted(time.toHours(), time.toMinutesPart())
                : "%dm%02ds".formatted(time.toMinutesPart(), time.toSecondsPart());
    }

    private static String fitted(String note, int width) {
        List<String> fields = new ArrayList<>(List.of(note.split(GAP)));
        for (String label : LEAST_NEEDED) {
            if (String.join(GAP, fields).length() > width) {
                fields.removeIf(field -> field.startsWith(label + " "));
            }
        }
        String line = String.join(GAP, fields);
        return line.substring(0, Math.min(line.length(), width));
    }
}
