package dev.cria.page;

import java.util.List;

/**
 * Values to draw in a panel, ascending in x.
 *
 * @param spans error bars
 */
public record Series(String name, Ink ink, Style style, List<Point> points, List<Span> spans) {

    public Series(String name, Ink ink, Style style, List<Point> points) {
        this(name, ink, style, points, List.of());
    }

    public enum Style {
        /** Many values with noise: a band from the least to the greatest, and a line through the means. */
        NOISY,
        /** A line through all values. */
        LINE,
        /** A line with a dot on each value. */
        DOTS,
        /** Hollow dots alone: somebody else's values. */
        PUBLISHED
    }
}
