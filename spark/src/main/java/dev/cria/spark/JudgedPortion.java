package dev.cria.spark;

import dev.cria.data.prepare.Curation;
import dev.cria.data.source.Block;
import java.util.Iterator;
import java.util.Optional;

/**
 * A portion's blocks, judged and tokenised one at a time as they are asked for.
 *
 * @param findings of the scan, block by block, where there was one
 * @param documentsBefore how many documents lie before each portion, where there was a scan
 */
record JudgedPortion(
        Curation curation, Iterator<Block> blocks, Optional<Iterator<BlockFindings>> findings, long[] documentsBefore)
        implements Iterator<JudgedBlock> {

    @Override
    public boolean hasNext() {
        return blocks.hasNext();
    }

    @Override
    public JudgedBlock next() {
        return BlockWork.judge(curation, blocks.next(), findings.map(Iterator::next), documentsBefore);
    }
}
