package dev.cria.data.filter;

import java.util.Locale;

/** The figures of a verdict in words. */
final class Figures {
    private Figures() {}

    static String less(double found, double least) {
        return String.format(Locale.ROOT, "%.3f < %s", found, plain(least));
    }

    static String more(double found, double most) {
        return String.format(Locale.ROOT, "%.3f > %s", found, plain(most));
    }

    private static String plain(double limit) {
        return limit == Math.rint(limit) ? Long.toString((long) limit) : Double.toString(limit);
    }
}
