package dev.cria.page;

import java.util.List;

/**
 * What happened at which step, drawn into each panel of a figure.
 *
 * @param numbered things explained under the figure, each with a line through the panel
 * @param troubles steps that the guard skipped or called a spike
 * @param checkpoints steps of the first run's checkpoints
 * @param segments stretches with one number of ranks, empty where it never changes
 */
public record Milestones(
        List<Numbered> numbered, List<Double> troubles, List<Double> checkpoints, List<Segment> segments) {

    public record Numbered(int number, double step, String words, Ink ink) {}

    public record Segment(double from, double to, int ranks) {}

    public static final Milestones NONE = new Milestones(List.of(), List.of(), List.of(), List.of());

    public boolean isEmpty() {
        return numbered.isEmpty() && troubles.isEmpty() && checkpoints.isEmpty() && segments.isEmpty();
    }
}
