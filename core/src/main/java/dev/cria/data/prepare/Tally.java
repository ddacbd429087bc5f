package dev.cria.data.prepare;

import dev.cria.data.filter.Verdict;
import dev.cria.data.source.Row;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts of what happened, and a few examples of what was dropped, for the report. A snapshot of it is part of the
 * state that unfinished work goes on from.
 */
public final class Tally {
    private static final int EXAMPLES = 3;
    /** Files that could not be read to their end are named, all but the last of very many. */
    private static final int LOSSES = 100;

    /** The rule under which those files are examples, and by which they are counted. */
    static final String LOST = "unreadable_files";

    private static final int EXAMPLE_LENGTH = 240;

    /** A dropped document: where it stood, why it went and how it begins. */
    public record Example(String source, long row, String id, String detail, String text) implements Serializable {}

    /** A tally at rest. */
    public record Snapshot(SortedMap<String, Long> counts, SortedMap<String, List<Example>> examples)
            implements Serializable {
        public static final Snapshot EMPTY = new Snapshot(Collections.emptySortedMap(), Collections.emptySortedMap());

        public long count(String key) {
            return counts.getOrDefault(key, 0L);
        }

        /** This tally and that of what comes after it in the input. */
        public Snapshot and(Snapshot later) {
            Tally sum = new Tally(this);
            later.counts.forEach(sum::count);
            later.examples.forEach((rule, list) -> list.forEach(example -> sum.example(rule, example)));
            return sum.snapshot();
        }

        /** What is missing of files that could not be read to their end, a line each. */
        List<String> losses() {
            return examples.getOrDefault(LOST, List.of()).stream()
                    .map(Example::detail)
                    .toList();
        }

        /** The examples of documents that a rule dropped. */
        SortedMap<String, List<Example>> examplesOfRules() {
            SortedMap<String, List<Example>> ofRules = new TreeMap<>(examples);
            ofRules.remove(LOST);
            return ofRules;
        }

        /** The counts whose keys begin with {@code prefix}, by what follows it. */
        SortedMap<String, Long> under(String prefix) {
            SortedMap<String, Long> found = new TreeMap<>();
            counts.tailMap(prefix).entrySet().stream()
                    .takeWhile(e -> e.getKey().startsWith(prefix))
                    .forEach(e -> found.put(e.getKey().substring(prefix.length()), e.getValue()));
            return found;
        }
    }

    private final TreeMap<String, Long> counts;
    private final TreeMap<String, List<Example>> examples = new TreeMap<>();

    public Tally(Snapshot from) {
        counts = new TreeMap<>(from.counts());
        from.examples().forEach((rule, list) -> examples.put(rule, new ArrayList<>(list)));
    }

    public Snapshot snapshot() {
        TreeMap<String, List<Example>> copied = new TreeMap<>();
        examples.forEach((rule, list) -> copied.put(rule, List.copyOf(list)));
        return new Snapshot(new TreeMap<>(counts), copied);
    }

    /** Enters what became of a row. */
    public void add(Outcome outcome) {
        if (outcome.row().row() < 0) {
            count(LOST, 1);
            if (outcome.verdict() instanceof Verdict.Drop drop) {
                example(LOST, new Example(outcome.row().source(), -1, "", drop.detail(), ""));
            }
            return;
        }
        count("documents", 1);
        count("bytes", outcome.textBytes());
        switch (outcome.verdict()) {
            case Verdict.Keep _ -> kept(outcome);
            case Verdict.Edit edit -> {
                count("edited." + edit.rule(), 1);
                count("edited_bytes_removed", outcome.textBytes() - outcome.keptBytes());
                kept(outcome);
            }
            case Verdict.Drop drop -> dropped(outcome.row(), drop);
        }
        if (outcome.row() instanceof Row.Document document) {
            count("empty_texts", document.text().isEmpty() ? 1 : 0);
            count("repaired_texts", document.encoding() == Row.Encoding.REPAIRED ? 1 : 0);
        }
        outcome.signs().forEach(sign -> count(sign, 1));
    }

    private void kept(Outcome outcome) {
        count("kept_documents", 1);
        count("kept_bytes", outcome.keptBytes());
        count("tokens", outcome.tokens().length);
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(outcome.tokens().length - 1);
        count(String.format(Locale.ROOT, "length.%02d", bits), 1);
    }

    private void dropped(Row row, Verdict.Drop drop) {
        count("dropped." + drop.rule(), 1);
        example(drop.rule(), new Example(row.source(), row.row(), row.id().orElse(""), drop.detail(), beginning(row)));
    }

    private void example(String rule, Example example) {
        List<Example> list = examples.computeIfAbsent(rule, _ -> new ArrayList<>());
        if (list.size() < (rule.equals(LOST) ? LOSSES : EXAMPLES)) {
            list.add(example);
        }
    }

    private static String beginning(Row row) {
        if (!(row instanceof Row.Document document)) {
            return "";
        }
        String text = document.text();
        if (text.length() <= EXAMPLE_LENGTH) {
            return text;
        }
        boolean inPair = Character.isHighSurrogate(text.charAt(EXAMPLE_LENGTH - 1));
        return text.substring(0, EXAMPLE_LENGTH - (inPair ? 1 : 0)) + "…";
    }

    void count(String key, long amount) {
        if (amount != 0) {
            counts.merge(key, amount, Long::sum);
        }
    }
}
