package dev.cria.data.prepare;

import dev.cria.data.ShardManifest;
import dev.cria.data.prepare.ReportCharts.Bar;
import dev.cria.data.prepare.ReportCharts.Ink;
import dev.cria.data.source.Sources.PassedOver;
import dev.cria.page.Html;
import dev.cria.page.Numbers;
import dev.cria.page.Page;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Tile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** The report as one page without other files, for a wide screen or a phone, light or dark. */
final class ReportPage {
    private static final String CLOSING =
            "Made by Cria while it prepared the shards; the same figures for machines are in"
                    + " the JSON file beside this page. The same input gives the same page.";
    private static final JsonMapper JSON = new JsonMapper();
    private static final double MEGA = 1e6;
    private static final int LAST_SINGLE_SIZE = 5;

    private final ShardManifest manifest;
    private final Tally.Snapshot tally;
    private final SortedMap<Integer, Long> clusters;
    private final SortedMap<Long, Long> lengths;
    private final List<PassedOver> passedOver;
    private final long documents;

    ReportPage(
            ShardManifest manifest,
            Tally.Snapshot tally,
            SortedMap<Integer, Long> clusters,
            SortedMap<Long, Long> lengths,
            List<PassedOver> passedOver) {
        this.manifest = manifest;
        this.tally = tally;
        this.clusters = clusters;
        this.lengths = lengths;
        this.passedOver = passedOver;
        this.documents = tally.count("documents");
    }

