package dev.cria.data.prepare;

import dev.cria.data.filter.Verdict;
import dev.cria.data.source.Row;
import java.util.List;

/**
 * What became of one row.
 *
 * @param tokens the end-of-text id and then the text's, if the row was kept; else nothing
 * @param textBytes of its text as it came, in UTF-8
 * @param keptBytes of its text as it stays
 * @param signs what else was found in it, to be counted: format markers, tasks whose benchmarks it holds
 */
public record Outcome(Row row, Verdict verdict, int[] tokens, long textBytes, long keptBytes, List<String> signs) {
    static final int[] NO_TOKENS = {};

    /** Whether the document is to stand in the shards. */
    public boolean kept() {
        return !(verdict instanceof Verdict.Drop);
    }

    static Outcome dropped(Row row, Verdict.Drop drop, long textBytes) {
        return new Outcome(row, drop, NO_TOKENS, textBytes, 0, List.of());
    }
}
