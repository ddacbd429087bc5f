package dev.cria.data.prepare;

import dev.cria.data.ShardManifest;
import dev.cria.data.prepare.ReportCharts.Bar;
import dev.cria.data.prepare.ReportCharts.Ink;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** The report as one page without scripts or other files, for a wide screen or a phone, light or dark. */
final class ReportPage {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");
    private static final JsonMapper JSON = new JsonMapper();
    private static final double MEGA = 1e6;
    private static final int LAST_SINGLE_SIZE = 5;

    private final ShardManifest manifest;
    private final Tally.Snapshot tally;
    private final SortedMap<Integer, Long> clusters;
    private final SortedMap<Long, Long> lengths;
    private final long documents;
    private final Map<String, String> links = new LinkedHashMap<>();
    private final StringBuilder sections = new StringBuilder();

    ReportPage(
            ShardManifest manifest,
            Tally.Snapshot tally,
            SortedMap<Integer, Long> clusters,
            SortedMap<Long, Long> lengths) {
        this.manifest = manifest;
        this.tally = tally;
        this.clusters = clusters;
        this.lengths = lengths;
        this.documents = tally.count("documents");
    }

    String html() {
        whereTheyWent();
        lengths();
        duplicates();
        found();
        examples();
        request();
        Map<String, String> values = new LinkedHashMap<>();
        values.put("heading", count(tally.count("kept_documents")) + " of " + count(documents) + " documents stay");
        values.put("subtitle", escape(subtitle()));
        values.put("style", resource("report.css"));
        values.put("tiles", tiles());
        values.put(
                "links",
                links.entrySet().stream()
                        .map(e -> "<li><a href=\"#%s\">%s</a></li>\n".formatted(e.getKey(), e.getValue()))
                        .collect(Collectors.joining()));
        values.put("sections", sections.toString());
        return PLACEHOLDER
                .matcher(resource("report.html"))
                .replaceAll(m -> Matcher.quoteReplacement(values.getOrDefault(m.group(1), "")));
    }

    private String subtitle() {
        List<String> parts = new ArrayList<>();
        parts.add(plural(sources().size(), "file") + ", " + megabytes(tally.count("bytes")) + " of text");
        Object filters = manifest.request().get("filters");
        if (filters instanceof List<?> list && !list.isEmpty()) {
            parts.add("filters "
                    + list.stream()
                            .map(f -> f instanceof Map<?, ?> m
                                    ? String.valueOf(m.keySet().iterator().next())
                                    : "")
                            .collect(Collectors.joining(", ")));
        } else {
            parts.add("no filters");
        }
        String dedup = String.valueOf(manifest.request().get("dedup")).toLowerCase(Locale.ROOT);
        parts.add(dedup.equals("none") ? "no deduplication" : "deduplication " + dedup);
        parts.add("tokenizer " + manifest.tokenizer().name());
        return String.join(" · ", parts);
    }

    private List<?> sources() {
        return manifest.request().get("sources") instanceof List<?> list ? list : List.of();
    }

    private String tiles() {
        long tokens = tally.count("tokens");
        long kept = tally.count("kept_bytes");
        long duplicates = tally.count("dropped.duplicate");
        return tile("Documents kept", ratio(tally.count("kept_documents"), documents), "of " + count(documents))
                + tile("Text kept", ratio(kept, tally.count("bytes")), megabytes(kept))
                + tile("Tokens", shortCount(tokens), plural(manifest.shards().size(), "shard"))
                + tile(
                        "Bytes a token",
                        String.format(Locale.ROOT, "%.2f", (double) kept / Math.max(1, tokens)),
                        "of kept text")
                + tile("Duplicates", count(duplicates), "in " + plural(clusters(), "cluster"))
                + tile("Repaired", count(tally.count("repaired_texts")), "texts with broken characters");
    }

    private long clusters() {
        return clusters.values().stream().mapToLong(n -> n).sum();
    }