    String html() {
        List<Section> sections = Stream.of(
                        Optional.of(whereTheyWent()),
                        notRead(),
                        Optional.of(lengths()),
                        duplicates(),
                        Optional.of(found()),
                        examples(),
                        Optional.of(request()))
                .flatMap(Optional::stream)
                .toList();
        String heading = count(tally.count("kept_documents")) + " of " + count(documents) + " documents stay";
        return Page.of(new Page.Head(heading, "curation report", subtitle(), CLOSING), tiles(), sections);
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

    private List<Tile> tiles() {
        long tokens = tally.count("tokens");
        long kept = tally.count("kept_bytes");
        long duplicates = tally.count("dropped.duplicate");
        return List.of(
                new Tile("Documents kept", ratio(tally.count("kept_documents"), documents), "of " + count(documents)),
                new Tile("Text kept", ratio(kept, tally.count("bytes")), megabytes(kept)),
                new Tile("Tokens", shortCount(tokens), plural(manifest.shards().size(), "shard")),
                new Tile("Bytes a token", Numbers.fixed((double) kept / Math.max(1, tokens), 2), "of kept text"),
                new Tile("Duplicates", count(duplicates), "in " + plural(clusters(), "cluster")),
                new Tile("Repaired", count(tally.count("repaired_texts")), "texts with broken characters"));
    }

    private long clusters() {
        return clusters.values().stream().mapToLong(n -> n).sum();
    }

    private Section whereTheyWent() {
        SortedMap<String, Long> dropped = tally.under("dropped.");
        Map<Ink, Long> groups = new LinkedHashMap<>();
        groups.put(Ink.KEPT, tally.count("kept_documents"));
        dropped.forEach((rule, n) -> groups.merge(Ink.of(rule), n, Long::sum));
        List<Part> parts = new ArrayList<>();
        parts.add(new Part.Card("", ReportCharts.whole(groups), ""));
        if (!dropped.isEmpty()) {
            parts.add(new Part.Card(
                    "Dropped, by rule", ReportCharts.bars("rule", "documents", largestFirst(dropped), documents), ""));
        }
        SortedMap<String, Long> edited = tally.under("edited.");
        if (!edited.isEmpty()) {
            parts.add(new Part.Card(
                    "Edited, by rule",
                    ReportCharts.bars("rule", "documents", largestFirst(edited), documents),
                    "Edits took " + megabytes(tally.count("edited_bytes_removed")) + " away."));
        }
        return section(
                "went", "Where the documents went", "Every document that was read, by what became of it.", parts);
    }

    private Optional<Section> notRead() {
        List<String> losses = tally.losses();
        List<String> passed = passedOver.stream()
                .map(file -> file.name() + ": " + file.reason())
                .toList();
        if (losses.isEmpty() && passed.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(section(
                "missing",
                "What was not read",
                "Files that broke off, and files beside the data.",
                List.of(
                        list("Lost: the rest of these files, and with it how many documents nobody knows", losses),
                        list("Passed over", passed))));
    }

    private static Part list(String title, List<String> lines) {
        String items = lines.stream()
                .map(line -> "<li>" + Html.breakable(line) + "</li>\n")
                .collect(Collectors.joining());
        return new Part.Card(title, items.isEmpty() ? "" : "<ul>\n" + items + "</ul>\n", "");
    }

    private static List<Bar> largestFirst(SortedMap<String, Long> counts) {
        return counts.entrySet().stream()
                .map(e -> new Bar(e.getKey(), e.getValue(), Ink.of(e.getKey())))
                .sorted(Comparator.comparingLong(Bar::count).reversed())
                .toList();
    }

    private Section lengths() {
        return section(
                "lengths",
                "Lengths",
                "Documents that stay, by their number of tokens.",
                List.of(new Part.Card(
                        "",
                        ReportCharts.histogram(lengths),
                        "Each column holds documents of at most so many tokens, and more than the column before it; k"
                                + " is 1,024, and the end-of-text token counts. Empty texts read: "
                                + count(tally.count("empty_texts")) + ".")));
    }

    private Optional<Section> duplicates() {
        if (clusters.isEmpty()) {
            return Optional.empty();
        }
        // Sizes to 5 one by one, then to 8, 16, 32 …: a corpus of the web has clusters of any size to a hundred
        // thousand.
        SortedMap<Integer, Long> bySize = new TreeMap<>();
        clusters.forEach((size, n) ->
                bySize.merge(size <= LAST_SINGLE_SIZE ? size : Integer.highestOneBit(size - 1) * 2, n, Long::sum));
        List<Bar> bars = bySize.entrySet().stream()
                .map(e -> new Bar(sizes(e.getKey()) + " documents", e.getValue(), Ink.DUPLICATE))
                .toList();
        return Optional.of(section(
                "duplicates",
                "Duplicates",
                "Clusters of documents that say the same; the first of each stays.",
                List.of(new Part.Card("", ReportCharts.bars("cluster of", "clusters", bars, clusters()), ""))));
    }

    private static String sizes(int last) {
        return last <= LAST_SINGLE_SIZE
                ? count(last)
                : count(Math.max(LAST_SINGLE_SIZE, last / 2) + 1) + " to " + count(last);
    }

    private Section found() {
        boolean lookedFor = !"none".equals(manifest.request().get("contamination"));
        return section(
                "found",
                "What else was found",
                "Signs that a model would know its tests, or a format, before it is taught.",
                List.of(
                        found(
                                "Markers of instruction formats",
                                "marker",
                                tally.under(FormatCensus.SIGN),
                                "No document that stays holds one of " + String.join(", ", FormatCensus.MARKERS) + "."),
                        found(
                                "Documents that share 13 words in a row with a benchmark",
                                "benchmark",
                                tally.under(Contamination.SIGN),
                                lookedFor ? "None does." : "Not looked for: --benchmarks DIR.")));
    }

    private Part found(String title, String what, SortedMap<String, Long> counts, String none) {
        if (counts.isEmpty()) {
            return new Part.Card(title, "", none);
        }
        List<Bar> bars = counts.entrySet().stream()
                .map(e -> new Bar(e.getKey(), e.getValue(), Ink.FOUND))
                .toList();
        return new Part.Card(title, ReportCharts.bars(what, "documents", bars, documents), "");
    }

    private Optional<Section> examples() {
        SortedMap<String, List<Tally.Example>> examples = tally.examplesOfRules();
        if (examples.isEmpty()) {
            return Optional.empty();
        }
        StringBuilder html = new StringBuilder();
        examples.forEach((rule, list) -> {
            html.append("<details%s><summary>%s <span>%s</span></summary>\n"
                    .formatted(
                            rule.equals(examples.firstKey()) ? " open" : "",
                            Html.breakable(rule),
                            count(tally.count("dropped." + rule))));
            list.forEach(example -> html.append(example(example)));
            html.append("</details>\n");
        });
        return Optional.of(section(
                "examples",
                "Examples",
                "The first documents that each rule dropped, and how they begin.",
                List.of(new Part.Card("", html.toString(), ""))));
    }

    private static String example(Tally.Example example) {
        String id = example.id().isEmpty() ? "" : " · " + example.id();
        String text = example.text().isEmpty() ? "" : "<blockquote>" + Html.escape(example.text()) + "</blockquote>";
        return "<div class=\"example\"><p>%s row %d%s · %s</p>%s</div>\n"
                .formatted(
                        Html.breakable(example.source()),
                        example.row(),
                        Html.escape(id),
                        Html.escape(example.detail()),
                        text);
    }

    private Section request() {
        String request = JSON.writerWithDefaultPrettyPrinter()
                .writeValueAsString(manifest.request())
                .replace("\r\n", "\n");
        StringBuilder shards = new StringBuilder("<details><summary>The shards</summary><div class=\"scroll\"><table>"
                + "<thead><tr><th>file<th class=\"number\">tokens<th>SHA-256</tr></thead><tbody>\n");
        manifest.shards()
                .forEach(s -> shards.append("<tr><td>%s<td class=\"number\">%s<td><code>%s</code></tr>\n"
                        .formatted(Html.breakable(s.name()), count(s.tokens()), s.sha256())));
        return section(
                "made",
                "How it was made",
                "All that decided the shards, and what they are.",
                List.of(
                        new Part.Code("The request", request, Section.Fold.FOLDED),
                        new Part.Card(
                                "",
                                shards.append("</tbody></table></div></details>")
                                        .toString(),
                                "")));
    }

    /** One that is on the page or not, and is not missed. */
    private static Section section(String id, String heading, String lead, List<Part> parts) {
        return new Section(id, heading, lead, parts, "");
    }

    private static String count(long n) {
        return Numbers.count(n);
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
}
