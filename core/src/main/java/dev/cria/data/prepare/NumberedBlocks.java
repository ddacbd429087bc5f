package dev.cria.data.prepare;

import dev.cria.data.source.Block;
import dev.cria.data.source.Blocks;
import java.util.Iterator;

/** Blocks with their numbers, from the first one that was not done before. */
final class NumberedBlocks implements Iterator<NumberedBlocks.Numbered> {

    record Numbered(long number, Block block) {}

    private final Blocks blocks;
    private long number;

    NumberedBlocks(Blocks blocks, long done, Rate rate) {
        this.blocks = blocks;
        for (; number < done && blocks.hasNext(); number++) {
            rate.skip(blocks.next().bytes());
        }
    }

    @Override
    public boolean hasNext() {
        return blocks.hasNext();
    }

    @Override
    public Numbered next() {
        return new Numbered(number++, blocks.next());
    }
}
