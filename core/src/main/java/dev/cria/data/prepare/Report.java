package dev.cria.data.prepare;

import dev.cria.data.ShardManifest;
import dev.cria.data.source.Sources.PassedOver;
import dev.cria.format.AtomicFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/** What became of a corpus, as JSON for machines and as a page for people. The same input gives the same bytes. */
public final class Report {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String PAGE = ".html";
    private static final String FIGURES = ".json";

    private final ShardManifest manifest;
    private final Tally.Snapshot tally;
    private final SortedMap<Integer, Long> clusters;
    private final List<PassedOver> passedOver;

    public Report(
            ShardManifest manifest,
            Tally.Snapshot tally,
            SortedMap<Integer, Long> clusters,
            List<PassedOver> passedOver) {
        this.manifest = manifest;
        this.tally = tally;
        this.clusters = clusters;
        this.passedOver = passedOver;
    }

    /** Where the page lies if the report was asked for under this name. */
    static Path page(Path asked) {
        return asked.resolveSibling(stem(asked) + PAGE);
    }

    private static String stem(Path asked) {
        String name = asked.getFileName().toString();
        String lower = name.toLowerCase(Locale.ROOT);
        boolean ending = lower.endsWith(PAGE) || lower.endsWith(FIGURES);
        return ending ? name.substring(0, name.lastIndexOf('.')) : name;
    }

    /** Writes both files: the name asked for with the ending {@code .html}, and with {@code .json}. */
    void write(Path asked) {
        AtomicFiles.write(asked.resolveSibling(stem(asked) + FIGURES), json());
        AtomicFiles.write(page(asked), html());
    }

    /** The figures as JSON. */
    public String json() {
        return JSON.writerWithDefaultPrettyPrinter()
                        .writeValueAsString(figures())
                        .replace("\r\n", "\n") + "\n";
    }

    /** The page. */
    public String html() {
        return new ReportPage(manifest, tally, clusters, lengths(), passedOver).html();
    }

    /** All figures by their names in the JSON file. */
    private Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("documents_in", tally.count("documents"));
        figures.put("documents_kept", tally.count("kept_documents"));
        figures.put("bytes_in", tally.count("bytes"));
        figures.put("bytes_kept", tally.count("kept_bytes"));
        figures.put("tokens", tally.count("tokens"));
        figures.put("tokens_per_byte", ratio(tally.count("tokens"), tally.count("kept_bytes")));
        figures.put("empty_texts", tally.count("empty_texts"));
        figures.put("repaired_texts", tally.count("repaired_texts"));
        figures.put("unreadable_files", tally.count(Tally.LOST));
        figures.put("losses", tally.losses());
        figures.put("passed_over", passedOver);
        figures.put("dropped", tally.under("dropped."));
        figures.put("edited", tally.under("edited."));
        figures.put("bytes_edited_away", tally.count("edited_bytes_removed"));
        figures.put("duplicate_clusters_by_size", clusters);
        figures.put("documents_by_tokens", lengths());
        figures.put("instruction_markers", tally.under(FormatCensus.SIGN));
        figures.put("benchmarks_found_in_documents", tally.under(Contamination.SIGN));
        figures.put("examples", tally.examplesOfRules());
        figures.put("tokenizer", manifest.tokenizer());
        figures.put("request", manifest.request());
        figures.put("shards", manifest.shards());
        return figures;
    }

    /** How many documents have at most 1, 2, 4, 8 … tokens and more than half of that. */
    private SortedMap<Long, Long> lengths() {
        SortedMap<Long, Long> lengths = new TreeMap<>();
        tally.under("length.").forEach((bits, n) -> lengths.put(1L << Integer.parseInt(bits), n));
        return lengths;
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : Math.rint(1e6 * part / whole) / 1e6;
    }
}
