package dev.cria.measure;

import dev.cria.measure.Roofline.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@link ScalingBench} measured.
 *
 * @param skipped sizes that were not measured, and why
 */
public record ScalingReport(Map<Axis, List<Point>> points, List<String> skipped) {

    /** What is changed while all else stays. */
    public enum Axis {
        SEQUENCE_LENGTH,
        MICRO_BATCH,
        LAYERS;

        /** The name in results. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A step of some sizes.
     *
     * @param seconds of the best step
     * @param mfu of the best step
     * @param roofline of the fastest step that was watched
     */
    record Point(int seq, int microBatch, int layers, long tokens, double seconds, double mfu, Roofline roofline) {
        /** The share of the best step that its work needs at least. */
        double reached() {
            return roofline.boundSeconds() / seconds;
        }

        private int size(Axis axis) {
            return switch (axis) {
                case SEQUENCE_LENGTH -> seq;
                case MICRO_BATCH -> microBatch;
                case LAYERS -> layers;
            };
        }
    }

    /** The result for machines, by the axis. */
    public Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        points.forEach((axis, along) ->
                json.put(axis.key(), along.stream().map(ScalingReport::json).toList()));
        json.put("skipped", skipped);
        return json;
    }

    private static Map<String, Object> json(Point point) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("sequence_length", point.seq());
        json.put("micro_batch", point.microBatch());
        json.put("layers", point.layers());
        json.put("tokens", point.tokens());
        json.put("step_ms", point.seconds() * 1e3);
        json.put("tokens_per_s", point.tokens() / point.seconds());
        json.put("mfu", point.mfu());
        json.put("reached", point.reached());
        json.put("roofline", point.roofline().toJson());
        return json;
    }

    /** The result for people: a table an axis, and in words where the step is farthest from the roofline. */
    public String toText() {
        var text = new StringBuilder();
        points.forEach((axis, along) -> {
            text.append("\n%-18s%8s%8s%8s%11s%10s%8s%10s%11s  %s\n"
                    .formatted(
                            "along " + axis.key(),
                            "T",
                            "rows",
                            "layers",
                            "ms a step",
                            "tokens/s",
                            "mfu",
                            "roofline",
                            "of memory",
                            "most time lost in"));
            along.forEach(point -> text.append(line(point)));
            if (along.size() > 1) {
                text.append(verdict(axis, along)).append('\n');
            }
        });
        skipped.forEach(line -> text.append("not measured: ").append(line).append('\n'));
        return text.toString();
    }

    private static String line(Point point) {
        Roofline roofline = point.roofline();
        return "%-18s%8d%8d%8d%11.1f%,10.0f%7.1f%%%9.1f%%%10.1f%%  %s\n"
                .formatted(
                        point.tokens() + " tokens",
                        point.seq(),
                        point.microBatch(),
                        point.layers(),
                        point.seconds() * 1e3,
                        point.tokens() / point.seconds(),
                        100 * point.mfu(),
                        100 * point.reached(),
                        100 * roofline.memoryShare(),
                        loss(roofline));
    }

    /** Such as {@code attention: 27% of the step, 4% of its bound by compute}. */
    private static String loss(Roofline roofline) {
        Row row = roofline.largestLoss();
        String time = "%s, %.0f%% of the step"
                .formatted(row.name().replace('_', ' '), 100 * row.seconds() / roofline.seconds());
        return row.bound().seconds() == 0
                ? time
                : time
                        + ", at %.0f%% of %s"
                                .formatted(100 * row.reached(), row.bound().word());
    }

    private static String verdict(Axis axis, List<Point> along) {
        List<Point> ranked = new ArrayList<>(along);
        ranked.sort(Comparator.comparingDouble(Point::reached));
        Point lowest = ranked.getFirst();
        Point highest = ranked.getLast();
        return "nearest to the roofline at %s %d (%.1f%%), farthest at %d (%.1f%%): there %s"
                .formatted(
                        axis.key(),
                        highest.size(axis),
                        100 * highest.reached(),
                        lowest.size(axis),
                        100 * lowest.reached(),
                        growth(highest.roofline(), lowest.roofline()));
    }

    /** Which kind's lost time grew most as a share of the step. */
    private static String growth(Roofline near, Roofline far) {
        Row most = far.rows().stream()
                .max(Comparator.comparingDouble(row -> lost(far, row.name()) - lost(near, row.name())))
                .orElseThrow();
        return "%s loses %.0f%% of the step instead of %.0f%%"
                .formatted(most.name().replace('_', ' '), 100 * lost(far, most.name()), 100 * lost(near, most.name()));
    }

    private static double lost(Roofline roofline, String name) {
        return roofline.rows().stream()
                        .filter(row -> row.name().equals(name))
                        .mapToDouble(row -> Math.max(0, row.lost()))
                        .sum()
                / roofline.seconds();
    }
}
