package dev.cria.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import scala.Tuple2;

/** Cuts a portion's tokens where shards end, and tells of each run where in the whole stream it begins. */
final class ShardRuns implements Iterator<Tuple2<Long, byte[]>> {
    private final Iterator<JudgedBlock> blocks;
    private final long shardTokens;
    private final int tokenBytes;
    private long at;
    private Iterator<Tuple2<Long, byte[]>> runs = Collections.emptyIterator();

    /**
     * Begins a portion.
     *
     * @param begin how many tokens lie before the portion
     */
    ShardRuns(Iterator<JudgedBlock> blocks, long begin, long shardTokens, int tokenBytes) {
        this.blocks = blocks;
        this.at = begin;
        this.shardTokens = shardTokens;
        this.tokenBytes = tokenBytes;
    }

    @Override
    public boolean hasNext() {
        while (!runs.hasNext() && blocks.hasNext()) {
            runs = cut(blocks.next().tokens());
        }
        return runs.hasNext();
    }

    private Iterator<Tuple2<Long, byte[]>> cut(byte[] tokens) {
        List<Tuple2<Long, byte[]>> cut = new ArrayList<>();
        int from = 0;
        while (from < tokens.length) {
            long room = (shardTokens - at % shardTokens) * tokenBytes;
            int to = (int) Math.min(tokens.length, from + room);
            cut.add(new Tuple2<>(at, Arrays.copyOfRange(tokens, from, to)));
            at += (to - from) / tokenBytes;
            from = to;
        }
        return cut.iterator();
    }

    @Override
    public Tuple2<Long, byte[]> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return runs.next();
    }
}