    private static String tile(String label, String value, String detail) {
        return "<div><dt>%s</dt><dd class=\"value\">%s</dd><dd class=\"detail\">%s</dd></div>\n"
                .formatted(label, value, detail);
    }

    private void whereTheyWent() {
        section("went", "Where the documents went", "Every document that was read, by what became of it.");
        SortedMap<String, Long> dropped = tally.under("dropped.");
        Map<Ink, Long> groups = new LinkedHashMap<>();
        groups.put(Ink.KEPT, tally.count("kept_documents"));
        dropped.forEach((rule, n) -> groups.merge(Ink.of(rule), n, Long::sum));
        sections.append("<div class=\"card\">")
                .append(ReportCharts.whole(groups))
                .append("</div>\n");
        if (!dropped.isEmpty()) {
            sections.append("<div class=\"card\"><h3>Dropped, by rule</h3>")
                    .append(ReportCharts.bars("rule", "documents", largestFirst(dropped), documents))
                    .append("</div>\n");
        }
        SortedMap<String, Long> edited = tally.under("edited.");
        if (!edited.isEmpty()) {
            sections.append("<div class=\"card\"><h3>Edited, by rule</h3>")
                    .append(ReportCharts.bars("rule", "documents", largestFirst(edited), documents))
                    .append("<p class=\"note\">Edits took ")
                    .append(megabytes(tally.count("edited_bytes_removed")))
                    .append(" away.</p></div>\n");
        }
        end();
    }

    private static List<Bar> largestFirst(SortedMap<String, Long> counts) {
        return counts.entrySet().stream()
                .map(e -> new Bar(e.getKey(), e.getValue(), Ink.of(e.getKey())))
                .sorted(Comparator.comparingLong(Bar::count).reversed())
                .toList();
    }

    private void lengths() {
        section("lengths", "Lengths", "Documents that stay, by their number of tokens.");
        sections.append("<div class=\"card\">")
                .append(ReportCharts.histogram(lengths))
                .append("<p class=\"note\">Each column holds documents of at most so many tokens, and more than the"
                        + " column before it; k is 1,024, and the end-of-text token counts."
                        + " Empty texts read: ")
                .append(count(tally.count("empty_texts")))
                .append(".</p></div>\n");
        end();
    }

    private void duplicates() {
        if (clusters.isEmpty()) {
            return;
        }
        section("duplicates", "Duplicates", "Clusters of documents that say the same; the first of each stays.");
        // Sizes to 5 one by one, then to 8, 16, 32 …: a corpus of the web has clusters of any size to a hundred
        // thousand.
        SortedMap<Integer, Long> bySize = new TreeMap<>();
        clusters.forEach((size, n) ->
                bySize.merge(size <= LAST_SINGLE_SIZE ? size : Integer.highestOneBit(size - 1) * 2, n, Long::sum));
        List<Bar> bars = bySize.entrySet().stream()
                .map(e -> new Bar(sizes(e.getKey()) + " documents", e.getValue(), Ink.DUPLICATE))
                .toList();
        sections.append("<div class=\"card\">")
                .append(ReportCharts.bars("cluster of", "clusters", bars, clusters()))
                .append("</div>\n");
        end();
    }

    private static String sizes(int last) {
        return last <= LAST_SINGLE_SIZE
                ? count(last)
                : count(Math.max(LAST_SINGLE_SIZE, last / 2) + 1) + " to " + count(last);
    }

    private void found() {
        SortedMap<String, Long> markers = tally.under(FormatCensus.SIGN);
        SortedMap<String, Long> benchmarks = tally.under(Contamination.SIGN);
        section(
                "found",
                "What else was found",
                "Signs that a model would know its tests, or a format, before it is taught.");
        found(
                "Markers of instruction formats",
                "marker",
                markers,
                "No document that stays holds one of " + String.join(", ", FormatCensus.MARKERS) + ".");
        boolean lookedFor = !"none".equals(manifest.request().get("contamination"));
        found(
                "Documents that share 13 words in a row with a benchmark",
                "benchmark",
                benchmarks,
                lookedFor ? "None does." : "Not looked for: --benchmarks DIR.");
        end();
    }

