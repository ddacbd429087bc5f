package dev.cria.spark;

import dev.cria.data.prepare.Curation.Finding;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import scala.Tuple2;

/**
 * What is known of a block's documents before they are judged.
 *
 * @param findings for each document what the filters said
 * @param firsts for each document the first one of its cluster, -1 for one that is no duplicate
 */
record BlockFindings(Finding[] findings, long[] firsts) implements Serializable {

    /** Puts a portion's duplicates, sorted, beside its scanned blocks. */
    static Iterator<BlockFindings> of(Iterator<ScannedBlock> blocks, Iterator<Tuple2<Long, Long>> duplicates) {
        return new Iterator<>() {
            private long[] next = take();

            private long[] take() {
                if (!duplicates.hasNext()) {
                    return new long[] {Long.MAX_VALUE, -1};
                }
                Tuple2<Long, Long> pair = duplicates.next();
                return new long[] {pair._1(), pair._2()};
            }

            @Override
            public boolean hasNext() {
                return blocks.hasNext();
            }

            @Override
            public BlockFindings next() {
                ScannedBlock block = blocks.next();
                long[] firsts = new long[block.documents()];
                Arrays.fill(firsts, -1);
                for (; next[0] < block.first() + block.documents(); next = take()) {
                    firsts[(int) (next[0] - block.first())] = next[1];
                }
                return new BlockFindings(block.findings(), firsts);
            }
        };
    }
}
