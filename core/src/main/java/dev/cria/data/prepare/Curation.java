package dev.cria.data.prepare;

import dev.cria.data.dedup.Dedup;
import dev.cria.data.filter.FilterChain;
import dev.cria.data.filter.FilterFile;
import dev.cria.data.filter.UnjudgeableException;
import dev.cria.data.filter.Verdict;
import dev.cria.data.source.Row;
import dev.cria.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is done to each document by itself: pure functions of a row, which the threads of one machine and the tasks of a
 * cluster share, so that both keep the same documents.
 *
 * @param filters what stays, before duplicates are looked for
 * @param contamination what to look for of the benchmarks
 * @param tokenizer must have an end-of-text id, which begins each document
 */
public record Curation(
        FilterChain filters,
        Dedup dedup,
        Dedup.Scope scope,
        BadRows badRows,
        Optional<Contamination> contamination,
        Tokenizer tokenizer) {

    /** What the filters said of a document, so that they need not all be asked again. */
    public enum Finding {
        KEPT_AS_IT_IS,
        KEPT_EDITED,
        /** Dropped, or no document at all: to be judged again when the reason is needed. */
        GONE
    }

    /**
     * What the search for duplicates needs of a row.
     *
     * @param keys none for rows that do not stay; see {@link Dedup#keysOf}
     */
    public record Scanned(Finding finding, long[] keys) {
        private static final Scanned GONE = new Scanned(Finding.GONE, new long[0]);
    }

    /** Filters a row and hashes what stays of it. */
    public Scanned scan(Row row) {
        refuseBad(row);
        if (!(row instanceof Row.Document document)) {
            return Scanned.GONE;
        }
        return switch (verdict(document)) {
            case Verdict.Keep _ -> new Scanned(Finding.KEPT_AS_IT_IS, dedup.keysOf(document, scope));
            case Verdict.Edit edit ->
                new Scanned(Finding.KEPT_EDITED, dedup.keysOf(document.withText(edit.text()), scope));
            case Verdict.Drop _ -> Scanned.GONE;
        };
    }

    /** What becomes of a row that no duplicate was looked for of. */
    public Outcome judge(Row row) {
        return judge(row, Finding.GONE);
    }

    /** What becomes of a row that is not the duplicate of another. */
    public Outcome judge(Row row, Finding scanned) {
        refuseBad(row);
        return switch (row) {
            case Row.Document document ->
                outcome(
                        document,
                        switch (scanned) {
                            case KEPT_AS_IT_IS -> Verdict.KEEP;
                            case KEPT_EDITED -> filters.edit(document);
                            case GONE -> verdict(document);
                        });
            case Row.WithoutText _ -> Outcome.dropped(row, new Verdict.Drop("no_text", "the text is null"), 0);
            case Row.Unreadable unreadable -> Outcome.dropped(row, unreadable(unreadable.refusal()), 0);
        };
    }

    private Verdict verdict(Row.Document document) {
        try {
            return filters.judge(document);
        } catch (UnjudgeableException e) {
            if (badRows == BadRows.REFUSE) {
                throw e.refusal();
            }
            return unreadable(e);
        }
    }

    private static Verdict.Drop unreadable(RuntimeException refusal) {
        return new Verdict.Drop("unreadable", String.valueOf(refusal.getMessage()));
    }

    /** What becomes of a duplicate. */
    public Outcome duplicate(Row.Document document, String ofWhat) {
        return Outcome.dropped(document, new Verdict.Drop("duplicate", "of " + ofWhat), utf8Length(document.text()));
    }

    private void refuseBad(Row row) {
        if (row instanceof Row.Unreadable unreadable && badRows == BadRows.REFUSE) {
            throw unreadable.refusal();
        }
    }

    private Outcome outcome(Row.Document document, Verdict verdict) {
        long bytes = utf8Length(document.text());
        if (verdict instanceof Verdict.Drop drop) {
            return Outcome.dropped(document, drop, bytes);
        }
        String text = verdict instanceof Verdict.Edit edit ? edit.text() : document.text();
        List<String> signs = new ArrayList<>(FormatCensus.markersIn(text));
        if (contamination.isPresent()) {
            List<String> tasks = contamination.get().tasksIn(text);
            tasks.forEach(task -> signs.add(Contamination.SIGN + task));
            if (!tasks.isEmpty() && contamination.get().policy() == Contamination.Policy.DROP) {
                return Outcome.dropped(document, new Verdict.Drop("contaminated", String.join(", ", tasks)), bytes);
            }
        }
        return new Outcome(document, verdict, tokens(text), bytes, utf8Length(text), signs);
    }

    private int[] tokens(String text) {
        int[] ids = tokenizer.encode(text);
        int[] tokens = new int[ids.length + 1];
        tokens[0] = tokenizer.endOfText().orElseThrow();
        System.arraycopy(ids, 0, tokens, 1, ids.length);
        return tokens;
    }

    private static long utf8Length(String text) {
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                return text.getBytes(StandardCharsets.UTF_8).length;
            }
            length++;
        }
        return length;
    }

    /** All that decides what becomes of a document, as JSON values for manifests. */
    public Map<String, Object> describe() {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("tokenizer", tokenizer.fingerprint());
        described.put("filters", FilterFile.describe(filters));
        described.put("dedup", dedup.name());
        described.put("dedup_scope", scope.name());
        described.put("bad_rows", badRows.name());
        described.put(
                "contamination",
                contamination.<Object>map(Contamination::describe).orElse("none"));
        return described;
    }
}
