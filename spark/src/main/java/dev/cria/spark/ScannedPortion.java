package dev.cria.spark;

import dev.cria.data.prepare.Curation;
import dev.cria.data.source.Block;
import java.util.Iterator;

/** A portion's blocks, filtered and hashed one at a time as they are asked for. */
final class ScannedPortion implements Iterator<ScannedBlock> {
    private final Curation curation;
    private final Iterator<Block> blocks;
    private long next;

    ScannedPortion(Curation curation, int portion, Iterator<Block> blocks) {
        this.curation = curation;
        this.blocks = blocks;
        this.next = DocumentNumber.of(portion, 0);
    }

    @Override
    public boolean hasNext() {
        return blocks.hasNext();
    }

    @Override
    public ScannedBlock next() {
        ScannedBlock block = BlockWork.scan(curation, blocks.next(), next);
        next += block.documents();
        return block;
    }
}
