package dev.cria.data.prepare;

import dev.cria.page.Html;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The charts of the page, as plain HTML and SVG that say their values in words too. */
final class ReportCharts {
    private static final int WIDE = 760;
    private static final int NARROW = 340;
    private static final int HEIGHT = 250;
    private static final int TOP = 22;
    private static final int BOTTOM = 44;
    private static final int WIDEST_COLUMN = 72;
    private static final double COLUMN_SHARE = 0.78;

    private ReportCharts() {}

    /** What became of a document, with its colour: a role of the page's style. */
    enum Ink {
        KEPT("s3", "kept"),
        FILTERED("s1", "dropped by a filter"),
        DUPLICATE("s2", "duplicates"),
        FOUND("s4", "share words with a benchmark"),
        UNREADABLE("s6", "without a text, or unreadable");

        private final String role;
        private final String words;

        Ink(String role, String words) {
            this.role = role;
            this.words = words;
        }

        static Ink of(String rule) {
            return switch (rule) {
                case "duplicate" -> DUPLICATE;
                case "contaminated" -> FOUND;
                case "no_text", "unreadable" -> UNREADABLE;
                default -> FILTERED;
            };
        }
    }

    /** A row of a table of bars. */
    record Bar(String name, long count, Ink ink) {}

    /** One bar, parted among all, and the parts in words. */
    static String whole(Map<Ink, Long> parts) {
        double all = Math.max(1, parts.values().stream().mapToLong(n -> n).sum());
        Map<Ink, Long> inOrder = new TreeMap<>(parts);
        StringBuilder bar = new StringBuilder("<div class=\"whole\" aria-hidden=\"true\">");
        StringBuilder words = new StringBuilder("<ul class=\"legend\">\n");
        inOrder.forEach((ink, n) -> {
            if (n > 0) {
                bar.append(format("<i class=\"%s\" style=\"width:%.3f%%\"></i>", ink.role, 100 * n / all));
                words.append(format(
                        "<li><i class=\"%s\"></i><b>%,d</b> %s (%.1f%%)</li>\n",
                        ink.role, n, ink.words, 100 * n / all));
            }
        });
        return bar.append("</div>\n").append(words).append("</ul>\n").toString();
    }

    /** A table with a bar for each row; the longest fills its column. */
    static String bars(String what, String of, List<Bar> bars, long whole) {
        long most = bars.stream().mapToLong(Bar::count).max().orElse(1);
        StringBuilder table = new StringBuilder(
                "<table class=\"bars\"><thead><tr><th>%s<th class=\"number\">%s<th class=\"number\">share<th></tr></thead><tbody>\n"
                        .formatted(what, of));
        for (Bar bar : bars) {
            table.append(format(
                    "<tr><td class=\"name\">%s<td class=\"number\">%,d<td class=\"number\">%s"
                            + "<td><div class=\"bar %s\" style=\"width:%.1f%%\"></div></tr>\n",
                    Html.breakable(bar.name()),
                    bar.count(),
                    share(bar.count(), whole),
                    bar.ink().role,
                    100.0 * bar.count() / most));
        }
        return table.append("</tbody></table>\n").toString();
    }

    private static String share(long part, long whole) {
        double percent = 100.0 * part / Math.max(1, whole);
        return percent < 0.1 ? "<0.1%".replace("<", "&lt;") : format("%.1f%%", percent);
    }

    /** Columns over doubling lengths, none left out between the shortest and the longest; for both kinds of screen. */
    static String histogram(SortedMap<Long, Long> counts) {
        return histogram(counts, "wide", WIDE, 1) + histogram(counts, "narrow", NARROW, 2);
    }

    private static String histogram(SortedMap<Long, Long> counts, String kind, int wide, int labelEvery) {
        List<Long> places = new ArrayList<>();
        for (long at = counts.firstKey(); at <= counts.lastKey(); at *= 2) {
            places.add(at);
        }
        long most = counts.values().stream().mapToLong(n -> n).max().orElse(1);
        double step = (double) wide / places.size();
        double width = Math.min(WIDEST_COLUMN, step * COLUMN_SHARE);
        double base = HEIGHT - BOTTOM;
        StringBuilder svg = new StringBuilder(format(
                "<svg class=\"histogram %s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
                kind, wide, HEIGHT, inWords(counts)));
        svg.append(format("<line x1=\"0\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", wide, base, base));
        for (int i = 0; i < places.size(); i++) {
            long n = counts.getOrDefault(places.get(i), 0L);
            double height = (base - TOP) * n / most;
            double middle = (i + 0.5) * step;
            svg.append(format(
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"3\"/>\n",
                    middle - width / 2, base - height, width, height));
            svg.append(text(middle, base - height - 6, "value", n == 0 ? "" : compact(n)));
            svg.append(text(middle, base + 18, "", i % labelEvery == 0 ? length(places.get(i)) : ""));
        }
        svg.append(text(wide / 2.0, HEIGHT - 4, "", "tokens"));
        return svg.append("</svg>\n").toString();
    }

    private static String inWords(SortedMap<Long, Long> counts) {
        return counts.entrySet().stream()
                .map(e -> format("up to %d tokens: %d documents", e.getKey(), e.getValue()))
                .collect(Collectors.joining("; "));
    }

    private static String text(double x, double y, String kind, String words) {
        return format("<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n", kind, x, y, words);
    }

    private static String compact(long n) {
        return n < 10_000 ? format("%,d", n) : n < 1_000_000 ? format("%.0fk", n / 1e3) : format("%.1fM", n / 1e6);
    }

    /** A power of two, in units of 1,024. */
    private static String length(long n) {
        return n < 1 << 10 ? Long.toString(n) : n < 1 << 20 ? (n >> 10) + "k" : (n >> 20) + "M";
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
