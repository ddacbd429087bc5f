package dev.cria.spark;

import dev.cria.data.prepare.Curation;
import dev.cria.data.prepare.Curation.Finding;
import dev.cria.data.prepare.Outcome;
import dev.cria.data.prepare.Tally;
import dev.cria.data.source.Block;
import dev.cria.data.source.Row;
import dev.cria.format.NpyType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a task does with one block: the curation's functions of each row, in order. */
final class BlockWork {
    private BlockWork() {}

    /** Filters a block's rows and hashes what stays. */
    static ScannedBlock scan(Curation curation, Block block, long first) {
        List<Curation.Scanned> rows = new ArrayList<>();
        block.reader().read(row -> {
            Curation.Scanned scanned = curation.scan(row);
            if (row.row() >= 0) {
                rows.add(scanned);
            }
        });
        Finding[] findings = new Finding[rows.size()];
        long[][] keys = new long[rows.size()][];
        for (int i = 0; i < findings.length; i++) {
            findings[i] = rows.get(i).finding();
            keys[i] = rows.get(i).keys();
        }
        return new ScannedBlock(first, findings, keys);
    }

    /**
     * Judges a block's rows and tokenises what stays.
     *
     * @param findings of the scan, where there was one
     * @param documentsBefore how many documents lie before each portion, where there was a scan
     */
    static JudgedBlock judge(Curation curation, Block block, Optional<BlockFindings> findings, long[] documentsBefore) {
        Tally tally = new Tally(Tally.Snapshot.EMPTY);
        List<int[]> tokens = new ArrayList<>();
        int[] documents = {0};
        block.reader().read(row -> {
            Outcome outcome = findings.isEmpty()
                    ? curation.judge(row)
                    : judge(curation, row, findings.get(), documents[0], documentsBefore);
            documents[0] += row.row() >= 0 ? 1 : 0;
            tally.add(outcome);
            if (outcome.kept()) {
                tokens.add(outcome.tokens());
            }
        });
        return new JudgedBlock(bytes(tokens, curation.tokenizer().vocabularySize()), tally.snapshot());
    }

    private static Outcome judge(
            Curation curation, Row row, BlockFindings findings, int document, long[] documentsBefore) {
        if (!(row instanceof Row.Document text)) {
            return curation.judge(row);
        }
        long first = findings.firsts()[document];
        if (first < 0) {
            return curation.judge(row, findings.findings()[document]);
        }
        long number = documentsBefore[DocumentNumber.portion(first)] + DocumentNumber.place(first);
        return curation.duplicate(text, "document " + number);
    }

    private static byte[] bytes(List<int[]> tokens, int vocabulary) {
        NpyType type = NpyType.forVocabulary(vocabulary);
        int count = tokens.stream().mapToInt(t -> t.length).reduce(0, Math::addExact);
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.multiplyExact(count, type.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        for (int[] document : tokens) {
            for (int token : document) {
                type.put(token, bytes);
            }
        }
        return bytes.array();
    }
}