    private void found(String title, String what, SortedMap<String, Long> counts, String none) {
        sections.append("<div class=\"card\"><h3>").append(title).append("</h3>");
        if (counts.isEmpty()) {
            sections.append("<p class=\"note\">").append(escape(none)).append("</p>");
        } else {
            List<Bar> bars = counts.entrySet().stream()
                    .map(e -> new Bar(e.getKey(), e.getValue(), Ink.FOUND))
                    .toList();
            sections.append(ReportCharts.bars(what, "documents", bars, documents));
        }
        sections.append("</div>\n");
    }

    private void examples() {
        if (tally.examples().isEmpty()) {
            return;
        }
        section("examples", "Examples", "The first documents that each rule dropped, and how they begin.");
        sections.append("<div class=\"card\">\n");
        tally.examples().forEach((rule, list) -> {
            sections.append("<details%s><summary>%s <span>%s</span></summary>\n"
                    .formatted(
                            rule.equals(tally.examples().firstKey()) ? " open" : "",
                            escape(rule),
                            count(tally.count("dropped." + rule))));
            list.forEach(this::example);
            sections.append("</details>\n");
        });
        sections.append("</div>\n");
        end();
    }

    private void example(Tally.Example example) {
        String id = example.id().isEmpty() ? "" : " · " + example.id();
        sections.append("<div class=\"example\"><p>%s row %d%s · %s</p>"
                .formatted(escape(example.source()), example.row(), escape(id), escape(example.detail())));
        if (!example.text().isEmpty()) {
            sections.append("<blockquote>").append(escape(example.text())).append("</blockquote>");
        }
        sections.append("</div>\n");
    }

    private void request() {
        section("made", "How it was made", "All that decided the shards, and what they are.");
        String request = JSON.writerWithDefaultPrettyPrinter()
                .writeValueAsString(manifest.request())
                .replace("\r\n", "\n");
        sections.append("<div class=\"card\"><details><summary>The request</summary><pre>")
                .append(escape(request))
                .append("</pre></details><details><summary>The shards</summary><div class=\"scroll\"><table><thead>"
                        + "<tr><th>file<th class=\"number\">tokens<th>SHA-256</tr></thead><tbody>\n");
        manifest.shards()
                .forEach(s -> sections.append("<tr><td>%s<td class=\"number\">%s<td><code>%s</code></tr>\n"
                        .formatted(escape(s.name()), count(s.tokens()), s.sha256())));
        sections.append("</tbody></table></div></details></div>\n");
        end();
    }

    private void section(String id, String heading, String lead) {
        links.put(id, heading);
        sections.append("<section id=\"%s\"><h2>%s</h2><p class=\"lead\">%s</p>\n".formatted(id, heading, lead));
    }

    private void end() {
        sections.append("</section>\n");
    }

    private static String resource(String name) {
        try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks dev/cria/data/prepare/" + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String count(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String shortCount(long n) {
        return n < MEGA ? count(n) : n < 1e9 ? decimal(n / MEGA) + " M" : decimal(n / 1e9) + " B";
    }

    private static String plural(long n, String what) {
        return count(n) + " " + what + (n == 1 ? "" : "s");
    }

    private static String megabytes(long bytes) {
        return bytes < MEGA
                ? decimal(bytes / 1e3) + " kB"
                : bytes < 1e9 ? decimal(bytes / MEGA) + " MB" : decimal(bytes / 1e9) + " GB";
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
    }

    private static String ratio(long part, long whole) {
        return String.format(Locale.ROOT, "%.1f%%", 100.0 * part / Math.max(1, whole));
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
