package dev.cria.data.prepare;

import dev.cria.data.dedup.Duplicates;
import dev.cria.data.filter.Verdict;
import dev.cria.data.source.Block;
import dev.cria.data.source.Row;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides what becomes of each row of a block, and tokenises what stays. A pure function of the block, for workers.
 *
 * @param scanned what the scan for duplicates found, where there was one
 */
record Judge(PrepareRequest request, Optional<Scan.Findings> scanned) {

    List<Outcome> judge(long blockNumber, Block block) {
        List<Outcome> outcomes = new ArrayList<>();
        int first = scanned.map(s -> s.firstDocumentOf(blockNumber)).orElse(0);
        int[] documents = {0};
        block.reader().read(row -> {
            outcomes.add(judge(row, first + documents[0]));
            documents[0] += row.row() >= 0 ? 1 : 0;
        });
        return outcomes;
    }

    private Outcome judge(Row row, int number) {
        return switch (row) {
            case Row.Document document -> judge(document, number);
            case Row.WithoutText _ -> Outcome.dropped(row, new Verdict.Drop("no_text", "the text is null"), 0);
            case Row.Unreadable unreadable -> {
                if (request.badRows() == BadRows.REFUSE) {
                    throw unreadable.refusal();
                }
                yield Outcome.dropped(
                        row,
                        new Verdict.Drop(
                                "unreadable",
                                String.valueOf(unreadable.refusal().getMessage())),
                        0);
            }
        };
    }

    private Outcome judge(Row.Document document, int number) {
        long bytes = utf8Length(document.text());
        Verdict verdict = verdict(document, number);
        if (verdict instanceof Verdict.Drop drop) {
            return Outcome.dropped(document, drop, bytes);
        }
        String text = verdict instanceof Verdict.Edit edit ? edit.text() : document.text();
        List<String> signs = new ArrayList<>(FormatCensus.markersIn(text));
        if (request.contamination().isPresent()) {
            Contamination contamination = request.contamination().get();
            List<String> tasks = contamination.tasksIn(text);
            tasks.forEach(task -> signs.add(Contamination.SIGN + task));
            if (!tasks.isEmpty() && contamination.policy() == Contamination.Policy.DROP) {
                return Outcome.dropped(document, new Verdict.Drop("contaminated", String.join(", ", tasks)), bytes);
            }
        }
        return new Outcome(document, verdict, tokens(text), bytes, utf8Length(text), signs);
    }

    private Verdict verdict(Row.Document document, int number) {
        if (scanned.isEmpty()) {
            return request.filters().judge(document);
        }
        Scan.Findings findings = scanned.get();
        Duplicates duplicates = findings.duplicates();
        if (duplicates.firstOf(number) != number) {
            return new Verdict.Drop("duplicate", "of document " + duplicates.firstOf(number));
        }
        return findings.isKeptAsItIs(number) ? Verdict.KEEP : request.filters().judge(document);
    }

    private int[] tokens(String text) {
        int[] ids = request.tokenizer().encode(text);
        int[] tokens = new int[ids.length + 1];
        tokens[0] = request.tokenizer().endOfText().orElseThrow();
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
}
