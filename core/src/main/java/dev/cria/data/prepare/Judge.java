package dev.cria.data.prepare;

import dev.cria.data.source.Block;
import dev.cria.data.source.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides what becomes of each row of a block, and tokenises what stays. A pure function of the block, for workers.
 *
 * @param scanned what the scan for duplicates found, where there was one
 */
record Judge(Curation curation, Optional<Scan.Findings> scanned) {

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
        if (scanned.isEmpty() || !(row instanceof Row.Document document)) {
            return curation.judge(row);
        }
        int first = scanned.get().duplicates().firstOf(number);
        return first == number
                ? curation.judge(row, scanned.get().findingOf(number))
                : curation.duplicate(document, "document " + first);
    }
}
