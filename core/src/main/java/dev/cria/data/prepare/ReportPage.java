package dev.cria.data.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The report as one page without scripts or other files; its charts are bars of plain HTML. */
final class ReportPage {
    private static final String STYLE = """
        body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
        h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
        table{border-collapse:collapse;width:100%}td,th{padding:.15rem .5rem;text-align:left;vertical-align:top}
        td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;width:9rem}
        td.l{width:18rem;overflow-wrap:anywhere}
        .bar{background:#3b6ea5;height:.9rem;min-width:1px}
        blockquote{margin:.3rem 0 .8rem;padding-left:.8rem;border-left:3px solid #ccc;white-space:pre-wrap;
        overflow-wrap:anywhere;font-size:.9rem}
        @media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}.bar{background:#6ea8e0}}
        """;

    private final Map<String, Object> figures;
    private final SortedMap<String, List<Tally.Example>> examples;
    private final StringBuilder page = new StringBuilder();

    ReportPage(Map<String, Object> figures, SortedMap<String, List<Tally.Example>> examples) {
        this.figures = figures;
        this.examples = examples;
    }

    String html() {
        page.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width\">")
                .append("<title>What became of the corpus</title><style>")
                .append(STYLE)
                .append("</style><h1>What became of the corpus</h1>\n");
        summary();
        chart("Dropped, by rule", counts("dropped"));
        chart("Edited, by rule", counts("edited"));
        chart("Clusters of duplicates, by number of documents", counts("duplicate_clusters_by_size"));
        chart("Documents, by most tokens", counts("documents_by_tokens"));
        chart("Documents with markers of instruction formats", counts("instruction_markers"));
        chart("Documents that share 13 words in a row with a benchmark", counts("benchmarks_found_in_documents"));
        examples();
        return page.append("</html>\n").toString();
    }

    private void summary() {
        page.append("<table>");
        for (String key : List.of(
                "documents_in",
                "documents_kept",
                "bytes_in",
                "bytes_kept",
                "tokens",
                "tokens_per_byte",
                "empty_texts",
                "repaired_texts",
                "unreadable_files",
                "bytes_edited_away")) {
            page.append("<tr><td class=\"l\">")
                    .append(escape(key.replace('_', ' ')))
                    .append("<td>")
                    .append(figure(figures.get(key)))
                    .append('\n');
        }
        page.append("</table>\n");
    }

    private static String figure(@Nullable Object value) {
        return value instanceof Long n ? String.format(Locale.ROOT, "%,d", n) : String.valueOf(value);
    }

    private List<Map.Entry<String, Long>> counts(String key) {
        List<Map.Entry<String, Long>> counts = new ArrayList<>();
        if (figures.get(key) instanceof Map<?, ?> map) {
            map.forEach((name, n) -> counts.add(Map.entry(String.valueOf(name), (Long) n)));
        }
        return counts;
    }

    private void chart(String title, List<Map.Entry<String, Long>> bars) {
        if (bars.isEmpty()) {
            return;
        }
        long most = bars.stream().mapToLong(Map.Entry::getValue).max().orElse(1);
        page.append("<h2>").append(escape(title)).append("</h2><table>\n");
        for (Map.Entry<String, Long> bar : bars) {
            page.append(String.format(
                    Locale.ROOT,
                    "<tr><td class=\"l\">%s<td class=\"n\">%,d<td><div class=\"bar\" style=\"width:%.1f%%\"></div>\n",
                    escape(bar.getKey()),
                    bar.getValue(),
                    100.0 * bar.getValue() / most));
        }
        page.append("</table>\n");
    }

    private void examples() {
        page.append("<h2>Examples of what was dropped</h2>\n");
        examples.forEach((rule, list) -> {
            page.append("<h3>").append(escape(rule)).append("</h3>\n");
            for (Tally.Example example : list) {
                page.append("<div>%s row %d %s (%s)</div><blockquote>%s</blockquote>\n"
                        .formatted(
                                escape(example.source()),
                                example.row(),
                                escape(example.id()),
                                escape(example.detail()),
                                escape(example.text())));
            }
        });
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
