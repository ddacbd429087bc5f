package dev.cria.report;

import java.util.List;

/** Values to draw in a panel, ascending in x. */
record Series(String name, Ink ink, Style style, List<Point> points) {

    enum Style {
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
